//! The page.

use std::{fmt::Write, time::Duration};

use crate::drive::Row;

const HEAD: &str = "\
# What each player can do

Written by `cargo build --workspace && cargo run -p moodlark-tests --example players`; not edited by hand.

Each player is some seconds into a track of one playlist; the service is told `Apply` of another one, then
`Undo`, then `Apply` of the one and the other by turns. Verified means that the player itself then tells that
it plays a track of that playlist. The time runs from the call of `Apply` over the bus to its answer: median
and range of those of 20 that were verified. One session a player, sound cards silent, a build of the dev
profile on whatever machine this was.

";

const PLAYED: &str = "
## Played

These could not be run; each is played by `tests/src/fakes.rs` as the real one was seen, reported or read to
behave. No times: they would be ours.

";

/// Rows: name, version, what came of it.
pub(crate) fn markdown(real: &[(String, String, Row)], played: &[(String, String, Row)]) -> String {
    let mut page = HEAD.to_owned();
    page += "| player | version | way | verified | from Apply to verified | undo brings back | and not |\n";
    page += "|---|---|---|---|---|---|---|\n";
    for (name, version, row) in real {
        let _ = writeln!(
            // to a text: cannot fail
            page,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            cell(version),
            way(row),
            verified(row),
            times(&row.times),
            cell(&row.restored.join(", ")),
            cell(&row.not_restored.join("; ")),
        );
    }
    if !played.is_empty() {
        page += PLAYED;
        page += "| player | way | verified | undo brings back | and not |\n|---|---|---|---|---|\n";
        for (name, _, row) in played {
            let _ = writeln!(
                page,
                "| {name} | {} | {} | {} | {} |",
                way(row),
                verified(row),
                cell(&row.restored.join(", ")),
                cell(&row.not_restored.join("; ")),
            );
        }
    }
    let said: Vec<_> = real
        .iter()
        .chain(played)
        .filter(|(.., row)| !row.said.is_empty())
        .collect();
    if !said.is_empty() {
        page += "\n## What the user is told where it does not go\n\n";
        for (name, _, row) in said {
            let _ = writeln!(page, "- {name}: {}", cell(&row.said));
        }
    }
    page
}

fn way(row: &Row) -> String {
    match row.route.as_str() {
        "" => "none".to_owned(),
        route => format!("`{route}`"),
    }
}

fn verified(row: &Row) -> String {
    match row.verified {
        (_, 0) => "–".to_owned(),
        (yes, all) if yes == all => "yes".to_owned(),
        (yes, all) => format!("{yes} of {all}"),
    }
}

fn times(times: &[Duration]) -> String {
    let (Some(least), Some(most)) = (times.first(), times.last()) else {
        return "–".to_owned();
    };
    format!(
        "{} ms ({}–{})",
        times[times.len() / 2].as_millis(),
        least.as_millis(),
        most.as_millis()
    )
}

/// Folders of one run are nobody's business, and no line may break the table.
fn cell(text: &str) -> String {
    let words =
        text.split_whitespace()
            .map(|word| match (word.find("file:///"), word.rfind('/')) {
                (Some(at), Some(last)) if last > at => {
                    format!("{}file:///…{}", &word[..at], &word[last..])
                }
                _ => word.to_owned(),
            });
    let line = words.collect::<Vec<_>>().join(" ").replace('|', "/");
    if line.is_empty() { "–".into() } else { line }
}
