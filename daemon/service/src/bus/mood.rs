//! `org.moodlark.Mood1`: the mood, and what the user says of it.

use std::collections::HashMap;

use moodlark_api::{Dict, error::Error};
use moodlark_catalogue::tr;
use moodlark_core::{
    Affect, Emotion, Timestamp,
    engine::{Report, Request},
    filter,
};
use zbus::{interface, object_server::SignalEmitter};

use super::{Call, Desk};

/// The longest note, in characters.
const LONGEST_NOTE: usize = 1000;

pub(super) struct Mood1(pub(super) Desk);

#[interface(name = "org.moodlark.Mood1")]
impl Mood1 {
    /// angry, disgust, fear, happy, sad, surprise, neutral or unknown.
    #[zbus(property)]
    fn label(&self) -> String {
        self.0.view().mood.label_name().to_owned()
    }

    /// Unpleasant (-1) to pleasant (1).
    #[zbus(property)]
    fn valence(&self) -> f64 {
        self.0.view().mood.affect.valence
    }

    /// Calm (-1) to excited (1).
    #[zbus(property)]
    fn arousal(&self) -> f64 {
        self.0.view().mood.affect.arousal
    }

    /// The probability of the likeliest mood, 0 to 1.
    #[zbus(property)]
    fn confidence(&self) -> f64 {
        self.0.view().mood.confidence
    }

    /// The probability of each mood.
    #[zbus(property)]
    fn distribution(&self) -> HashMap<String, f64> {
        let mood = self.0.view();
        Emotion::ALL
            .into_iter()
            .map(|e| (e.name().to_owned(), mood.mood.distribution.get(e)))
            .collect()
    }

    /// Since when the label holds, in ms since 1970 UTC.
    #[zbus(property)]
    fn since(&self) -> i64 {
        self.0.view().mood.since.0
    }

    /// What it rests on: camera, report or none.
    #[zbus(property)]
    fn source(&self) -> String {
        self.0.view().mood.source.name().to_owned()
    }

    /// The user says how they feel: a mood's name, or "auto" to take back what was said.
    async fn report(&self, label: &str) -> Result<(), Error> {
        let report = if matches!(label.trim(), "auto" | "unknown") {
            Report::AsYouThink
        } else {
            let emotion = label.parse::<Emotion>().map_err(|error| {
                Error::InvalidArgument(tr!("{error}; or auto to take back what you said.", error))
            })?;
            Report::Mood(filter::Report::Label(emotion))
        };
        self.0.done(Request::Report(report)).await
    }

    /// The user says how they feel: valence and arousal, each -1 to 1.
    async fn report_affect(&self, valence: f64, arousal: f64) -> Result<(), Error> {
        if ![valence, arousal].iter().all(|x| (-1.0..=1.0).contains(x)) {
            let sentence = tr!(
                "Valence and arousal lie between -1 and 1, not at {valence} and {arousal}.",
                valence,
                arousal
            );
            return Err(Error::InvalidArgument(sentence));
        }
        let affect = Affect { valence, arousal };
        self.0
            .done(Request::Report(Report::Mood(filter::Report::Affect(
                affect,
            ))))
            .await
    }

    /// A note kept in the journal, at most 1,000 characters.
    async fn note(&self, text: String) -> Result<(), Error> {
        let length = text.chars().count();
        if text.trim().is_empty() || length > LONGEST_NOTE {
            return Err(Error::InvalidArgument(tr!(
                "A note has 1 to {most} characters; this one has {length}.",
                most = LONGEST_NOTE,
                length
            )));
        }
        self.0.call(|reply| Call::Note(text, reply)).await
    }

    /// Why the music was last changed or left alone, as JSON.
    async fn explain(&self) -> Result<String, Error> {
        self.0.call(Call::Explain).await
    }

    /// What the journal holds from `from` up to `to` (ms since 1970 UTC), oldest first, at most
    /// 10,000 entries. Keys: at (x), kind (s), summary (s), data (s, JSON).
    async fn history(&self, from: i64, to: i64) -> Result<Vec<Dict>, Error> {
        if from > to {
            return Err(Error::InvalidArgument(tr!(
                "The span ends before it begins."
            )));
        }
        self.0
            .call(|reply| Call::History(Timestamp(from), Timestamp(to), reply))
            .await
    }

    /// The label changed.
    #[zbus(signal)]
    pub(super) async fn changed(
        emitter: &SignalEmitter<'_>,
        label: &str,
        valence: f64,
        arousal: f64,
        confidence: f64,
    ) -> zbus::Result<()>;
}
