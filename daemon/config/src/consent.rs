//! Reads one thing even out of a file that is broken: that the user took back the yes to the camera.

/// Whether `text` says `enabled = false` under `[camera]`, however wrong the rest of it is.
///
/// A broken file leaves the last good configuration in force; but a no to the camera must count at
/// once, also when it was written together with a typing error.
#[must_use]
pub fn says_camera_off(text: &str) -> bool {
    let mut in_camera = false;
    let mut off = false;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        if bare.starts_with('[') {
            in_camera = bare == "[camera]";
        } else if bare == "camera.enabled=false" || (in_camera && bare == "enabled=false") {
            off = true;
        }
    }
    off
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_counts_in_a_broken_file() {
        assert!(says_camera_off(
            "[camera\n[camera]\nenabled = false # no\nintervall = 3"
        ));
        assert!(says_camera_off("camera.enabled=false\n]]"));
        assert!(!says_camera_off(
            "[camera]\nenabled = true\n[[rule]]\nenabled = false"
        ));
        assert!(!says_camera_off("[camera]\n# enabled = false"));
        assert!(!says_camera_off(""));
    }
}
