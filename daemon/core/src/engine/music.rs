//! Switches, questions and undos.

use std::time::Duration;

use moodlark_catalogue::tr;

use crate::{
    decide::{self, HANDS_OFF, Plan, adjective},
    emotion::Emotion,
    engine::{Effect, Engine, Notice, Outcome, Refusal, SwitchRecord, TAKEN_OVER},
    player::{Choice, PlayerView, Usable},
    playlist,
    policy::Origin,
    settings::{Intent, When},
    time::Now,
    transition::Manner,
};

/// A question that nobody answers is taken back after this time.
pub(super) const QUESTION_LASTS: Duration = Duration::from_secs(5 * 60);

impl Engine {
    pub(super) fn set_players(&mut self, players: Vec<PlayerView>, now: Now) {
        self.players = players;
        // A player that went away takes our playlist along.
        if let Some(switch) = &self.state.last_switch
            && !self
                .players
                .iter()
                .any(|view| view.bus_name == switch.player)
            && self.switching.is_none()
        {
            self.state.in_effect = false;
        }
        self.choose(now.at);
    }

    pub(super) fn user_acted(
        &mut self,
        player: &str,
        other_music: bool,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        // A hand on one player's controls is a hand on the music: it counts for all of them.
        self.hands_off(self.settings.decide.override_for.max(HANDS_OFF), now);
        if other_music
            && self
                .state
                .last_switch
                .as_ref()
                .is_some_and(|switch| switch.player == player)
        {
            self.state.in_effect = false;
        }
        // A hand on the controls answers the question, too.
        if self.asked.take().is_some() {
            effects.push(Effect::WithdrawQuestion);
        }
    }

    pub(super) fn perform(
        &mut self,
        plan: Plan,
        manner: Manner,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.pending = None;
        self.state.last_try = Some(now.at);
        self.switching = Some(plan.playlist.clone());
        effects.push(Effect::Perform(plan, manner));
    }

    pub(super) fn answered(&mut self, yes: bool, now: Now, effects: &mut Vec<Effect>) {
        let Some((plan, _)) = self.asked.take() else {
            return;
        };
        if !yes {
            // A no is a wish to be left alone.
            self.hands_off(self.settings.decide.override_for, now);
            return;
        }
        self.choose(now.at);
        // Much may have happened in the player since the question was asked.
        match decide::playing_music(&self.situation(now)) {
            Ok(view) if view.bus_name == plan.player && self.switching.is_none() => {
                // Who pressed the button wants to hear it, and not at the track's end.
                let manner = match self.settings.player.when {
                    When::Fade => Manner::Fade,
                    When::Now | When::AtTrackEnd => Manner::AtOnce,
                };
                self.perform(plan, manner, now, effects);
            }
            // Another player plays now, or a switch is under way: the question was about something else.
            Ok(view) => {
                let player = view.display_name().to_owned();
                let playlist = plan.playlist;
                effects.push(Effect::Tell(Notice::SwitchFailed {
                    outcome: Outcome {
                        name: "NoPlayer".into(),
                        sentence: tr!(
                            "{player} plays now; `moodlark play` plays it there.",
                            player
                        ),
                    },
                    playlist,
                }));
            }
            Err(keep) => effects.push(Effect::Tell(Notice::SwitchFailed {
                playlist: plan.playlist,
                outcome: Outcome {
                    name: "NoPlayer".into(),
                    sentence: keep.sentence(now.at),
                },
            })),
        }
    }

    pub(super) fn apply(
        &mut self,
        what: &str,
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.switching.is_some() {
            return Err(Refusal::Switching);
        }
        let (found, mood) = match playlist::by_name(&self.playlists, what) {
            Some(found) => (found.clone(), None),
            None => match playlist::own::affect_of(what).filter(|_| self.has_library()) {
                Some(affect) => (playlist::own::list(affect), None),
                None => {
                    let mood: Emotion = what.parse().map_err(|_| Refusal::NoSuchMusic {
                        what: what.to_owned(),
                    })?;
                    (
                        playlist::for_mood(&self.playlists, self.has_library(), mood)
                            .ok_or(Refusal::NoPlaylist { mood })?,
                        Some(mood),
                    )
                }
            },
        };
        self.choose(now.at);
        let name = match &self.choice {
            Choice::Player(name) => name,
            Choice::None(why) => {
                return Err(Refusal::NoPlayer {
                    why: why.to_string(),
                });
            }
            Choice::Ambiguous(players) => {
                return Err(Refusal::SeveralPlayers {
                    players: players.clone(),
                });
            }
        };
        let view = self
            .players
            .iter()
            .find(|view| view.bus_name == *name)
            .ok_or_else(|| Refusal::NoPlayer {
                why: tr!("{name} went away", name),
            })?;
        if let Usable::No { why } = &view.usable {
            return Err(Refusal::PlayerUnusable { why: why.clone() });
        }
        let plan = Plan {
            playlist: found.name,
            location: found.location,
            in_player: found.in_player.map(Into::into),
            player: view.bus_name.clone(),
            intent: Intent::Playlist(what.to_owned()),
            origin: Origin::Request,
            mood,
            target: None,
            why: mood.map_or_else(
                || tr!("You asked for it."),
                |mood| {
                    tr!(
                        "You asked for music to feel {mood} to.",
                        mood = adjective(mood)
                    )
                },
            ),
        };
        if self.asked.take().is_some() {
            effects.push(Effect::WithdrawQuestion);
        }
        self.hands_off(self.settings.decide.override_for, now);
        self.perform(plan, Manner::AtOnce, now, effects);
        Ok(())
    }

    pub(super) fn switched(
        &mut self,
        plan: Plan,
        outcome: Result<SwitchRecord, Outcome>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.switching = None;
        match outcome {
            Ok(record) => {
                self.state.last_try = Some(now.at);
                self.state.last_switch = Some(record.clone());
                self.state.in_effect = true;
                // Who asked for music sees it played; who didn't is told why it changed.
                if self.settings.notifications.switches && !plan.origin.is_request() {
                    effects.push(Effect::Tell(Notice::Switched(record)));
                }
            }
            // Their hand in the middle of it: they know what they did.
            Err(outcome) if outcome.name == TAKEN_OVER => {
                self.hands_off(self.settings.decide.override_for.max(HANDS_OFF), now);
            }
            Err(outcome) => {
                if self.settings.notifications.failures && !plan.origin.is_request() {
                    effects.push(Effect::Tell(Notice::SwitchFailed {
                        playlist: plan.playlist,
                        outcome,
                    }));
                }
            }
        }
    }

    pub(super) fn undo(&mut self, now: Now, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        if self.switching.is_some() {
            return Err(Refusal::Switching);
        }
        // The latest thing first: what was about to be played is not.
        if let Some(plan) = self.withdraw() {
            self.hands_off(self.settings.decide.override_for.max(HANDS_OFF), now);
            effects.push(Effect::Withdrawn(plan));
            return Ok(());
        }
        match &self.state.last_switch {
            Some(switch) if !switch.undone => {
                self.switching = Some(tr!("what played before"));
                effects.push(Effect::Undo(switch.clone()));
                Ok(())
            }
            _ => Err(Refusal::NothingToUndo),
        }
    }

    /// `missing`: what could not be brought back; `None` if the undo failed.
    pub(super) fn undone(
        &mut self,
        id: i64,
        missing: Option<Vec<String>>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.switching = None;
        let Some(missing) = missing else {
            return;
        };
        if let Some(switch) = self
            .state
            .last_switch
            .as_mut()
            .filter(|switch| switch.id == id)
        {
            switch.undone = true;
            self.state.in_effect = false;
            effects.push(Effect::Tell(Notice::Undone {
                switch: switch.clone(),
                missing,
            }));
        }
        // An undo says that the switch was wrong: leave the music alone for a while.
        self.hands_off(self.settings.decide.override_for, now);
    }

    fn hands_off(&mut self, span: Duration, now: Now) {
        self.state.hands_off_until = self.state.hands_off_until.max(Some(now.at.plus(span)));
    }
}
