//! A file that is about to be read: regular, not empty, and nothing that waits for a writer.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use moodlark_core::heard::{FailedWhy, text};
use symphonia::core::io::MediaSource;

/// The longest detail in a reason, in bytes.
const MAX_DETAIL: usize = 200;

/// An open regular file.
#[derive(Debug)]
pub struct Source {
    file: File,
    length: u64,
    /// The first error of the disk, which a decoder would call something else.
    trouble: Trouble,
}

/// What the disk said last, readable while a decoder owns the source.
#[derive(Debug, Clone, Default)]
pub struct Trouble(Arc<Mutex<Option<FailedWhy>>>);

impl Trouble {
    /// The disk's error, if there was one.
    #[must_use]
    pub fn taken(&self) -> Option<FailedWhy> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.raw_os_error().is_some()
            && error.raw_os_error() != Some(libc::EINVAL)
        {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason(error));
        }
        result
    }
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// The reason that is told: it is gone, may not be read, is no regular file, is empty.
    pub fn open(path: &Path) -> Result<Self, FailedWhy> {
        // Opening a FIFO would wait for its writer, and opening some devices does something.
        let meta = std::fs::metadata(path).map_err(|error| reason(&error))?;
        if !meta.is_file() {
            return Err(FailedWhy::NotAFile);
        }
        let file = File::options()
            .read(true)
            // The name may have come to mean something else since.
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(path)
            .map_err(|error| reason(&error))?;
        let meta = file.metadata().map_err(|error| reason(&error))?;
        if !meta.is_file() {
            return Err(FailedWhy::NotAFile);
        }
        if meta.len() == 0 {
            return Err(FailedWhy::Empty);
        }
        Ok(Self {
            file,
            length: meta.len(),
            trouble: Trouble::default(),
        })
    }

    /// Where the disk's errors are noted.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        self.trouble.clone()
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.trouble.note(self.file.read(buffer))
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.trouble.note(self.file.seek(to))
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// The system's error as a reason.
#[must_use]
pub fn reason(error: &io::Error) -> FailedWhy {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENOTDIR) => FailedWhy::Gone,
        Some(libc::EACCES | libc::EPERM) => FailedWhy::Denied,
        Some(libc::ENOMEM) => FailedWhy::Memory,
        _ => FailedWhy::Unreadable {
            detail: detail(&error.to_string()),
        },
    }
}

/// A detail for people, cleaned and bounded.
#[must_use]
pub fn detail(text: &str) -> String {
    text::one_line(text, MAX_DETAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        assert_eq!(Source::open(&path).unwrap_err(), FailedWhy::Gone);
        std::fs::write(&path, b"").unwrap();
        assert_eq!(Source::open(&path).unwrap_err(), FailedWhy::Empty);
        assert_eq!(
            Source::open(folder.path()).unwrap_err(),
            FailedWhy::NotAFile
        );
        assert_eq!(
            Source::open(Path::new("/dev/zero")).unwrap_err(),
            FailedWhy::NotAFile
        );
        std::fs::write(&path, b"x").unwrap();
        assert!(Source::open(&path).is_ok());
    }
}
