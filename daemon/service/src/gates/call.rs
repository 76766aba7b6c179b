//! Whether a microphone is being recorded, as in a call, by the sound cards' own word. Asked before a
//! look: ALSA tells nobody when a recording begins. What comes over Bluetooth has no sound card.

use std::{fs, path::Path};

/// The sound cards' files.
pub(super) const CARDS: &str = "/proc/asound";

/// Which card and device record, if any: `card0/pcm0c`.
pub(super) fn recording(cards: &Path) -> Option<String> {
    let folders = |folder: &Path, begins: &str| {
        let mut found: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(begins))
            })
            .collect();
        found.sort();
        found
    };
    for card in folders(cards, "card") {
        for device in folders(&card, "pcm") {
            // pcm0c captures, pcm0p plays.
            if !device.to_string_lossy().ends_with('c') {
                continue;
            }
            let runs = folders(&device, "sub").into_iter().any(|sub| {
                fs::read_to_string(sub.join("status"))
                    .is_ok_and(|status| status.lines().any(|line| line == "state: RUNNING"))
            });
            if runs {
                let name = device.strip_prefix(cards).unwrap_or(&device);
                return Some(name.display().to_string());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(cards: &Path, name: &str, status: &str) {
        let sub = cards.join(name).join("sub0");
        fs::create_dir_all(&sub).unwrap();
        fs::write(sub.join("status"), status).unwrap();
    }

    #[test]
    fn a_microphone_that_records_is_a_call_and_a_loudspeaker_is_not() {
        let cards = tempfile::tempdir().unwrap();
        let running = "state: RUNNING\nowner_pid   : 812\n";
        assert_eq!(recording(cards.path()), None);
        device(cards.path(), "card0/pcm0p", running);
        device(cards.path(), "card0/pcm0c", "closed\n");
        assert_eq!(recording(cards.path()), None);
        device(cards.path(), "card1/pcm2c", running);
        assert_eq!(recording(cards.path()).as_deref(), Some("card1/pcm2c"));
        assert_eq!(recording(Path::new("/nowhere")), None);
    }
}
