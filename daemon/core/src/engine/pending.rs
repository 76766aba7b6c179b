//! A switch that was decided on and waits for its moment. Everything that speaks against it is looked at
//! again and again until then, and once more at the moment itself.

use std::time::Duration;

use super::{Effect, Engine, PendingView};
use crate::{
    decide::{self, Decision, Keep, Plan},
    gates::Gate,
    player::{Content, Playback, PlayerView},
    settings::When,
    time::{Now, Timestamp},
    transition::{self, Due, Manner, Since},
};

/// So long before the moment the player is asked anew where it is: few tell of every seek.
const CONFIRM_AHEAD: Duration = Duration::from_secs(2);
/// What was confirmed before the moment counts for so long.
const CONFIRMED_FOR: Duration = Duration::from_secs(5);
/// A confirmation that does not come is asked for again.
const CONFIRM_WITHIN: Duration = Duration::from_secs(10);
/// Between two tracks a player may be silent for a moment; after so long it has stopped.
const SILENT_FOR: Duration = Duration::from_secs(5);

/// A switch that waits.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    plan: Plan,
    since: Since,
    stage: Stage,
    /// It was held back by a call, and waits for the next end.
    call: bool,
    /// Nothing plays since then.
    silent: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// The moment is not near.
    Waits,
    /// Asked for since.
    Confirming(Timestamp),
    /// The answer, and when it came.
    Confirmed(Option<Gate>, Timestamp),
}

impl Engine {
    /// Takes up a plan; one for the same goes on waiting with its newest why.
    pub(super) fn plan(&mut self, plan: Plan, now: Now) {
        if let Some(pending) = &mut self.pending
            && pending.is_for(&plan)
        {
            pending.plan = plan;
            return;
        }
        let since = self
            .view_of(&plan.player)
            .map(|view| Since::now(view, now.at));
        self.pending = since.map(|since| Pending {
            plan,
            since,
            stage: Stage::Waits,
            call: false,
            silent: None,
        });
    }

    /// Forgets the switch that waits, and gives its plan.
    pub(super) fn withdraw(&mut self) -> Option<Plan> {
        self.pending.take().map(|pending| pending.plan)
    }

    /// Whether a switch waits for its moment.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    pub(super) fn confirmed(&mut self, call: Option<Gate>, now: Now) {
        let call = call.filter(|_| !self.settings.player.during_calls);
        if let Some(pending) = &mut self.pending
            && matches!(pending.stage, Stage::Confirming(_))
        {
            pending.stage = Stage::Confirmed(call, now.at);
        }
    }

    /// Looks after the switch that waits: drops it, lets it wait, or makes it.
    pub(super) fn attend(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.pending.is_none() || self.switching.is_some() {
            return;
        }
        self.choose(now.at);
        let decision = decide::decide(&self.situation(now));
        let Some(pending) = &mut self.pending else {
            return;
        };
        match &decision {
            Decision::Switch(plan) if pending.is_for(plan) => {
                pending.plan = plan.clone();
                pending.silent = None;
            }
            // Over soon; what comes after them is the next track.
            Decision::Keep(Keep::Ad { .. } | Keep::Episode { .. }) => {
                pending.silent = None;
                return;
            }
            Decision::Keep(Keep::NotPlaying { .. })
                if now.at.since(*pending.silent.get_or_insert(now.at)) < SILENT_FOR =>
            {
                return;
            }
            _ => {
                self.pending = None;
                self.follow(decision, now, effects);
            }
        }
        self.act_if_due(now, effects);
    }

    fn act_if_due(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(moment) = self.moment(now.at) else {
            return;
        };
        let Some(pending) = &mut self.pending else {
            return;
        };
        let near = match moment {
            Due::Now(_) => true,
            Due::At(moment) => moment <= now.at.plus(CONFIRM_AHEAD),
            Due::Unknown => false,
        };
        match pending.stage {
            Stage::Confirmed(Some(_), at) if near && now.at.since(at) < CONFIRMED_FOR => {
                self.hold_for_call(now, effects);
            }
            // At the moment itself only an answer of this moment counts.
            Stage::Confirmed(None, at) if near && now.at.since(at) < CONFIRMED_FOR => {
                match moment {
                    Due::Now(manner) if at == now.at => self.act(manner, now, effects),
                    Due::Now(_) => self.confirm(now, effects),
                    Due::At(_) | Due::Unknown => {}
                }
            }
            Stage::Confirming(at) if now.at.since(at) < CONFIRM_WITHIN => {}
            Stage::Waits | Stage::Confirming(_) | Stage::Confirmed(..) if near => {
                self.confirm(now, effects);
            }
            Stage::Waits | Stage::Confirming(_) | Stage::Confirmed(..) => {
                pending.stage = Stage::Waits;
            }
        }
    }

    /// Has the player asked anew, and looked for a call.
    fn confirm(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if let Some(pending) = &mut self.pending {
            pending.stage = Stage::Confirming(now.at);
            effects.push(Effect::Confirm {
                player: pending.plan.player.clone(),
            });
        }
    }

    fn act(&mut self, manner: Manner, now: Now, effects: &mut Vec<Effect>) {
        if let Some(plan) = self.withdraw() {
            self.perform(plan, manner, now, effects);
        }
    }

    /// A call goes on: not now. The next track is another chance; what was to be at once is dropped, and the
    /// next decision sees whether it still should be.
    fn hold_for_call(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        let view = self.view_of(&pending.plan.player).filter(|view| {
            let ends = view.track.as_ref().is_some_and(|t| t.length.is_some());
            ends && self.settings.player.when == When::AtTrackEnd
        });
        let Some(since) = view.map(|view| Since::now(view, now.at)) else {
            self.follow(Decision::Keep(Keep::InCall), now, effects);
            return;
        };
        self.pending = Some(Pending {
            since,
            stage: Stage::Waits,
            call: true,
            ..pending
        });
    }

    /// When the switch that waits is due.
    fn moment(&self, at: Timestamp) -> Option<Due> {
        let pending = self.pending.as_ref()?;
        let view = self.view_of(&pending.plan.player)?;
        let due = transition::due(self.settings.player.when, view, &pending.since, at);
        // This track's end was given up to a call.
        let same = |view: &PlayerView| {
            pending
                .since
                .track
                .as_ref()
                .zip(view.track.as_ref())
                .is_some_and(|(was, is)| was.is_same(is))
        };
        Some(if pending.call && same(view) {
            Due::Unknown
        } else {
            due
        })
    }

    /// When it must be looked after again, by the clock.
    pub(super) fn pending_wake(&self, at: Timestamp) -> Option<Timestamp> {
        let pending = self.pending.as_ref()?;
        let moment = match (self.moment(at)?, pending.stage) {
            (Due::Unknown, _) => None,
            (_, Stage::Confirming(since)) => Some(since.plus(CONFIRM_WITHIN)),
            (Due::Now(_), _) => Some(at),
            (Due::At(moment), Stage::Waits) => {
                let ahead = i64::try_from(CONFIRM_AHEAD.as_millis()).unwrap_or(0);
                Some(Timestamp(moment.0.saturating_sub(ahead)))
            }
            (Due::At(moment), Stage::Confirmed(..)) => Some(moment),
        };
        let silence = pending.silent.map(|since| since.plus(SILENT_FOR));
        // What is held (by an advertisement, say) is woken by the player, and not by a clock that runs wild.
        let moment = moment.filter(|moment| *moment > at || self.is_free());
        [moment, silence].into_iter().flatten().min()
    }

    /// Whether nothing in the player holds the switch back.
    fn is_free(&self) -> bool {
        self.pending
            .as_ref()
            .and_then(|pending| self.view_of(&pending.plan.player))
            .is_some_and(|view| {
                let music = !matches!(view.content, Content::Ad | Content::Episode);
                music && view.playback == Playback::Playing
            })
    }

    pub(super) fn pending_view(&self) -> Option<PendingView> {
        let pending = self.pending.as_ref()?;
        let view = self.view_of(&pending.plan.player);
        let title = view
            .and_then(|view| view.track.as_ref())
            .map(|track| track.title.as_str())
            .filter(|title| !title.is_empty());
        let until = match (self.settings.player.when, title) {
            (When::AtTrackEnd, _) if pending.call => {
                "when the call is over and a track ends".to_owned()
            }
            (When::AtTrackEnd, Some(title)) => {
                format!("when \u{201c}{title}\u{201d} ends")
            }
            (When::AtTrackEnd, None) => "when the track ends".to_owned(),
            _ => "in a moment".to_owned(),
        };
        Some(PendingView {
            playlist: pending.plan.playlist.clone(),
            player: pending.plan.player.clone(),
            until,
        })
    }

    fn view_of(&self, player: &str) -> Option<&PlayerView> {
        self.players.iter().find(|view| view.bus_name == player)
    }
}

impl Pending {
    fn is_for(&self, plan: &Plan) -> bool {
        self.plan.playlist == plan.playlist && self.plan.player == plan.player
    }
}
