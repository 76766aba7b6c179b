//! Windows of sound → the mood of a track.

use anyhow::Result;
use moodlark_core::heard::{
    TrackMood,
    track::{EMBEDDING, TAGS},
};
use moodlark_models::music::{self, Music};

use crate::{
    key::Keys,
    mel::FrontEnd,
    musicnn::Musicnn,
    speech::{self, Speech},
};

/// A window whose loudest part is below this is silence: −60 dB of full scale.
const SILENCE: f32 = 1e-3;

/// All that hears, made once for many files.
pub struct Ear {
    musicnn: Musicnn,
    front: FrontEnd,
    keys: Keys,
    music: Music,
}

/// One window.
struct Part {
    logits: Vec<f32>,
    embedding: Vec<f32>,
    flux: f32,
    mode: f32,
    speech: Speech,
}

impl Ear {
    /// Loads the network.
    ///
    /// # Errors
    /// When the network or its specification cannot be loaded.
    pub fn load() -> Result<Self> {
        Ok(Self {
            musicnn: Musicnn::load()?,
            front: FrontEnd::default(),
            keys: Keys::default(),
            music: music::music()?,
        })
    }

    /// The mood of a track by its windows, 16 kHz; none where all of them are silent. `rest` is called between pieces of work.
    ///
    /// # Errors
    /// When the network fails.
    pub fn mood(
        &mut self,
        windows: &[Vec<f32>],
        mut rest: impl FnMut(),
    ) -> Result<Option<TrackMood>> {
        let mut parts = Vec::new();
        for sound in windows.iter().filter(|sound| !is_silent(sound)) {
            let mel = self.front.mel(sound);
            rest();
            let key = self.keys.key(sound);
            rest();
            let tags = self.musicnn.tags(&mel, &mut rest)?;
            parts.push(Part {
                logits: tags.logits,
                embedding: tags.embedding,
                flux: mel.flux.max(1e-3).log10(),
                mode: key.mode,
                speech: speech::of(&mel, key.steadiness),
            });
        }
        Ok((!parts.is_empty()).then(|| self.join(&parts)))
    }

    fn join(&self, parts: &[Part]) -> TrackMood {
        let logits = mean(parts.iter().map(|p| &p.logits), TAGS);
        let flux = average(parts.iter().map(|p| p.flux));
        let mode = average(parts.iter().map(|p| p.mode));
        let (valence, arousal) = self.music.affect(&logits, flux, mode);
        let apart = parts.iter().map(|p| {
            let (v, a) = self.music.affect(&p.logits, p.flux, p.mode);
            (v - valence).powi(2) + (a - arousal).powi(2)
        });
        TrackMood {
            embedding: mean(parts.iter().map(|p| &p.embedding), EMBEDDING),
            spread: average(apart).sqrt(),
            speech: speech::score(parts.iter().map(|p| &p.speech)),
            windows: u8::try_from(parts.len()).unwrap_or(u8::MAX),
            tags: logits,
            flux,
            mode,
            valence,
            arousal,
        }
    }
}

fn is_silent(sound: &[f32]) -> bool {
    sound.iter().all(|x| x.abs() < SILENCE)
}

fn average(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let n = values.len().max(1) as f32;
    values.sum::<f32>() / n
}

fn mean<'a>(vectors: impl ExactSizeIterator<Item = &'a Vec<f32>>, length: usize) -> Vec<f32> {
    let share = 1.0 / vectors.len().max(1) as f32;
    let mut sum = vec![0.0; length];
    for vector in vectors {
        for (total, value) in sum.iter_mut().zip(vector) {
            *total += value * share;
        }
    }
    sum
}
