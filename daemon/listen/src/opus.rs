//! Opus packets → sound, by `opus-decoder`.
//!
//! It forbids unsafe code, and `tests/opus_gate.rs` holds it to libopus' own sound. Streams of more than two channels come as
//! several streams side by side; they are decoded by its multistream decoder.

use moodlark_core::heard::FailedWhy;
use opus_decoder::{OpusDecoder, OpusMultistreamDecoder};

use crate::source::detail;

/// The rate at which Opus is decoded, in Hz.
pub const RATE: u32 = 48_000;
/// The longest packet, 120 ms, in frames.
const LONGEST: usize = 5_760;

enum Inner {
    One(Box<OpusDecoder>),
    Several(Box<OpusMultistreamDecoder>),
}

/// A decoder for one stream.
pub struct Opus {
    inner: Inner,
    channels: usize,
    buffer: Vec<f32>,
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
        let channels = usize::from(channels);
        let inner = match (family, channels) {
            (0, 1 | 2) => Inner::One(Box::new(
                OpusDecoder::new(RATE, channels).map_err(|error| broken(&error.to_string()))?,
            )),
            (1 | 255, 1..=8) => {
                let &[streams, coupled, ref map @ ..] = mapping else {
                    return Err(broken("an Opus header without its mapping"));
                };
                let map = map
                    .get(..channels)
                    .ok_or_else(|| broken("an Opus header with half a mapping"))?;
                Inner::Several(Box::new(
                    OpusMultistreamDecoder::new(
                        RATE,
                        channels,
                        usize::from(streams),
                        usize::from(coupled),
                        map,
                    )
                    .map_err(|error| broken(&error.to_string()))?,
                ))
            }
            _ => {
                return Err(FailedWhy::Unsupported {
                    codec: format!("opus of {channels} channels"),
                });
            }
        };
        Ok(Self {
            inner,
            channels,
            buffer: vec![0.0; LONGEST * channels],
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
        let frames = match &mut self.inner {
            Inner::One(decoder) => decoder.decode_float(packet, &mut self.buffer, false),
            Inner::Several(decoder) => decoder.decode_float(packet, &mut self.buffer, false),
        }
        .map_err(|error| error.to_string())?;
        Ok(&self.buffer[..frames * self.channels])
    }
}
