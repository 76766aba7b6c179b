//! Cards hold what they say: for the tests of the files that they describe.

use sha2::{Digest, Sha256};

/// Fails unless the card states the file's sha256 and size.
pub(crate) fn check(name: &str, bytes: &[u8], card: &str) {
    let sum: String = Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert!(
        card.contains(&sum),
        "{name}: its card does not state sha256 {sum}"
    );
    let digits = bytes.len().to_string();
    let thousands: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy)
        .collect();
    let size = format!(" {} bytes", thousands.join(","));
    assert!(
        card.contains(&size),
        "{name}: its card does not state{size}"
    );
}
