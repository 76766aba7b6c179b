//! From what is known to a decision, and its why.

use moodlark_catalogue::tr;

use super::{Effect, Engine, Entry, Explained, Notice, music};
use crate::{
    decide::{self, Decision, Evidence, Situation},
    mood::MoodSource,
    time::{Now, Timestamp},
};

impl Engine {
    pub(super) fn update_mood(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let mood = self.filter.mood(now.at);
        self.mood_at = now.at;
        if mood.label != self.mood.label {
            effects.push(Effect::MoodChanged(mood.clone()));
            effects.push(Effect::Journal(Entry::Mood(mood.clone())));
        }
        self.mood = mood;
    }

    pub(super) fn evidence(&self, now: Now) -> Evidence {
        if self.mood.source == MoodSource::Report {
            return Evidence::Reported;
        }
        let scene = self.scene(now);
        if self.state.camera.refused(scene).is_some() {
            return Evidence::Paused;
        }
        if self.gates.away(&self.settings) {
            return Evidence::Away;
        }
        let fresh = scene
            .interval()
            .saturating_mul(2)
            .saturating_add(self.settings.camera.deadline);
        match self.last_face {
            Some(at) if now.at.since(at) <= fresh => Evidence::Seen,
            _ => Evidence::Stale,
        }
    }

    pub(super) fn situation(&self, now: Now) -> Situation<'_> {
        Situation {
            now,
            settings: &self.settings,
            playlists: &self.playlists,
            library: self.has_library(),
            toggles: &self.state.toggles,
            wish: self.state.wish.as_ref(),
            surroundings: &self.surroundings,
            mood: &self.mood,
            evidence: self.evidence(now),
            players: &self.players,
            choice: &self.choice,
            current: self.state.current(),
            last_try: self.state.last_try,
            hands_off_until: self.state.hands_off_until,
            asked: self.asked.as_ref().map(|(plan, _)| plan.playlist.as_str()),
            switching: self.switching.as_deref(),
        }
    }

    pub(super) fn decide(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.update_mood(now, effects);
        self.choose(now.at);
        if self.switching.is_some() {
            // Its own why must not be covered up by one that says that it is under way.
            self.undecided = true;
            return;
        }
        self.undecided = false;
        let decision = decide::decide(&self.situation(now));
        self.follow(decision, now, effects);
    }

    /// Writes a decision down, and does as it says.
    pub(super) fn follow(&mut self, decision: Decision, now: Now, effects: &mut Vec<Effect>) {
        match &decision {
            Decision::Keep(_) => self.pending = None,
            Decision::Ask(plan) => {
                self.pending = None;
                self.asked = Some((plan.clone(), now.at.plus(music::QUESTION_LASTS)));
                effects.push(Effect::Tell(Notice::Question(plan.clone())));
            }
            Decision::Switch(plan) => self.plan(plan.clone(), now),
        }
        let explained = Explained {
            at: now.at,
            sentence: self.told(&decision, now.at),
            decision,
            mood: self.mood.clone(),
        };
        effects.push(Effect::Journal(Entry::Decision(Box::new(
            explained.clone(),
        ))));
        self.explained = Some(explained);
    }

    /// The last decision as a sentence, as of now.
    #[must_use]
    pub fn why(&self, at: Timestamp) -> Option<String> {
        self.explained
            .as_ref()
            .map(|explained| self.told(&explained.decision, at))
    }

    /// A decision as a sentence: of a switch that waits, what it waits for.
    pub(super) fn told(&self, decision: &Decision, at: Timestamp) -> String {
        match (decision, self.pending_view()) {
            (Decision::Switch(plan), Some(pending)) => tr!(
                "{why} Will play \u{201c}{playlist}\u{201d} {until}.",
                why = plan.why,
                playlist = pending.playlist,
                until = pending.until
            ),
            _ => decision.sentence(at),
        }
    }
}
