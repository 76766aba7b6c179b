//! What the rules may ask about besides the mood: power, and running programs. Read when a
//! decision is due, from the kernel's own files; nothing polls.

use std::{collections::BTreeSet, fs, path::Path};

use moodlark_core::{policy::Surroundings, settings::Power};

/// Reads the power source, and which of `programs` run.
#[must_use]
pub fn read<'a>(programs: impl Iterator<Item = &'a str>) -> Surroundings {
    let wanted: BTreeSet<&str> = programs.collect();
    Surroundings {
        power: power(Path::new("/sys/class/power_supply")),
        programs: if wanted.is_empty() {
            Vec::new()
        } else {
            running(Path::new("/proc"), &wanted)
        },
    }
}

/// On battery if one discharges and no other supply is online. `None` if the kernel doesn't tell.
fn power(folder: &Path) -> Option<Power> {
    let Ok(supplies) = fs::read_dir(folder) else {
        return None;
    };
    let (mut online, mut discharging) = (false, false);
    for supply in supplies.filter_map(Result::ok) {
        let read = |name: &str| fs::read_to_string(supply.path().join(name)).unwrap_or_default();
        // A mouse's battery says nothing of the machine.
        if read("scope").trim() == "Device" {
            continue;
        }
        match read("type").trim() {
            "Mains" | "USB" | "USB_C" | "USB_PD" => {
                online |= read("online").trim() == "1";
            }
            "Battery" => discharging |= read("status").trim() == "Discharging",
            _ => {}
        }
    }
    Some(if discharging && !online {
        Power::Battery
    } else {
        Power::Mains
    })
}

/// Which of `wanted` run.
pub(crate) fn running(proc: &Path, wanted: &BTreeSet<&str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    let Ok(processes) = fs::read_dir(proc) else {
        return Vec::new();
    };
    for process in processes.filter_map(Result::ok) {
        if !process
            .file_name()
            .to_string_lossy()
            .bytes()
            .all(|b| b.is_ascii_digit())
        {
            continue;
        }
        // `comm` is cut at 15 bytes, and `exe` of others' processes cannot be read: try both.
        let exe = fs::read_link(process.path().join("exe")).ok();
        let exe = exe
            .as_deref()
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned());
        let comm = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        for name in [exe.as_deref().unwrap_or_default(), comm.trim_end()] {
            if wanted.contains(name) {
                found.insert(name.to_owned());
            }
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(folder: &Path, name: &str, files: &[(&str, &str)]) {
        fs::create_dir_all(folder.join(name)).unwrap();
        for (file, text) in files {
            fs::write(folder.join(name).join(file), text).unwrap();
        }
    }

    #[test]
    fn a_laptop_without_its_cable_is_on_battery() {
        let folder = tempfile::tempdir().unwrap();
        supply(
            folder.path(),
            "AC",
            &[("type", "Mains\n"), ("online", "0\n")],
        );
        supply(
            folder.path(),
            "BAT0",
            &[("type", "Battery\n"), ("status", "Discharging\n")],
        );
        assert_eq!(power(folder.path()), Some(Power::Battery));
        supply(folder.path(), "AC", &[("online", "1\n")]);
        assert_eq!(power(folder.path()), Some(Power::Mains));
    }

    #[test]
    fn a_desktop_with_a_wireless_mouse_is_on_mains() {
        let folder = tempfile::tempdir().unwrap();
        supply(
            folder.path(),
            "hidpp",
            &[
                ("type", "Battery\n"),
                ("status", "Discharging\n"),
                ("scope", "Device\n"),
            ],
        );
        assert_eq!(power(folder.path()), Some(Power::Mains));
        assert_eq!(power(Path::new("/nowhere")), None);
    }

    #[test]
    fn this_test_runs() {
        let exe = std::env::current_exe().unwrap();
        let name = exe.file_name().unwrap().to_string_lossy().into_owned();
        let wanted = BTreeSet::from([&*name, "surely-no-such-program"]);
        assert_eq!(
            running(Path::new("/proc"), &wanted),
            std::slice::from_ref(&name)
        );
    }
}
