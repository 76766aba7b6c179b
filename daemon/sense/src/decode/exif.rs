//! Which way up a photo is, as EXIF tells it.

use crate::luma::Luma;

/// The orientation tag (1..=8) of EXIF data that begins with its TIFF header.
pub(super) fn orientation(exif: &[u8]) -> Option<u16> {
    let little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let u32_at = |at: usize| {
        let bytes: [u8; 4] = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        } as usize)
    };
    let table = u32_at(4)?;
    for entry in 0..usize::from(u16_at(table)?) {
        let at = table.checked_add(2 + entry * 12)?;
        if u16_at(at)? == 0x0112 {
            return u16_at(at + 8).filter(|turn| (1..=8).contains(turn));
        }
    }
    None
}

/// The picture turned upright, by EXIF's orientation.
pub(super) fn turned(luma: &Luma, turn: u16) -> Luma {
    let (w, h) = (luma.width(), luma.height());
    let (width, height) = if turn >= 5 { (h, w) } else { (w, h) };
    let mut data = Vec::with_capacity(w * h);
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = match turn {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                8 => (w - 1 - y, x),
                _ => (x, y),
            };
            data.push(luma.as_bytes()[from_y * w + from_x]);
        }
    }
    Luma::new(width, height, data).unwrap_or_else(|| luma.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_turned_upright() {
        // 2×1: black, white.
        let wide = Luma::new(2, 1, vec![0, 255]).unwrap();
        assert_eq!(turned(&wide, 1), wide);
        assert_eq!(turned(&wide, 3).as_bytes(), [255, 0]);
        // 6: turn a quarter clockwise, so the left comes to the top.
        let tall = turned(&wide, 6);
        assert_eq!(
            (tall.width(), tall.height(), tall.as_bytes()),
            (1, 2, &[0, 255][..])
        );
        assert_eq!(turned(&wide, 8).as_bytes(), [255, 0]);
    }

    #[test]
    fn the_orientation_is_read_in_both_byte_orders() {
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!(orientation(little), Some(6));
        assert_eq!(orientation(big), Some(8));
        for length in 0..little.len() {
            let _ = orientation(&little[..length]);
        }
    }
}
