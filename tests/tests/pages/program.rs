//! A program's manual page, from its table of commands and options.

use clap::{Arg, Command};

use crate::roff::Page;

/// A program and what its table doesn't say.
pub(crate) struct Program {
    pub(crate) command: Command,
    pub(crate) section: u8,
    /// Path and meaning.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// Other pages.
    pub(crate) see: &'static str,
}

impl Program {
    pub(crate) fn name(&self) -> &str {
        self.command.get_name()
    }

    pub(crate) fn page(&self) -> String {
        let mut command = self.command.clone();
        command.build();
        let whole = command.get_long_about().or(command.get_about());
        let whole = sentence(&whole.map(ToString::to_string).unwrap_or_default());
        // The name's line has room for one sentence.
        let first = whole
            .split_once(['.', '\n'])
            .map_or(&*whole, |(first, _)| first);
        let mut letters = first.chars();
        let small = letters
            .next()
            .map(|letter| letter.to_lowercase().to_string())
            .unwrap_or_default();
        let mut page = Page::new(self.name(), self.section, &(small + letters.as_str()));
        page.section("Synopsis");
        let usage = command.render_usage().to_string();
        page.prose(usage.trim_start_matches("Usage:").trim());
        page.section("Description");
        for paragraph in whole.split("\n\n") {
            page.paragraph(paragraph);
        }
        page.section("Options");
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            page.entry(&tag(arg), &help(arg));
        }
        if command.has_subcommands() {
            page.section("Commands");
            commands(&mut page, &command, self.name());
        }
        if let Some(help) = command.get_after_help() {
            after(&mut page, &help.to_string(), true);
        }
        if !self.files.is_empty() {
            page.section("Files");
            for (path, text) in self.files {
                page.entry(&format!("`{path}`"), text);
            }
        }
        page.section("See also");
        let see: Vec<_> = self
            .see
            .split(", ")
            .filter_map(|other| other.split_once('('))
            .map(|(name, section)| format!("**{name}**({section}"))
            .collect();
        page.prose(&see.join(",\n"));
        page.text()
    }
}

/// Each command below `path`, and those below it.
fn commands(page: &mut Page, command: &Command, path: &str) {
    for sub in command.get_subcommands() {
        if sub.is_hide_set() || sub.get_name() == "help" {
            continue;
        }
        let path = format!("{path} {}", sub.get_name());
        let own: Vec<&Arg> = sub
            .get_arguments()
            .filter(|arg| {
                !arg.is_hide_set()
                    && !arg.is_global_set()
                    && !matches!(arg.get_id().as_str(), "help" | "version")
            })
            .collect();
        let usage: Vec<String> = own.iter().map(|arg| usage(arg)).collect();
        page.part(format!("{path} {}", usage.join(" ")).trim_end());
        let about = sub.get_long_about().or(sub.get_about());
        page.prose(&sentence(
            &about.map(ToString::to_string).unwrap_or_default(),
        ));
        for arg in own {
            page.entry(&tag(arg), &help(arg));
        }
        if let Some(help) = sub.get_after_help() {
            after(page, &help.to_string(), false);
        }
        commands(page, sub, &path);
    }
}

/// The values that an argument takes, as they are shown.
fn values(arg: &Arg) -> String {
    let names = arg
        .get_value_names()
        .map(|names| names.iter().map(ToString::to_string).collect());
    let names: Vec<String> = names.unwrap_or_else(|| vec![arg.get_id().as_str().to_uppercase()]);
    let many = arg
        .get_num_args()
        .is_some_and(|range| range.max_values() > 1);
    format!("{}{}", names.join(" "), if many { "…" } else { "" })
}

/// As it stands in a line of usage.
fn usage(arg: &Arg) -> String {
    let text = match arg.get_long() {
        Some(long) if arg.get_action().takes_values() => format!("--{long} {}", values(arg)),
        Some(long) => format!("--{long}"),
        None => values(arg),
    };
    if arg.is_required_set() {
        text
    } else {
        format!("[{text}]")
    }
}

fn tag(arg: &Arg) -> String {
    let short = arg
        .get_short()
        .map(|short| format!("`-{short}`, "))
        .unwrap_or_default();
    match arg.get_long() {
        Some(long) if arg.get_action().takes_values() => {
            format!("{short}`--{long}` {}", values(arg))
        }
        Some(long) => format!("{short}`--{long}`"),
        None => format!("`{}`", values(arg)),
    }
}

/// The parser takes the last full stop away.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let ended = text.is_empty() || text.ends_with(['.', '!', '?', ')', ']']);
    format!("{text}{}", if ended { "" } else { "." })
}

fn help(arg: &Arg) -> String {
    let text = arg
        .get_long_help()
        .or(arg.get_help())
        .map(ToString::to_string);
    let mut text = sentence(&text.unwrap_or_default());
    if !arg.get_action().takes_values() {
        return text;
    }
    let possible: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({help})", value.get_name()),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !possible.is_empty() {
        text += &format!("\nOne of {}.", possible.join(", "));
    }
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !defaults.is_empty() {
        text += &format!("\nDefault: {}.", defaults.join(" "));
    }
    text
}

/// What stands after a command's help: paragraphs, and examples further in.
fn after(page: &mut Page, help: &str, sections: bool) {
    for block in help.split("\n\n") {
        let (title, rest) = match block.split_once('\n') {
            Some((title @ ("Example:" | "Examples:"), rest)) => (title, rest),
            _ => ("", block),
        };
        if !title.is_empty() {
            if sections {
                page.section(title.trim_end_matches(':'));
            } else {
                page.paragraph(title);
            }
            page.example(
                rest.lines()
                    .map(|line| line.strip_prefix("  ").unwrap_or(line)),
            );
        } else if let (true, Some(codes)) = (sections, rest.strip_prefix("Exit codes: ")) {
            page.section("Exit status");
            page.prose(codes);
        } else if sections {
            page.section("Output");
            page.prose(rest);
        } else {
            page.paragraph(rest);
        }
    }
}
