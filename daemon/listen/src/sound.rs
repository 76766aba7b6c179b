//! One pass over a file: every packet goes into the hash, those of the windows are decoded to 16 kHz.
//!
//! There is no seeking: formats seek to places that differ from what they say, and the hash wants every packet anyway.
//! Where the file's own word of its length is missing or untrue, a second pass goes by what the first one counted.

use std::path::Path;

use moodlark_core::heard::{FailedWhy, track::CONTENT_LENGTH};
use sha2::{Digest, Sha256};

use crate::{
    decode::Stream,
    resample::{RATE, Resampler},
    throttle::Throttle,
    window::{self, Span},
};

/// Decoded in front of a window and thrown away, in seconds: decoders that have been passed packets need some to settle.
const SETTLE: f64 = 1.0;
/// How far the file's word of its length may be off, as a share, before a second pass is worth it.
const TOLERANCE: f64 = 0.05;
/// The most of a window that may be lost to damage, as a share.
const MOST_LOST: f64 = 0.3;

/// What a file sounds like.
pub struct Sound {
    /// The codec's short name.
    pub codec: &'static str,
    /// In seconds, as counted.
    pub duration: f64,
    /// The hash of all packets.
    pub content: String,
    /// The windows, 16 kHz; none if they were not asked for.
    pub windows: Vec<Vec<f32>>,
}

/// Reads a file; without `windows` the hash and the length alone.
///
/// # Errors
/// The reason that is told of the file.
pub fn read(path: &Path, windows: bool, throttle: &mut Throttle) -> Result<Sound, FailedWhy> {
    let stream = Stream::open(path)?;
    let stated = stream.stated();
    let first = pass(stream, stated.filter(|_| windows), throttle)?;
    if !windows || first.duration < window::SHORTEST {
        return Ok(first.sound());
    }
    let untrue = stated.is_none_or(|s| (s - first.duration).abs() > TOLERANCE * first.duration);
    let pass = if untrue {
        pass(Stream::open(path)?, Some(first.duration), throttle)?
    } else {
        first
    };
    let samples: usize = pass.spans.iter().map(|(_, sound)| sound.len()).sum();
    if samples == 0 {
        return Err(pass.worst.unwrap_or(FailedWhy::Empty));
    }
    // The silence in place of what is lost is among the samples.
    if pass.lost > MOST_LOST * samples as f64 / f64::from(RATE) {
        return Err(pass.worst.unwrap_or_else(|| FailedWhy::Broken {
            detail: "too little of it can be decoded".into(),
        }));
    }
    Ok(pass.sound())
}

struct Pass {
    codec: &'static str,
    /// The length by which the windows were laid, in seconds.
    aim: Option<f64>,
    /// The length that was counted.
    duration: f64,
    content: String,
    /// What was decoded, 16 kHz, beginning at each span's start; silence in place of what is lost.
    spans: Vec<(Span, Vec<f32>)>,
    /// Seconds that could not be decoded.
    lost: f64,
    worst: Option<FailedWhy>,
}

impl Pass {
    fn sound(self) -> Sound {
        let cut = |window: Span| {
            let covers = |span: &Span| span.from <= window.from && window.to <= span.to + 1e-6;
            let (span, sound) = self.spans.iter().find(|(span, _)| covers(span))?;
            let samples = |seconds: f64| (seconds * f64::from(RATE)).round() as usize;
            let from = samples(window.from - span.from);
            let to = from + samples(window.to - window.from);
            // A few samples may be missing at the end of a track.
            sound.get(from..to.min(sound.len())).map(<[f32]>::to_vec)
        };
        let windows = self.aim.map(window::windows).unwrap_or_default();
        let windows = windows.into_iter().filter_map(cut).collect();
        Sound {
            codec: self.codec,
            duration: self.duration,
            content: self.content,
            windows,
        }
    }
}

/// Collects the sound of one span.
struct Collector {
    span: Span,
    resampler: Resampler,
    /// Samples at 16 kHz still to be thrown away: they lie before the span.
    early: usize,
    /// Samples still wanted.
    wanted: usize,
    sound: Vec<f32>,
}

impl Collector {
    /// `at` is where the first packet lies that it gets, in seconds.
    fn new(span: Span, at: f64, rate: u32) -> Option<Self> {
        let samples = |seconds: f64| (seconds.max(0.0) * f64::from(RATE)).round() as usize;
        Some(Self {
            span,
            resampler: Resampler::new(rate)?,
            early: samples(span.from - at),
            wanted: samples(span.to - span.from),
            sound: Vec::new(),
        })
    }

    fn push(&mut self, piece: &[f32], scratch: &mut Vec<f32>) {
        scratch.clear();
        self.resampler.push(piece, scratch);
        let skipped = self.early.min(scratch.len());
        self.early -= skipped;
        let kept = &scratch[skipped..];
        let room = self.wanted - self.sound.len();
        self.sound.extend_from_slice(&kept[..kept.len().min(room)]);
    }
}

/// The hash as it is told of a file.
pub(crate) fn content(hash: Sha256) -> String {
    let digits: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    digits[..CONTENT_LENGTH].to_owned()
}

fn pass(
    mut stream: Stream,
    duration: Option<f64>,
    throttle: &mut Throttle,
) -> Result<Pass, FailedWhy> {
    let mut wanted = duration
        .map(|d| window::joined(&window::windows(d)))
        .unwrap_or_default()
        .into_iter()
        .peekable();
    let mut hash = Sha256::new();
    let (mut at, mut lost, mut worst) = (0.0, 0.0, None);
    let mut open: Option<Collector> = None;
    let mut spans = Vec::new();
    let (mut piece, mut scratch) = (Vec::new(), Vec::new());
    while let Some(packet) = stream.packet()? {
        throttle.rest();
        hash.update(&packet.data);
        let seconds = stream.seconds(&packet);
        if open.is_none()
            && let Some(span) = wanted.next_if(|span| at + seconds > span.from - SETTLE)
        {
            stream.skip();
            let collector = Collector::new(span, at, stream.rate());
            open = Some(collector.ok_or_else(|| FailedWhy::Unsupported {
                codec: format!("{} at {} Hz", stream.codec(), stream.rate()),
            })?);
        }
        if let Some(collector) = &mut open {
            piece.clear();
            if let Err(why) = stream.decode(&packet, &mut piece) {
                // Silence in place of what is lost keeps the rest where it was. Before the window a decoder may still miss
                // what it refers to.
                if at >= collector.span.from {
                    lost += seconds;
                    worst = worst
                        .filter(|w| matches!(w, FailedWhy::Unsupported { .. }))
                        .or(Some(why));
                }
                let frames = (seconds * f64::from(stream.rate())).round();
                piece.resize(frames.clamp(0.0, 1e6) as usize, 0.0);
            }
            collector.push(&piece, &mut scratch);
            if collector.sound.len() >= collector.wanted {
                spans.extend(open.take().map(|c| (c.span, c.sound)));
            }
        }
        at += seconds;
    }
    if let Some(collector) = open {
        spans.push((collector.span, collector.sound));
    }
    if at <= 0.0 {
        return Err(FailedWhy::Empty);
    }
    Ok(Pass {
        codec: stream.codec(),
        aim: duration,
        duration: at,
        content: content(hash),
        spans,
        lost,
        worst,
    })
}
