//! The library drawn on the plane of valence and arousal: in the terminal, and as an SVG.
//!
//! Coordinates are ranks, −1..=1: each axis is as full at its ends as in its middle, so what shows is which music goes
//! together.

use std::{collections::BTreeMap, fmt::Write};

use moodlark_catalogue::tr;
use serde_json::Value;

use crate::{
    show::{Fields, Show, clean, items},
    terminal::Tone,
};

/// The terminal's picture in cells.
const COLUMNS: usize = 64;
const ROWS: usize = 21;
/// From few tracks in a cell to many.
const DOTS: [&str; 4] = ["·", "•", "●", "█"];

/// The SVG's plane, and the room around it, in pixels.
const SIDE: f64 = 900.0;
const EDGE: f64 = 50.0;
/// An artist's name at its size, and how wide a letter is at that size.
const NAME: f64 = 13.0;
const LETTER: f64 = 0.58 * NAME;
/// A name stands a little above its artist's middle, where a track may lie.
const RAISED: f64 = 8.0;
/// Names longer than this are cut.
const LONGEST: usize = 28;
/// More than so many names nobody reads.
const MOST_NAMES: usize = 90;

/// A track as a point.
struct Point {
    valence: f64,
    arousal: f64,
    artist: String,
    title: String,
}

fn points(tracks: &Value) -> Vec<Point> {
    let point = |track: Fields<'_>| {
        let at = |name| track.number(name).filter(|number| number.is_finite());
        Some(Point {
            valence: at("valence")?.clamp(-1.0, 1.0),
            arousal: at("arousal")?.clamp(-1.0, 1.0),
            artist: track.text("artist"),
            title: track.text("title"),
        })
    };
    items(tracks).filter_map(point).collect()
}

/// The picture for a terminal.
pub(crate) fn terminal(tracks: &Value, show: &Show) -> String {
    let points = points(tracks);
    if points.is_empty() {
        return tr!("Nothing was heard yet; `moodlark library scan` begins.\n");
    }
    let mut cells = vec![[0_usize; COLUMNS]; ROWS];
    for point in &points {
        cells[place(-point.arousal, ROWS)][place(point.valence, COLUMNS)] += 1;
    }
    let most = cells.iter().flatten().copied().max().unwrap_or(1).max(1);
    let mut text = format!("{}\n", centred(&tr!("lively"), COLUMNS));
    for (row, line) in cells.iter().enumerate() {
        let mut drawn = String::new();
        for (column, count) in line.iter().enumerate() {
            let axis = match (row == ROWS / 2, column == COLUMNS / 2) {
                (true, true) => "┼",
                (true, false) => "─",
                (false, true) => "│",
                (false, false) => " ",
            };
            drawn.push_str(&match count {
                0 => show.paint(Tone::Faint, axis),
                count => show.paint(Tone::Bar, DOTS[level(*count, most)]),
            });
        }
        text.push_str(drawn.trim_end());
        text.push('\n');
    }
    let _ = writeln!(text, "{}", centred(&tr!("calm"), COLUMNS)); // into a string
    let (dark, bright) = (tr!("← dark"), tr!("bright →"));
    let gap = COLUMNS.saturating_sub(dark.chars().count() + bright.chars().count());
    let _ = writeln!(text, "{dark}{}{bright}", " ".repeat(gap));
    let _ = writeln!(
        text,
        "{}",
        show.paint(
            Tone::Faint,
            &tr!(
                "{count} tracks by rank; {dot} is one track, {full} up to {most}",
                count = points.len(),
                dot = DOTS[0],
                full = DOTS[level(most, most)],
                most
            )
        )
    );
    text
}

/// −1..=1 → a cell.
// The product lies within 0..=cells.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]
fn place(coordinate: f64, cells: usize) -> usize {
    (((coordinate + 1.0) / 2.0 * cells as f64) as usize).min(cells - 1)
}

/// How dark a dot is: one track is the faintest, the fullest cell the darkest, and between them each step is as many times as
/// many tracks.
// Counts of tracks fit; the logarithms' ratio lies within 0..=1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]
fn level(count: usize, most: usize) -> usize {
    if most <= 1 {
        return 0;
    }
    let share = (count.max(1) as f64).ln() / (most as f64).ln();
    ((share * (DOTS.len() - 1) as f64).round() as usize).min(DOTS.len() - 1)
}

fn centred(text: &str, width: usize) -> String {
    let room = width.saturating_sub(text.chars().count()) / 2;
    format!("{}{text}", " ".repeat(room))
}

/// The picture as an SVG document.
pub(crate) fn svg(tracks: &Value) -> String {
    let points = points(tracks);
    let all = SIDE + 2.0 * EDGE;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {all} {all}" font-family="sans-serif">
<rect width="{all}" height="{all}" fill="#fdfdfb"/>
<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#ddd"/>
<path d="M{middle} {EDGE}V{end}M{EDGE} {middle}H{end}" stroke="#ddd"/>
"##,
        middle = all / 2.0,
        end = EDGE + SIDE
    );
    let radius = match points.len() {
        0..=200 => 5.0,
        201..=1500 => 3.5,
        _ => 2.2,
    };
    for point in &points {
        let (x, y) = at(point.valence, point.arousal);
        let _ = writeln!(
            svg,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{fill}" fill-opacity=".55"><title>{title}</title></circle>"#,
            fill = colour(point.valence, point.arousal),
            title = escaped(&[point.title.as_str(), point.artist.as_str()].join(" – ")),
        ); // into a string
    }
    for (x, y, name) in names(&points) {
        let name = escaped(&name);
        let place = format!(r#"x="{x:.1}" y="{y:.1}" font-size="{NAME}" text-anchor="middle""#);
        // A pale edge keeps a name readable on top of dots. It is a text of its own: `paint-order` is unknown to many renderers,
        // and without it the edge would lie over the name.
        let _ = writeln!(
            svg,
            r##"<text {place} fill="#fdfdfb" stroke="#fdfdfb" stroke-width="3">{name}</text><text {place} fill="#222">{name}</text>"##,
        );
    }
    let (middle, low) = (all / 2.0, EDGE + SIDE);
    for (x, y, turn, text) in [
        (middle, EDGE - 16.0, 0, tr!("lively")),
        (middle, low + 30.0, 0, tr!("calm")),
        (EDGE - 16.0, middle, -90, tr!("dark")),
        (low + 26.0, middle, -90, tr!("bright")),
    ] {
        let _ = writeln!(
            svg,
            r##"<text x="{x}" y="{y}" font-size="17" text-anchor="middle" fill="#666" transform="rotate({turn} {x} {y})">{}</text>"##,
            escaped(&text)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn at(valence: f64, arousal: f64) -> (f64, f64) {
    (
        EDGE + (valence + 1.0) / 2.0 * SIDE,
        EDGE + (1.0 - arousal) / 2.0 * SIDE,
    )
}

/// A colour for each quarter, told apart also by who sees no red: amber, violet, blue, teal.
const fn colour(valence: f64, arousal: f64) -> &'static str {
    match (valence >= 0.0, arousal >= 0.0) {
        (true, true) => "#e09f1f",
        (false, true) => "#8e44ad",
        (false, false) => "#2c5f9e",
        (true, false) => "#2a9d8f",
    }
}

/// Where artists are named: at the middle of their tracks, those with most tracks first, none over another.
fn names(points: &[Point]) -> Vec<(f64, f64, String)> {
    let mut artists: BTreeMap<&str, Vec<&Point>> = BTreeMap::new();
    for point in points.iter().filter(|point| !point.artist.is_empty()) {
        artists.entry(&point.artist).or_default().push(point);
    }
    let mut artists: Vec<_> = artists.into_iter().collect();
    artists.sort_by_key(|(name, tracks)| (std::cmp::Reverse(tracks.len()), *name));
    let mut placed: Vec<(f64, f64, f64)> = Vec::new(); // middle, baseline, half the width
    let mut names = Vec::new();
    for (artist, tracks) in artists {
        if names.len() == MOST_NAMES {
            break;
        }
        let (valence, arousal) = middle(&tracks);
        let name = cut(artist);
        let half = width(&name) / 2.0;
        let (x, y) = at(valence, arousal);
        let y = y - RAISED;
        let x = x.clamp(EDGE + half, EDGE + SIDE - half);
        let y = y.clamp(EDGE + NAME, EDGE + SIDE - NAME / 2.0);
        let free = placed.iter().all(|(px, py, reach)| {
            (px - x).abs() > reach + half + 4.0 || (py - y).abs() > NAME * 1.25
        });
        if free {
            placed.push((x, y, half));
            names.push((x, y, name));
        }
    }
    names
}

/// The middle of some tracks, coordinate by coordinate the median: an outlier drags nothing along.
fn middle(tracks: &[&Point]) -> (f64, f64) {
    let median = |of: fn(&Point) -> f64| {
        let mut sorted: Vec<f64> = tracks.iter().map(|point| of(point)).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    };
    (median(|point| point.valence), median(|point| point.arousal))
}

fn cut(name: &str) -> String {
    let name = clean(name);
    if name.chars().count() <= LONGEST {
        return name;
    }
    let kept: String = name.chars().take(LONGEST - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Roughly: letters of East Asia are twice as wide.
fn width(name: &str) -> f64 {
    name.chars()
        .map(|c| {
            if c >= '\u{1100}' {
                2.0 * LETTER
            } else {
                LETTER
            }
        })
        .sum()
}

fn escaped(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::show::tests::show;

    fn track(valence: f64, arousal: f64, artist: &str) -> Value {
        json!({ "valence": valence, "arousal": arousal, "artist": artist, "title": "<T & t>", "path": "/m" })
    }

    #[test]
    fn a_track_lies_where_it_should() {
        let lines = terminal(&json!([track(0.9, 0.9, "a")]), &show());
        let rows: Vec<&str> = lines.lines().collect();
        let found = rows.iter().position(|row| row.contains('·')).unwrap();
        assert!(found < ROWS / 3, "{lines}");
        let column = rows[found].chars().position(|c| c == '·').unwrap();
        assert!(column > COLUMNS * 2 / 3, "{lines}");
        assert!(rows.iter().all(|row| row.chars().count() <= COLUMNS));
        assert!(terminal(&json!([]), &show()).contains("scan"));
    }

    #[test]
    fn the_ends_of_the_plane_and_nonsense_are_drawn_or_left_out() {
        let all = json!([
            track(1.0, 1.0, ""),
            track(-1.0, -1.0, ""),
            track(f64::NAN, 0.0, ""),
            track(7.0, -7.0, "")
        ]);
        assert!(terminal(&all, &show()).contains("3 tracks"));
    }

    #[test]
    fn no_name_lies_over_another_and_none_sticks_out() {
        let tracks: Vec<Value> = (0..400)
            .map(|i| {
                let (v, a) = ((f64::from(i) * 0.37).sin(), (f64::from(i) * 0.73).cos());
                track(
                    v,
                    a,
                    &format!("Artist with a rather long name no. {}", i % 150),
                )
            })
            .collect();
        let points = points(&Value::from(tracks));
        let names = names(&points);
        assert!(names.len() > 10);
        for (i, (x, y, name)) in names.iter().enumerate() {
            let half = width(name) / 2.0;
            assert!(x - half >= EDGE - 0.1 && x + half <= EDGE + SIDE + 0.1);
            for (px, py, other) in &names[..i] {
                let apart = (px - x).abs() > half + width(other) / 2.0 || (py - y).abs() > NAME;
                assert!(apart, "{name} over {other}");
            }
        }
    }

    #[test]
    fn a_title_breaks_no_svg() {
        let drawn = svg(&json!([track(0.1, 0.2, "A & B <script>")]));
        assert!(drawn.contains("&lt;T &amp; t&gt;") && !drawn.contains("<script>"));
    }
}
