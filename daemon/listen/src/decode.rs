//! A file as a stream of packets, each decoded only if it is wanted: the one file that knows symphonia.

use std::path::Path;

use moodlark_core::heard::FailedWhy;
use symphonia::core::{
    audio::Channels,
    codecs::{
        CodecParameters,
        audio::{
            AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
            well_known::{
                CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_ALAC, CODEC_ID_DCA, CODEC_ID_EAC3,
                CODEC_ID_FLAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS,
                CODEC_ID_SPEEX, CODEC_ID_VORBIS, CODEC_ID_WMA,
            },
        },
    },
    common::Limit,
    errors::Error,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
    packet::Packet,
};

use crate::{
    foreign,
    opus::{self, Opus},
    source::{Source, Trouble, detail},
};

/// The most of a tag that symphonia keeps, in bytes: lofty reads tags, and pictures are nobody's.
const TAG_BYTES: usize = 4096;

/// The loudest sample that is believed, where full scale is 1: decoders go a little beyond it.
const LOUDEST: f32 = 4.0;

enum Decoder {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Box<Opus>),
}

/// One open file.
pub struct Stream {
    format: Box<dyn FormatReader>,
    track: u32,
    codec: &'static str,
    rate: u32,
    /// Seconds in a tick of the track's clock.
    tick: f64,
    stated: Option<f64>,
    decoder: Decoder,
    trouble: Trouble,
    interleaved: Vec<f32>,
}

impl Stream {
    /// Opens a file and finds its sound.
    ///
    /// # Errors
    /// The reason that is told of the file.
    pub fn open(path: &Path) -> Result<Self, FailedWhy> {
        let source = Source::open(path)?;
        let trouble = source.trouble();
        let options = MediaSourceStreamOptions::default();
        let stream = MediaSourceStream::new(Box::new(source), options);
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
            hint.with_extension(extension);
        }
        let limits = MetadataOptions::default()
            .limit_tag_bytes(Limit::Maximum(TAG_BYTES))
            .limit_visual_bytes(Limit::Maximum(0));
        let opened =
            symphonia::default::get_probe().probe(&hint, stream, FormatOptions::default(), limits);
        let format = opened.map_err(|error| {
            trouble.taken().unwrap_or_else(|| match error {
                _ if foreign::is_protected(path) => FailedWhy::Protected,
                Error::IoError(_) | Error::Unsupported(_) => foreign::name(path),
                other => match foreign::name(path) {
                    FailedWhy::NotAudio => broken(&other),
                    known => known,
                },
            })
        })?;
        let (track, params, stated, tick) = find(format.as_ref(), path)?;
        let codec = name(params.codec);
        let decoder = decoder(&params, codec)?;
        let rate = match &decoder {
            Decoder::Opus(_) => opus::RATE.unsigned_abs(),
            Decoder::Symphonia(decoder) => decoder
                .codec_params()
                .sample_rate
                .or(params.sample_rate)
                .ok_or_else(|| FailedWhy::Broken {
                    detail: "no sampling rate".into(),
                })?,
        };
        Ok(Self {
            format,
            track,
            codec,
            rate,
            tick: tick.unwrap_or(1.0 / f64::from(rate.max(1))),
            stated,
            decoder,
            trouble,
            interleaved: Vec::new(),
        })
    }

    /// The codec's short name.
    #[must_use]
    pub const fn codec(&self) -> &'static str {
        self.codec
    }

    /// The rate of the decoded sound, in Hz.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// What the file says of its length, in seconds. It may be wrong.
    #[must_use]
    pub const fn stated(&self) -> Option<f64> {
        self.stated
    }

    /// The next packet of the track, none at its end.
    ///
    /// # Errors
    /// When the disk fails. A stream that is cut off or damaged ends.
    pub fn packet(&mut self) -> Result<Option<Packet>, FailedWhy> {
        loop {
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                // A chained Ogg stream, as radio recordings are: another piece begins.
                Err(Error::ResetRequired) => match self.chained() {
                    Some(()) => {}
                    None => return Ok(None),
                },
                Err(_) => return self.trouble.taken().map_or(Ok(None), Err),
            }
        }
    }

    /// Goes on with the next piece of a chain, if it sounds at the same rate.
    fn chained(&mut self) -> Option<()> {
        let track = self.format.default_track(TrackType::Audio)?;
        let params = track.codec_params.as_ref()?.audio()?;
        let next = decoder(params, name(params.codec)).ok()?;
        if params.sample_rate.is_some_and(|rate| rate != self.rate) {
            return None;
        }
        self.track = track.id;
        self.decoder = next;
        Some(())
    }

    /// How long a packet sounds, in seconds.
    #[must_use]
    pub fn seconds(&self, packet: &Packet) -> f64 {
        packet.dur.get() as f64 * self.tick
    }

    /// Forgets what was decoded before: packets have been passed over.
    pub fn skip(&mut self) {
        match &mut self.decoder {
            Decoder::Symphonia(decoder) => decoder.reset(),
            Decoder::Opus(decoder) => decoder.reset(),
        }
    }

    /// Appends the sound of a packet, the mean of its channels, to `out`.
    ///
    /// # Errors
    /// When the packet cannot be decoded; the next one may.
    pub fn decode(&mut self, packet: &Packet, out: &mut Vec<f32>) -> Result<(), FailedWhy> {
        let channels = match &mut self.decoder {
            Decoder::Opus(decoder) => {
                let sound = decoder
                    .decode(&packet.data)
                    .map_err(|error| FailedWhy::Broken {
                        detail: detail(&error),
                    })?;
                self.interleaved.clear();
                self.interleaved.extend_from_slice(sound);
                decoder.channels()
            }
            Decoder::Symphonia(decoder) => {
                let sound = decoder.decode(packet).map_err(|error| match error {
                    // Found in the middle: AAC whose header hides that it is HE-AAC, or of parts that few encoders use.
                    Error::Unsupported(_) => FailedWhy::Unsupported {
                        codec: self.codec.into(),
                    },
                    other => broken(&other),
                })?;
                self.interleaved.clear();
                sound.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                sound.spec().channels().count()
            }
        };
        if channels == 0 {
            return Ok(());
        }
        let share = 1.0 / channels as f32;
        // Damaged files that hold floats hold anything: no numbers, and numbers of forty digits.
        let mean = |frame: &[f32]| {
            let mean = frame.iter().sum::<f32>() * share;
            if mean.is_finite() {
                mean.clamp(-LOUDEST, LOUDEST)
            } else {
                0.0
            }
        };
        out.extend(self.interleaved.chunks_exact(channels).map(mean));
        Ok(())
    }
}

type Found = (u32, AudioCodecParameters, Option<f64>, Option<f64>);

/// The sound among a file's tracks.
fn find(format: &dyn FormatReader, path: &Path) -> Result<Found, FailedWhy> {
    let none = || {
        if foreign::is_protected(path) {
            FailedWhy::Protected
        } else {
            FailedWhy::NotAudio
        }
    };
    let track = format.default_track(TrackType::Audio).ok_or_else(none)?;
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err(none());
    };
    let tick = track
        .time_base
        .map(|base| f64::from(base.numer.get()) / f64::from(base.denom.get()));
    let stated = tick
        .zip(track.duration)
        .map(|(tick, duration)| duration.get() as f64 * tick)
        .or_else(|| {
            let rate = params.sample_rate.filter(|rate| *rate > 0)?;
            Some(track.num_frames? as f64 / f64::from(rate))
        })
        .filter(|seconds| *seconds > 0.0);
    Ok((track.id, params.clone(), stated, tick))
}

fn decoder(params: &AudioCodecParameters, codec: &'static str) -> Result<Decoder, FailedWhy> {
    if params.codec == CODEC_ID_OPUS {
        let head = params.extra_data.as_deref().unwrap_or_default();
        return Ok(Decoder::Opus(Box::new(Opus::new(head)?)));
    }
    symphonia::default::get_codecs()
        .make_audio_decoder(params, &AudioDecoderOptions::default())
        .map(Decoder::Symphonia)
        .map_err(|error| match error {
            Error::Unsupported(_) => FailedWhy::Unsupported {
                codec: unsupported(params, codec),
            },
            other => broken(&other),
        })
}

/// The name of what symphonia does not take: of AAC it takes LC of one or two channels.
fn unsupported(params: &AudioCodecParameters, codec: &'static str) -> String {
    let channels = params.channels.as_ref().map_or(0, Channels::count);
    match codec {
        "aac" if channels > 2 => format!("aac of {channels} channels"),
        "aac" => "he-aac".into(),
        other => other.into(),
    }
}

fn name(codec: AudioCodecId) -> &'static str {
    match codec {
        CODEC_ID_MP1 => "mp1",
        CODEC_ID_MP2 => "mp2",
        CODEC_ID_MP3 => "mp3",
        CODEC_ID_FLAC => "flac",
        CODEC_ID_VORBIS => "vorbis",
        CODEC_ID_OPUS => "opus",
        CODEC_ID_AAC => "aac",
        CODEC_ID_ALAC => "alac",
        CODEC_ID_SPEEX => "speex",
        CODEC_ID_AC3 => "ac3",
        CODEC_ID_EAC3 => "eac3",
        CODEC_ID_DCA => "dts",
        CODEC_ID_WMA => "wma",
        other => symphonia::default::get_codecs()
            .get_audio_decoder(other)
            .map_or("an unknown codec", |known| {
                if known.codec.info.short_name.starts_with("pcm") {
                    "pcm"
                } else {
                    known.codec.info.short_name
                }
            }),
    }
}

fn broken(error: &Error) -> FailedWhy {
    FailedWhy::Broken {
        detail: detail(&error.to_string()),
    }
}
