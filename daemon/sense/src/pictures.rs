//! A file or folder of pictures that stands for a camera: which one is shown, and its bytes.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// A file larger than this is refused, in bytes. A 50-megapixel JPEG has about 20 MiB.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The bytes of the picture at `path`, or of the `index`-th picture of that folder (by name, and round again).
/// Nothing is decoded here.
///
/// # Errors
/// When there is no such picture, it is no ordinary file, or it is too large.
pub fn read(path: &Path, index: u64) -> Result<(PathBuf, Vec<u8>)> {
    let meta =
        std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = if meta.is_dir() {
        nth(path, index)?
    } else {
        path.to_owned()
    };
    let bytes = contents(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok((file, bytes))
}

fn nth(folder: &Path, index: u64) -> Result<PathBuf> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        if is_picture(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    match u64::try_from(files.len()) {
        Ok(count) if count > 0 => Ok(files.swap_remove((index % count) as usize)),
        _ => bail!(
            "{} has no picture: no .jpg, .jpeg or .png",
            folder.display()
        ),
    }
}

fn is_picture(path: &Path) -> bool {
    let ending = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    matches!(ending.as_str(), "jpg" | "jpeg" | "png")
}

fn contents(file: &Path) -> Result<Vec<u8>> {
    // Opening a pipe or a terminal would wait for whoever writes to it.
    if !std::fs::metadata(file)?.is_file() {
        bail!("it is no ordinary file");
    }
    let open = std::fs::File::open(file)?;
    let mut bytes = Vec::new();
    open.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("it is larger than {} MiB", MAX_BYTES / 1024 / 1024);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_shown_in_turn() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.JPG", "a.png", "c.jpeg", "notes.txt"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        std::fs::create_dir(folder.path().join("d.png")).unwrap();
        let shown: Vec<_> = (0..4).map(|i| read(folder.path(), i).unwrap().1).collect();
        assert_eq!(
            shown,
            [
                b"a.png".to_vec(),
                b"b.JPG".to_vec(),
                b"c.jpeg".to_vec(),
                b"a.png".to_vec()
            ]
        );
        assert!(read(folder.path(), u64::MAX).is_ok());
    }

    #[test]
    fn what_is_no_picture_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let empty = read(folder.path(), 0).unwrap_err();
        assert!(format!("{empty:#}").contains("has no picture"));
        let missing = read(&folder.path().join("no.jpg"), 0).unwrap_err();
        assert!(format!("{missing:#}").contains("no.jpg"));
        assert!(
            format!("{:#}", read(Path::new("/dev/zero"), 0).unwrap_err())
                .contains("no ordinary file")
        );
    }

    #[test]
    fn a_huge_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let huge = folder.path().join("huge.png");
        std::fs::File::create(&huge)
            .unwrap()
            .set_len(MAX_BYTES + 1)
            .unwrap();
        assert!(format!("{:#}", read(&huge, 0).unwrap_err()).contains("larger than 64 MiB"));
    }
}
