//! A path of a file, whatever its bytes.
//!
//! On Linux a name is bytes, and old collections hold names in Latin-1 that are no UTF-8. In JSON such a path is
//! `{"hex": "2f6d…"}`; every other is a plain string.

use std::{
    ffi::OsStr,
    fmt,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A path that survives JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(PathBuf);

impl FilePath {
    /// From the bytes that the system uses.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
    }

    /// The bytes that the system uses.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_os_str().as_bytes()
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// The path as text, where it is UTF-8: only such a path can stand in a playlist.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.to_str()
    }

    /// The path itself.
    #[must_use]
    pub fn into_path(self) -> PathBuf {
        self.0
    }
}

impl From<PathBuf> for FilePath {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl From<&Path> for FilePath {
    fn from(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl From<&str> for FilePath {
    fn from(path: &str) -> Self {
        Self(path.into())
    }
}

impl AsRef<Path> for FilePath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<OsStr> for FilePath {
    fn as_ref(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

/// For people: cleaned, and bytes that are no text replaced.
impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::text::one_line(&self.0.to_string_lossy(), 4096))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Text(String),
    Bytes { hex: String },
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = match self.as_str() {
            Some(text) => Wire::Text(text.to_owned()),
            None => Wire::Bytes {
                hex: self.as_bytes().iter().map(|b| format!("{b:02x}")).collect(),
            },
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = match Wire::deserialize(deserializer)? {
            Wire::Text(text) => text.into_bytes(),
            Wire::Bytes { hex } => unhex(&hex).ok_or_else(|| D::Error::custom("no hex digits"))?,
        };
        if bytes.contains(&0) {
            return Err(D::Error::custom("a path holds no zero byte"));
        }
        Ok(Self::from_bytes(bytes))
    }
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16);
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_path_survives_json(bytes in prop::collection::vec(1u8..=255, 0..200)) {
            let path = FilePath::from_bytes(bytes);
            let text = serde_json::to_string(&path).unwrap();
            prop_assert_eq!(serde_json::from_str::<FilePath>(&text).unwrap(), path);
        }
    }

    #[test]
    fn a_path_of_text_is_a_plain_string() {
        let text = serde_json::to_string(&FilePath::from("/m/ü.mp3")).unwrap();
        assert_eq!(text, "\"/m/ü.mp3\"");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            r#"{"hex":"f"}"#,
            r#"{"hex":"zz"}"#,
            r#"{"hex":"2f00"}"#,
            "\"/a\\u0000\"",
            "3",
        ] {
            assert!(serde_json::from_str::<FilePath>(text).is_err(), "{text}");
        }
    }
}
