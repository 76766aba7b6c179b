//! Shows each step on standard output as it happens: `moodlarkd --demo`.

use std::io::Write;

use moodlark_core::{
    Emotion, Mood, Reading,
    decide::Decision,
    engine::{Explained, SwitchRecord},
};

/// What the demonstration has seen so far.
#[derive(Debug, Default)]
pub struct Demo {
    on: bool,
    last_gate: Option<String>,
    reading: Option<Reading>,
    mood: Option<Mood>,
    keep: Option<String>,
}

impl Demo {
    /// Says nothing unless `on`.
    #[must_use]
    pub fn new(on: bool) -> Self {
        Self {
            on,
            ..Self::default()
        }
    }

    fn line(&self, step: &str, text: &str) {
        if self.on {
            let mut out = std::io::stdout().lock();
            // A closed terminal is no reason to end a service.
            let _ = writeln!(out, "{step:>9}  {text}").and_then(|()| out.flush());
        }
    }

    /// The gate, when it changes.
    pub fn gate(&mut self, blocked: Option<&str>) {
        let text = blocked.map_or_else(
            || "open: a look may be taken".to_owned(),
            |why| format!("closed: {why}"),
        );
        if self.last_gate.as_ref() != Some(&text) {
            self.line("gate", &text);
            self.last_gate = Some(text);
        }
    }

    /// A look begins.
    pub fn looking(&self, device: &str) {
        self.line(
            "look",
            &format!("through {device}, in a sandboxed process of its own"),
        );
    }

    /// What a look found.
    pub fn reading(&mut self, reading: &Reading) {
        self.line("reading", &reading.sentence());
        self.reading = Some(reading.clone());
    }

    /// The mood after it.
    pub fn mood(&mut self, mood: &Mood) {
        let mut likeliest: Vec<_> = Emotion::ALL
            .iter()
            .map(|e| (mood.distribution.get(*e), *e))
            .collect();
        likeliest.sort_by(|a, b| b.0.total_cmp(&a.0));
        let shares: Vec<_> = likeliest
            .iter()
            .take(3)
            .map(|(p, emotion)| format!("{emotion} {:.0} %", p * 100.0))
            .collect();
        self.line(
            "mood",
            &format!(
                "{} ({}), valence {:+.2}, arousal {:+.2}",
                mood.label_name(),
                shares.join(", "),
                mood.affect.valence,
                mood.affect.arousal
            ),
        );
        self.mood = Some(mood.clone());
    }

    /// What was decided.
    pub fn decision(&mut self, explained: &Explained) {
        let verdict = match &explained.decision {
            Decision::Keep(_) => {
                self.keep = Some(explained.sentence.clone());
                "keep"
            }
            Decision::Ask(_) => "ask",
            Decision::Switch(_) => "switch",
        };
        self.line("decision", &format!("{verdict}: {}", explained.sentence));
    }

    /// A switch begins.
    pub fn switching(&self, playlist: &str, player: &str) {
        self.line(
            "switch",
            &format!("to \u{201c}{playlist}\u{201d} in {player}"),
        );
    }

    /// A switch was seen to take effect.
    pub fn verified(&self, switch: &SwitchRecord) {
        let title = if switch.title.is_empty() {
            "something new"
        } else {
            &switch.title
        };
        self.line(
            "verified",
            &format!(
                "\u{201c}{title}\u{201d} plays after {} ms, by {}",
                switch.took_ms, switch.route
            ),
        );
        if let Some(left_out) = switch.left_out.sentence() {
            self.line("left out", &left_out);
        }
    }

    /// A switch or an undo failed.
    pub fn failed(&self, why: &str) {
        self.line("failed", why);
    }

    /// An undo was made.
    pub fn undone(&self, restored: &[String]) {
        self.line("undone", &restored.join(", "));
    }

    /// Why nothing happened, for the end of `--once`.
    #[must_use]
    pub fn why_nothing(&self) -> String {
        self.keep
            .clone()
            .or_else(|| self.last_gate.clone())
            .unwrap_or_else(|| "nothing was seen".into())
    }

    /// The last line of `--once`.
    #[must_use]
    pub fn result(&self, switch: &SwitchRecord) -> String {
        #[derive(serde::Serialize)]
        struct Result<'a> {
            reading: &'a Option<Reading>,
            mood: &'a Option<Mood>,
            switch: &'a SwitchRecord,
            verified: bool,
        }
        let result = Result {
            reading: &self.reading,
            mood: &self.mood,
            switch,
            verified: switch.verified,
        };
        // Numbers and strings alone: this cannot fail.
        serde_json::to_string(&result).unwrap_or_default()
    }
}
