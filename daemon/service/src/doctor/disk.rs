//! Whether there is room for the journal.

use std::path::Path;

use moodlark_api::Dict;

use moodlark_catalogue::tr;

use super::{Facts, check};

const MIB: u64 = 1 << 20;
/// What a year of history takes, and some more.
const A_YEAR: u64 = 32 * MIB;
/// Less than this and SQLite's own log may not fit.
const NOTHING: u64 = 4 * MIB;

pub(super) fn disk(facts: &Facts) -> Dict {
    let path = match &facts.journal {
        Ok((path, _)) => path.as_path(),
        Err(_) => facts.state_dir.as_path(),
    };
    // The folder may not be there yet: then the one that it goes into counts.
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.exists()) else {
        return check(
            "disk",
            "problem",
            tr!("{path} has no folder", path = path.display()),
            tr!("Make one."),
        );
    };
    let size = std::fs::metadata(path).map_or(0, |about| about.len());
    match rustix::fs::statvfs(folder) {
        Ok(found) => judge(found.f_bavail.saturating_mul(found.f_frsize), size, folder),
        Err(error) => {
            let finding = format!("{}: {error}", folder.display());
            check(
                "disk",
                "warning",
                &finding,
                tr!("Look at the folder's file system."),
            )
        }
    }
}

fn judge(free: u64, journal: u64, folder: &Path) -> Dict {
    let finding = tr!(
        "{free} MiB free in {folder}; the journal takes {taken} MiB",
        free = free / MIB,
        folder = folder.display(),
        taken = journal.div_ceil(MIB)
    );
    let advice = tr!(
        "Make room, or shorten `retention` under [history]. Without room nothing is remembered; the music goes on."
    );
    match free {
        0..NOTHING => check("disk", "problem", &finding, advice),
        NOTHING..A_YEAR => check("disk", "warning", &finding, advice),
        A_YEAR.. => check("disk", "ok", &finding, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_a_warning_and_none_a_problem() {
        for (free, level) in [(0, "problem"), (5 * MIB, "warning"), (64 * MIB, "ok")] {
            let dict = judge(free, 1, Path::new("/"));
            let found = String::try_from(dict["level"].try_clone().unwrap()).unwrap();
            assert_eq!(found, level, "{free}");
        }
    }
}
