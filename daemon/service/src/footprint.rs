//! Lets go of code that a service which sleeps for minutes does not need meanwhile.
//!
//! The kernel maps a program's pages sixteen at a time around each that is touched, so a start that runs
//! through a twentieth of the code leaves all of it in the process. What is let go of here stays in the
//! page cache, where the kernel may drop it or not; what is needed again is mapped again, without a read
//! from the disk where it was kept. Private memory is not touched.
#![allow(
    unsafe_code,
    reason = "madvise(2) takes addresses, and nothing safe gives pages back"
)]

use std::{fs, io, ops::Range};

use rustix::mm::{Advice, madvise};

/// How long nothing must have happened before it is worth it: a burst of events would map the
/// same pages again.
pub const QUIET: std::time::Duration = std::time::Duration::from_secs(3);

/// Lets go of the pages of all files that are mapped for reading or running only. Answers how many KiB
/// were mapped there.
///
/// # Errors
/// If the kernel does not tell what is mapped, or refuses.
pub fn let_go() -> io::Result<u64> {
    let mut kib = 0;
    for mapping in droppable(&fs::read_to_string("/proc/self/smaps")?) {
        let length = mapping.pages.end - mapping.pages.start;
        // SAFETY: the range is a mapping of a file, private and not writable, of which this process has no
        // page of its own (`Anonymous: 0 kB`: no relocation and no breakpoint wrote to it). A page that is
        // dropped is read from the same file again, with the same bytes, when it is touched.
        unsafe {
            madvise(
                std::ptr::with_exposed_provenance_mut(mapping.pages.start),
                length,
                Advice::LinuxDontNeed,
            )?;
        }
        kib += mapping.resident;
    }
    Ok(kib)
}

/// A mapping with nothing to lose.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    pages: Range<usize>,
    /// In KiB.
    resident: u64,
}

/// The mappings of files in `/proc/PID/smaps` (proc_pid_smaps(5)) that are private, cannot be written, and
/// have no page that differs from the file.
fn droppable(smaps: &str) -> Vec<Mapping> {
    let mut found = Vec::new();
    let mut lines = smaps.lines().peekable();
    while let Some(head) = lines.next() {
        let (mut resident, mut anonymous) = (None, None);
        while let Some((name, value)) = lines.peek().and_then(|line| field(line)) {
            match name {
                "Rss" => resident = Some(value),
                "Anonymous" => anonymous = Some(value),
                _ => {}
            }
            lines.next();
        }
        let (Some(pages), Some(resident), Some(0)) = (of_file(head), resident, anonymous) else {
            continue;
        };
        if resident > 0 {
            found.push(Mapping { pages, resident });
        }
    }
    found
}

/// `Rss:  12 kB` → `("Rss", 12)`; a line without a number, as `VmFlags:`, counts as 0.
fn field(line: &str) -> Option<(&str, u64)> {
    let (name, rest) = line.split_once(':')?;
    name.bytes()
        .all(|b| b.is_ascii_alphabetic() || b == b'_')
        .then(|| {
            let number = rest.split_whitespace().next().unwrap_or_default();
            (name, number.parse().unwrap_or(0))
        })
}

/// The addresses of a mapping by its first line, if it is a file's, private, and not writable:
/// `55d0c000-55d0d000 r-xp 00001000 fe:00 1234   /usr/bin/moodlarkd`.
fn of_file(head: &str) -> Option<Range<usize>> {
    let mut words = head.split_whitespace();
    let (addresses, rights) = (words.next()?, words.next()?);
    let path = words.nth(3)?;
    if !path.starts_with('/') || !matches!(rights, "r-xp" | "r--p" | "--xp") {
        return None;
    }
    let (start, end) = addresses.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    Some(address(start)?..address(end)?).filter(|pages| pages.start < pages.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMAPS: &str = "\
1000-3000 r--p 00000000 fe:00 77   /usr/bin/moodlarkd
Size:                  8 kB
Rss:                   8 kB
Anonymous:             0 kB
THPeligible:           0
VmFlags: rd mr mw me sd 
3000-9000 r-xp 00002000 fe:00 77   /usr/bin/moodlarkd
Rss:                  20 kB
Anonymous:             4 kB
9000-a000 r--p 00008000 fe:00 77   /usr/bin/moodlarkd (deleted)
Rss:                   4 kB
Anonymous:             0 kB
a000-b000 rw-p 00009000 fe:00 77   /usr/bin/moodlarkd
Rss:                   4 kB
Anonymous:             0 kB
b000-c000 r--s 00000000 fe:00 78   /home/u/history.db-shm
Rss:                   4 kB
Anonymous:             0 kB
c000-d000 r-xp 00000000 00:00 0                          [vdso]
Rss:                   4 kB
Anonymous:             0 kB
d000-e000 r-xp 00000000 fe:00 79   /usr/lib/libc.so.6
Rss:                   0 kB
Anonymous:             0 kB
";

    #[test]
    fn only_unwritten_private_files_are_let_go_of() {
        let found = droppable(SMAPS);
        assert_eq!(
            found,
            [
                Mapping {
                    pages: 0x1000..0x3000,
                    resident: 8
                },
                Mapping {
                    pages: 0x9000..0xa000,
                    resident: 4
                }
            ],
            "not: a breakpoint or relocation in it, writable, shared, the kernel's own, nothing resident"
        );
    }

    #[test]
    fn what_is_no_smaps_lets_nothing_go() {
        for text in [
            "",
            "\n\n",
            "nonsense",
            "1000 r-xp",
            "Rss: 4 kB\nAnonymous: 0 kB",
            "zz-yy r-xp 0 0:0 1 /x\nRss: 4 kB\nAnonymous: 0 kB",
            "2000-1000 r-xp 0 0:0 1 /x\nRss: 4 kB\nAnonymous: 0 kB",
            "1000-2000 r-xp 0 0:0 1 /x\nRss: 4 kB",
        ] {
            assert_eq!(droppable(text), [], "{text:?}");
        }
    }

    #[test]
    fn code_runs_on_after_its_pages_were_let_go_of() {
        let before = std::hint::black_box(droppable(SMAPS));
        assert!(let_go().unwrap() > 0);
        assert_eq!(droppable(SMAPS), before);
        assert!(let_go().unwrap() > 0, "what ran since is mapped again");
    }
}
