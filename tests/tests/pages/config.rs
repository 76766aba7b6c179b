//! The manual page of the configuration, from the file that ships: every option with its comment.

use crate::roff::Page;

pub(crate) fn page() -> String {
    let mut page = Page::new("moodlark.toml", 5, "the configuration of Moodlark");
    let text = moodlark_config::DEFAULT;
    let blocks: Vec<Vec<&str>> = text
        .split("\n\n")
        .map(|block| block.lines().collect::<Vec<_>>())
        .filter(|block| !block.is_empty())
        .collect();
    page.section("Synopsis");
    page.prose("`~/.config/moodlark/config.toml`");
    page.section("Description");
    page.paragraph("`moodlark config default` prints the file that this page is made from, and `moodlark config check` reads yours.");
    let mut options = false;
    let mut examples: Vec<&str> = Vec::new();
    for block in blocks {
        let mut lines = block.as_slice();
        if let Some(header) = lines.iter().position(|line| line.starts_with('[')) {
            if !options {
                page.section("Options");
                options = true;
            }
            page.part(lines[header]);
            // What stands above it is for all of its options.
            let words = |line: &&str| line.get(2..).unwrap_or_default().to_owned();
            let above: Vec<String> = lines[..header].iter().map(words).collect();
            if !above.is_empty() {
                page.prose(&above.join("\n"));
            }
            lines = &lines[header + 1..];
        }
        let is_comment = |line: &&&str| line.starts_with("# ") || **line == "#";
        let comment: Vec<&str> = lines
            .iter()
            .take_while(is_comment)
            .map(|line| line.get(2..).unwrap_or_default())
            .collect();
        let code: Vec<&str> = lines[comment.len()..]
            .iter()
            .map(|line| line.trim_start_matches('#'))
            .collect();
        if code.first().is_some_and(|line| line.starts_with("[[")) {
            if !examples.is_empty() {
                examples.push("");
            }
            examples.extend(code);
            continue;
        }
        flush(&mut page, &mut examples);
        let names = code.iter().filter_map(|line| line.split_once(" = "));
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        match names.as_slice() {
            [_, ..] => option(&mut page, &names.join("`, `"), &comment.join("\n")),
            [] if options => list(&mut page, &comment),
            [] => prelude(&mut page, &comment),
        }
    }
    flush(&mut page, &mut examples);
    page.section("Files");
    page.entry(
        "`~/.config/moodlark/config.toml`",
        "Or in `$XDG_CONFIG_HOME`. `moodlark config path` says where it is.",
    );
    page.section("See also");
    page.prose("**moodlark**(1),\n**moodlarkd**(8)");
    page.text()
}

fn flush(page: &mut Page, examples: &mut Vec<&str>) {
    if !examples.is_empty() {
        page.example(std::mem::take(examples));
    }
}

/// What stands before the first section.
fn prelude(page: &mut Page, lines: &[&str]) {
    for paragraph in lines
        .split(|line| line.is_empty())
        .filter(|lines| !lines.is_empty())
    {
        // The first line is for those who look at the file.
        if paragraph[0].starts_with("Moodlark's configuration") {
            continue;
        }
        page.paragraph(&paragraph.join("\n"));
    }
}

/// An option: its name, what it does, and then its unit, values and default on a line of their own.
fn option(page: &mut Page, name: &str, comment: &str) {
    let facts = ["Values: ", "Unit: ", "Default: "]
        .iter()
        .filter_map(|word| comment.find(word))
        .min();
    let (text, facts) = comment.split_at(facts.unwrap_or(comment.len()));
    page.entry(&format!("`{name}`"), text);
    if !facts.is_empty() {
        page.line_break();
        page.prose(facts.trim_end_matches(" An example:"));
    }
}

/// A list of tables: what it is, its keys, and what may stand for them.
fn list(page: &mut Page, lines: &[&str]) {
    let (title, _) = lines[0].split_once(':').unwrap();
    page.part(match title {
        "Playlists" => "[[playlist]]",
        "Rules" => "[[rule]]",
        "Quirks" => "[[player.quirk]]",
        other => panic!("a list that has no table here: {other}"),
    });
    let indented = |line: &&str| line.starts_with("  ");
    let from = lines.iter().position(indented).unwrap();
    let to = lines.iter().rposition(indented).unwrap() + 1;
    page.prose(&lines[..from].join("\n"));
    keys(page, &lines[from..to]);
    page.paragraph(lines[to..].join("\n").trim_end_matches(" Examples:"));
}

/// Where the first column of a line ends and the second begins.
fn columns(line: &str) -> Option<(usize, &str, &str)> {
    let text = line.trim_start();
    let (key, rest) = text.split_once("  ")?;
    Some((line.len() - text.len(), key, rest.trim_start()))
}

/// Two columns, perhaps with two more inside.
fn keys(page: &mut Page, lines: &[&str]) {
    let own = columns(lines[0]).unwrap().0;
    let mut at = 0;
    while at < lines.len() {
        let (_, key, first) = columns(lines[at]).unwrap();
        let end = (at + 1..lines.len())
            .find(|next| lines[*next].len() - lines[*next].trim_start().len() == own)
            .unwrap_or(lines.len());
        let below = &lines[at + 1..end];
        at = end;
        let value = |word: &str| word.starts_with(['"', '{']);
        if columns(first).is_some_and(|(_, word, _)| value(word)) {
            // The key's own line is the first of the columns inside.
            page.entry(&format!("`{key}`"), "One of:");
            let mut all = vec![first];
            all.extend(below.iter().map(|line| line.trim_start()));
            page.inside(|page| keys(page, &all));
        } else if let Some(inner) = below.iter().position(|line| columns(line).is_some()) {
            page.entry(
                &format!("`{key}`"),
                &[&[first], &below[..inner]].concat().join("\n"),
            );
            page.inside(|page| keys(page, &below[inner..]));
        } else {
            page.entry(&format!("`{key}`"), &[&[first], below].concat().join("\n"));
        }
    }
}
