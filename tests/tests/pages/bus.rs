//! The manual page of the interfaces on the bus, from the proxies and their comments. A test of its own
//! compares the proxies with what the service really serves.

use std::fs;

use moodlark_tests::rig;

use crate::roff::Page;

/// A property, method or signal.
#[derive(Debug, Default)]
struct Member {
    kind: &'static str,
    name: String,
    /// Name and D-Bus signature.
    arguments: Vec<(String, &'static str)>,
    answer: &'static str,
    writable: bool,
    text: String,
}

fn source(name: &str) -> String {
    fs::read_to_string(rig::root().join("daemon/api/src").join(name)).unwrap()
}

pub(crate) fn page() -> String {
    let about = "the service Moodlark on the session bus";
    let mut page = Page::new(moodlark_api::BUS_NAME, 7, about);
    page.section("Description");
    for paragraph in comment("//!", &source("lib.rs")).split("\n\n").skip(1) {
        let paragraph = plain(paragraph);
        match paragraph.split_once('\n') {
            Some((title, text)) if title.starts_with("# ") => {
                page.part(&title[2..]);
                page.prose(text);
            }
            _ => page.paragraph(&paragraph),
        }
    }
    page.part("Names");
    page.entry("Bus name", &format!("`{}`", moodlark_api::BUS_NAME));
    page.entry("Object", &format!("`{}`", moodlark_api::OBJECT_PATH));
    let proxies = source("proxies.rs");
    for trait_ in proxies.split("#[proxy(").skip(1) {
        interface(&mut page, trait_, &proxies);
    }
    page.section("Errors");
    page.prose("Each is a name under `org.moodlark.Error` with a sentence.");
    for (name, text) in errors() {
        page.entry(&format!("`{name}`"), &plain(&text));
    }
    page.section("Examples");
    let (name, path) = (moodlark_api::BUS_NAME, moodlark_api::OBJECT_PATH);
    page.example([
        format!("busctl --user get-property {name} {path} \\").as_str(),
        "    org.moodlark.Mood1 Label",
        format!("busctl --user call {name} {path} \\").as_str(),
        "    org.moodlark.Music1 Apply s happy",
        format!("busctl --user monitor {name}").as_str(),
    ]);
    page.section("See also");
    page.prose("**moodlark**(1),\n**moodlarkd**(8),\n**busctl**(1)");
    page.text()
}

fn interface(page: &mut Page, text: &str, all: &str) {
    let (_, name) = text.split_once("interface = \"").unwrap();
    let (name, rest) = name.split_once('"').unwrap();
    page.section(name);
    // The interface's own comment stands before the attribute.
    let before = all
        .split(&format!("interface = \"{name}\""))
        .next()
        .unwrap();
    let before: Vec<_> = before
        .lines()
        .rev()
        .skip(1)
        .take_while(|line| line.starts_with("///"))
        .collect();
    let about: Vec<_> = before.into_iter().rev().collect();
    page.prose(&plain(&comment("///", &about.join("\n"))));
    let (_, body) = rest.split_once('{').unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let members = members(body);
    for (kind, title) in [
        ("property", "Properties"),
        ("method", "Methods"),
        ("signal", "Signals"),
    ] {
        let mut some = members
            .iter()
            .filter(|member| member.kind == kind)
            .peekable();
        if some.peek().is_some() {
            page.part(title);
        }
        for member in some {
            page.entry(&head(member), &plain(&member.text));
        }
    }
}

/// How a member is called: name, arguments, what it answers with.
fn head(member: &Member) -> String {
    let arguments: Vec<_> = member
        .arguments
        .iter()
        .map(|(name, signature)| format!("{signature} {name}"))
        .collect();
    match member.kind {
        "property" => {
            let access = if member.writable {
                "read, write"
            } else {
                "read"
            };
            format!("`{}` ({}, {access})", member.name, member.answer)
        }
        "method" if !member.answer.is_empty() => {
            format!(
                "`{}`({}) → {}",
                member.name,
                arguments.join(", "),
                member.answer
            )
        }
        _ => format!("`{}`({})", member.name, arguments.join(", ")),
    }
}

fn members(body: &str) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    let (mut text, mut kind, mut code) = (String::new(), "method", String::new());
    for line in body.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            text += comment.trim_start();
            text += "\n";
        } else if line.starts_with("#[zbus(property") {
            kind = "property";
        } else if line.starts_with("#[zbus(signal") {
            kind = "signal";
        } else {
            code += line;
            code += " ";
            if !line.ends_with(';') {
                continue;
            }
            let member = member(&code, kind, std::mem::take(&mut text));
            match members
                .iter_mut()
                .find(|other| other.kind == "property" && other.name == member.name)
            {
                Some(property) => property.writable = true,
                None => members.push(member),
            }
            (kind, code) = ("method", String::new());
        }
    }
    members
}

/// From `fn set_rule_enabled(&self, name: &str, enabled: bool) -> Result<(), Error>;`.
fn member(code: &str, kind: &'static str, text: String) -> Member {
    let (name, rest) = code
        .trim()
        .strip_prefix("fn ")
        .unwrap()
        .split_once('(')
        .unwrap();
    let (arguments, answer) = rest.rsplit_once("->").unwrap();
    let arguments = arguments.trim().trim_end_matches(')').trim();
    let name = name
        .strip_prefix("set_")
        .filter(|_| kind == "property")
        .unwrap_or(name);
    Member {
        kind,
        name: camel(name),
        arguments: split(arguments)
            .into_iter()
            .filter_map(|argument| argument.split_once(':'))
            .map(|(name, kind)| (name.trim().to_owned(), signature(kind.trim())))
            .collect(),
        answer: signature(answer.trim().trim_end_matches(';').trim()),
        writable: false,
        text,
    }
}

/// At the commas that are not inside of anything.
fn split(arguments: &str) -> Vec<&str> {
    let mut depth = 0;
    arguments
        .split(|c| {
            depth += match c {
                '<' => 1,
                '>' => -1,
                _ => 0,
            };
            c == ',' && depth == 0
        })
        .collect()
}

fn signature(kind: &str) -> &'static str {
    let inner = kind
        .strip_prefix("zbus::Result<")
        .and_then(|rest| rest.strip_suffix('>'))
        .or_else(|| {
            kind.strip_prefix("Result<")
                .and_then(|rest| rest.strip_suffix(", Error>"))
        })
        .unwrap_or(kind);
    match inner {
        "()" => "",
        "bool" => "b",
        "u32" => "u",
        "i64" => "x",
        "f64" => "d",
        "String" | "&str" => "s",
        "Dict" => "a{sv}",
        "Vec<Dict>" => "aa{sv}",
        "std::collections::HashMap<String, f64>" => "a{sd}",
        other => panic!("what {other} is on the bus is not known here"),
    }
}

/// `paused_until` → `PausedUntil`.
fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

fn errors() -> Vec<(String, String)> {
    let source = source("error.rs");
    let (_, body) = source.split_once("pub enum Error {").unwrap();
    let mut errors = Vec::new();
    let mut text = String::new();
    for line in body.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            text += comment.trim_start();
        } else if let Some(name) = line.strip_suffix("(String),") {
            errors.push((name.to_owned(), std::mem::take(&mut text)));
        } else if line.ends_with("),") {
            text.clear();
        }
    }
    errors
}

/// The text of a comment's lines.
fn comment(mark: &str, text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix(mark));
    lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Links of the code's documentation as names on the bus.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        let (link, after) = after.split_once("`]").unwrap();
        out += before;
        out += &match link.split_once("::") {
            _ if link == "BUS_NAME" => format!("`{}`", moodlark_api::BUS_NAME),
            _ if link == "OBJECT_PATH" => format!("`{}`", moodlark_api::OBJECT_PATH),
            Some((proxy, member)) => {
                format!("`{}.{}`", proxy.trim_end_matches("Proxy"), camel(member))
            }
            None => format!("`{}`", link.trim_end_matches("Proxy")),
        };
        rest = after;
    }
    // What says where to look in the code says nothing here.
    (out + rest).replace(" (see `error`)", "")
}
