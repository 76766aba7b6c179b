//! The weights as bytes, embedded: nothing to download, nothing to find at run time.

/// Our own expression network, 48×48 grey; card: `cards/expression.md`.
pub const EXPRESSION: &[u8] = include_bytes!("../expression.onnx");
/// BlazeFace short range, 128×128 RGB; card: `cards/face_detection_short_range.md`.
pub const BLAZEFACE: &[u8] = include_bytes!("../weights/face_detection_short_range.onnx");
/// SeetaFace frontal detector for rustface; card: `cards/seeta_fd_frontal_v1.0.md`.
pub const SEETAFACE: &[u8] = include_bytes!("../weights/seeta_fd_frontal_v1.0.bin");

/// The weights of an expression network by its name in the specification.
#[must_use]
pub fn expression_network(name: &str) -> Option<&'static [u8]> {
    match name {
        "expression" => Some(EXPRESSION),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file with its sha256, as its card states it.
    const CARDS: [(&str, &[u8], &str); 3] = [
        (
            "expression",
            EXPRESSION,
            include_str!("../cards/expression.md"),
        ),
        (
            "face_detection_short_range",
            BLAZEFACE,
            include_str!("../cards/face_detection_short_range.md"),
        ),
        (
            "seeta_fd_frontal_v1.0",
            SEETAFACE,
            include_str!("../cards/seeta_fd_frontal_v1.0.md"),
        ),
    ];

    #[test]
    fn every_file_is_the_one_its_card_describes() {
        for (name, bytes, card) in CARDS {
            crate::card::check(name, bytes, card);
        }
    }

    #[test]
    fn every_network_of_the_specification_is_here() {
        for network in crate::expression_spec().unwrap().networks {
            assert!(
                expression_network(&network.name).is_some(),
                "{}",
                network.name
            );
        }
    }
}
