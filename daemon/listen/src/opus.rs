//! Opus packets → sound, by `ropus`, a port of libopus' fixed-point build.
//!
//! `tests/opus_gate.rs` holds it to libopus' own sound. `opus-decoder` 0.1.1, which forbids unsafe code, did not pass: it calls sound
//! packets of 40 and 60 ms invalid, and shifts out of a byte where short blocks are joined.
//! Streams of more than two channels come as several streams side by side.

use moodlark_core::heard::FailedWhy;
use ropus::{OpusDecoder, OpusMSDecoder};

use crate::source::detail;

/// The rate at which Opus is decoded, in Hz.
pub const RATE: i32 = 48_000;
/// The longest packet, 120 ms, in frames.
const LONGEST: u16 = 5_760;

enum Inner {
    One(Box<OpusDecoder>),
    Several(Box<OpusMSDecoder>),
}

/// A decoder for one stream.
pub struct Opus {
    inner: Inner,
    channels: usize,
    buffer: Vec<i16>,
    sound: Vec<f32>,
}

impl Opus {
    /// A decoder for a stream with this identification header (RFC 7845, 5.1).
    ///
    /// # Errors
    /// When the header makes no sense.
    pub fn new(head: &[u8]) -> Result<Self, FailedWhy> {
        let broken = |text: &str| FailedWhy::Broken {
            detail: detail(text),
        };
        // MP4 has the same fields behind no magic; symphonia hands over both with it.
        let fields = head.strip_prefix(b"OpusHead").unwrap_or(head);
        let &[
            _,
            channels,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            family,
            ref mapping @ ..,
        ] = fields
        else {
            return Err(broken("an Opus header that is cut off"));
        };
        let known = |code: i32| broken(&format!("libopus' error {code}"));
        let count = i32::from(channels);
        let inner = match (family, channels) {
            (0, 1 | 2) => Inner::One(Box::new(OpusDecoder::new(RATE, count).map_err(known)?)),
            (1 | 255, 1..=8) => {
                let &[streams, coupled, ref map @ ..] = mapping else {
                    return Err(broken("an Opus header without its mapping"));
                };
                let map = map
                    .get(..usize::from(channels))
                    .ok_or_else(|| broken("an Opus header with half a mapping"))?;
                Inner::Several(Box::new(
                    OpusMSDecoder::new(RATE, count, streams.into(), coupled.into(), map)
                        .map_err(known)?,
                ))
            }
            _ => {
                return Err(FailedWhy::Unsupported {
                    codec: format!("opus of {channels} channels"),
                });
            }
        };
        let channels = usize::from(channels);
        Ok(Self {
            inner,
            channels,
            sound: Vec::new(),
            buffer: vec![0; usize::from(LONGEST) * channels],
        })
    }

    /// Forgets what was before: the next packet does not follow the last one.
    pub fn reset(&mut self) {
        match &mut self.inner {
            Inner::One(decoder) => decoder.reset(),
            Inner::Several(decoder) => decoder.reset(),
        }
    }

    /// Channels.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// The sound of a packet, its channels interleaved.
    ///
    /// # Errors
    /// When the packet makes no sense.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&[f32], String> {
        // An empty packet would have a lost one made up.
        if packet.is_empty() {
            return Err("an empty packet".into());
        }
        let most = i32::from(LONGEST);
        let frames = match &mut self.inner {
            Inner::One(decoder) => decoder.decode(Some(packet), &mut self.buffer, most, false),
            Inner::Several(decoder) => {
                let length = i32::try_from(packet.len()).map_err(|error| error.to_string())?;
                decoder.decode(Some(packet), length, &mut self.buffer, most, false)
            }
        };
        let frames = frames.map_err(|code| format!("libopus' error {code}"))?;
        let samples = usize::try_from(frames).unwrap_or(0) * self.channels;
        let pcm = self
            .buffer
            .get(..samples)
            .ok_or("a packet longer than packets are")?;
        self.sound.clear();
        self.sound
            .extend(pcm.iter().map(|s| f32::from(*s) / 32_768.0));
        Ok(&self.sound)
    }
}
