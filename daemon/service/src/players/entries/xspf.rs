//! XSPF: the locations of its tracks, read as XML. <https://www.xspf.org/spec>

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesRef, Event},
};

use super::format::{Entries, Entry, length, shown};

/// What of a track is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Location,
    Title,
    Creator,
    /// In milliseconds.
    Duration,
}

/// A track as far as it was read.
#[derive(Default)]
struct Track {
    /// The first that has a text: others are the same elsewhere.
    location: String,
    title: String,
    creator: String,
    duration: String,
}

/// Reads the tracks. Of a file that is broken, those in front of the break.
pub(super) fn read(xml: &str, entries: &mut Entries) {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut track: Option<Track> = None;
    let mut field: Option<(Field, String)> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                b"track" => track = Some(Track::default()),
                b"location" => field = Some((Field::Location, String::new())),
                b"title" => field = Some((Field::Title, String::new())),
                b"creator" => field = Some((Field::Creator, String::new())),
                b"duration" => field = Some((Field::Duration, String::new())),
                _ => {}
            },
            Ok(Event::Text(text)) => {
                if let Some((_, so_far)) = &mut field {
                    so_far.push_str(
                        &text
                            .xml_content(XmlVersion::Implicit1_0)
                            .unwrap_or_default(),
                    );
                }
            }
            Ok(Event::CData(text)) => {
                if let Some((_, so_far)) = &mut field {
                    so_far.push_str(
                        &text
                            .xml_content(XmlVersion::Implicit1_0)
                            .unwrap_or_default(),
                    );
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                if let Some((_, so_far)) = &mut field {
                    so_far.push_str(&meant(&reference));
                }
            }
            Ok(Event::End(tag)) => match tag.local_name().as_ref() {
                b"track" => entries.push(track.take().map(Track::entry).unwrap_or_default()),
                b"location" | b"title" | b"creator" | b"duration" => {
                    if let (Some(track), Some((field, text))) = (&mut track, field.take()) {
                        track.take_in(field, text.trim());
                    }
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
}

impl Track {
    fn take_in(&mut self, field: Field, text: &str) {
        let place = match field {
            Field::Location => &mut self.location,
            Field::Title => &mut self.title,
            Field::Creator => &mut self.creator,
            Field::Duration => &mut self.duration,
        };
        if place.is_empty() {
            text.clone_into(place);
        }
    }

    fn entry(self) -> Entry {
        let title = if self.creator.is_empty() || self.title.is_empty() {
            self.title
        } else {
            format!("{} - {}", self.creator, self.title)
        };
        Entry {
            text: self.location.into_bytes(),
            encoded: true,
            title: shown(&title),
            length: length(self.duration.parse().unwrap_or(0.0) / 1000.0),
        }
    }
}

/// What `&amp;` or `&#38;` means; one that nobody knows stays as it is written.
fn meant(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.into();
    }
    let name = reference.decode().unwrap_or_default();
    resolve_xml_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::format::Kind;

    fn locations(tracks: &str) -> Vec<String> {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\"><title>T</title><location>file:///self.xspf</location><trackList>{tracks}</trackList></playlist>"
        );
        let entries = Kind::Xspf.entries(xml.as_bytes(), 100).kept;
        let text = |entry: &super::Entry| String::from_utf8(entry.text.clone()).unwrap();
        entries.iter().map(text).collect()
    }

    #[test]
    fn locations_are_read_however_xml_lets_them_be_written() {
        let one = |inside: &str| {
            let found = locations(&format!("<track>{inside}</track>"));
            assert_eq!(found.len(), 1, "{inside}");
            found[0].clone()
        };
        assert_eq!(one("<location>a%20b&amp;c.ogg</location>"), "a%20b&c.ogg");
        assert_eq!(one("<location>a&#38;b&#x20AC;</location>"), "a&b€");
        assert_eq!(
            one("<location><![CDATA[file:///a & b]]></location>"),
            "file:///a & b"
        );
        assert_eq!(
            one("<location xml:space=\"preserve\">\n x </location>"),
            "x"
        );
        assert_eq!(one("<x:location xmlns:x=\"y\">x</x:location>"), "x");
        assert_eq!(
            one("<location>a</location><location>b</location>"),
            "a",
            "the second is the same elsewhere"
        );
        assert_eq!(one("<location>a&what;b & c</location>"), "a&what;b & c");
    }

    #[test]
    fn what_is_commented_out_or_has_no_location_is_no_track() {
        assert_eq!(
            locations(
                "<!-- <track><location>no</location></track> --><track/><track><title>x</title></track><track><location>yes</location></track>"
            ),
            ["yes"]
        );
    }

    #[test]
    fn a_file_that_is_cut_off_has_the_tracks_in_front() {
        let cut =
            b"<playlist><trackList><track><location>a</location></track><track><location>b</loc";
        let entries = Kind::Xspf.entries(cut, 9);
        assert_eq!(entries.count, 1);
    }

    #[test]
    fn titles_and_lengths_come_along() {
        let xml = b"<track><location>a</location><creator>A</creator><title>T</title><duration>1500</duration></track>";
        let entry = Kind::Xspf.entries(xml, 9).kept.remove(0);
        assert_eq!(entry.title, "A - T");
        assert_eq!(entry.length.unwrap().as_millis(), 1500);
    }
}
