//! Sound that another program has decoded: 16-bit little-endian samples, 16 kHz, one channel, of a length that nobody knows.
//!
//! It is kept as blocks of a window's length. Before they are too many every second one is dropped, and from then on only every
//! second is kept; so what remains is spread over all of it, and memory stays bounded.

use std::io::{self, ErrorKind, Read};

use sha2::{Digest, Sha256};

use crate::{resample::RATE, sound::content, throttle::Throttle, window};

/// The most blocks that are kept: 38 MB.
const MOST: usize = 40;
/// Samples in a block.
const BLOCK: usize = (window::LENGTH * RATE as f64) as usize;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// In seconds.
    pub duration: f64,
    /// The hash of the samples.
    pub content: String,
    /// Up to three windows.
    pub windows: Vec<Vec<f32>>,
}

/// Reads to the end.
///
/// # Errors
/// When reading fails.
pub fn read(mut input: impl Read, throttle: &mut Throttle) -> io::Result<Pcm> {
    let mut hash = Sha256::new();
    let mut blocks: Vec<Vec<i16>> = Vec::new();
    let (mut stride, mut number, mut samples) = (1usize, 0usize, 0usize);
    let mut bytes = vec![0; 2 * BLOCK];
    loop {
        let n = fill(&mut input, &mut bytes)?;
        hash.update(&bytes[..n]);
        samples += n / 2;
        let whole = n == bytes.len();
        // What is left at the end is a window only if nothing else is.
        if n > 0 && number.is_multiple_of(stride) && (whole || number == 0) {
            let block = bytes[..n]
                .chunks_exact(2)
                .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            blocks.push(block);
            if blocks.len() > MOST {
                let mut kept = 0;
                blocks.retain(|_| {
                    kept += 1;
                    kept % 2 == 1
                });
                stride *= 2;
            }
        }
        if !whole {
            break;
        }
        number += 1;
        throttle.rest();
    }
    let last = blocks.len().saturating_sub(1) as f64;
    let places = match blocks.len() {
        few @ 0..=3 => (0..few).collect(),
        _ => window::MIDDLES
            .map(|share| (share * last).round() as usize)
            .to_vec(),
    };
    Ok(Pcm {
        duration: samples as f64 / f64::from(RATE),
        content: content(hash),
        windows: places
            .into_iter()
            .filter_map(|place| blocks.get(place))
            .map(|block| block.iter().map(|s| f32::from(*s) / 32768.0).collect())
            .collect(),
    })
}

fn fill(input: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < bytes.len() {
        match input.read(&mut bytes[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many blocks, each of its own number.
    fn blocks(count: i16) -> Vec<u8> {
        (0..count)
            .flat_map(|i| i.to_le_bytes().repeat(BLOCK))
            .collect()
    }

    fn heard(bytes: &[u8]) -> (f64, Vec<i16>) {
        let pcm = read(bytes, &mut Throttle::new(1.0)).unwrap();
        let number = |w: &Vec<f32>| (w[0] * 32768.0) as i16;
        (pcm.duration, pcm.windows.iter().map(number).collect())
    }

    #[test]
    fn windows_are_spread_however_long_it_is() {
        assert_eq!(heard(&blocks(1)).1, [0]);
        assert_eq!(heard(&blocks(3)).1, [0, 1, 2]);
        assert_eq!(heard(&blocks(5)).1, [1, 2, 3]);
        let (duration, windows) = heard(&blocks(101));
        assert!((duration - 101.0 * window::LENGTH).abs() < 0.1);
        for (window, wanted) in windows.iter().zip([25, 50, 75]) {
            assert!((window - wanted).abs() <= 3, "{windows:?}");
        }
    }

    #[test]
    fn nothing_has_no_windows() {
        assert_eq!(heard(&[]), (0.0, vec![]));
        // Half a sample at the end is none.
        assert_eq!(heard(&[1, 0, 7]).1, [1]);
    }
}
