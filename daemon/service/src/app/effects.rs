//! Carrying out the engine's effects.

use moodlark_api::error::Error;
use moodlark_catalogue::tr;
use moodlark_core::{
    Now, Reading,
    engine::{Calibrated, Effect, Entry, Event, NotCalibrated, Notice},
    gates::{Finding, Gate},
};

use super::{App, Inside, switch::of_withdrawn};
use crate::{
    bus::{Answer, Reply, of_refusal},
    gates::Gates,
    worker::Look,
};
use moodlark_core::engine::Request;

impl App {
    pub(super) async fn carry_out(&mut self, effects: Vec<Effect>, now: Now) {
        self.write_down(&effects, now);
        if effects.contains(&Effect::Look) {
            self.demo.gate(None);
        }
        for effect in effects {
            match effect {
                Effect::Ask => {
                    let (asking, inside) = (self.gates.ask(), self.inside.clone());
                    tokio::spawn(async move {
                        let _ = inside.send(Inside::Asked(asking.await)); // the service ends
                    });
                }
                Effect::Look => self.start_look(),
                Effect::StopLook => {
                    if let Some(look) = &mut self.look {
                        look.stop();
                    }
                }
                Effect::Confirm { player } => {
                    let (players, inside) = (self.players.clone(), self.inside.clone());
                    tokio::spawn(async move {
                        let (again, call) =
                            tokio::join!(players.refresh(&player), Gates::in_call());
                        if let Err(error) = again {
                            tracing::debug!("{player} does not say what it does: {error}");
                        }
                        let _ = inside.send(Inside::Confirmed(call)); // the service ends
                    });
                }
                Effect::Perform(plan, manner) => {
                    self.we_change_the_music();
                    self.demo.switching(&plan.playlist, &plan.player);
                    self.start_switch(plan, manner);
                }
                Effect::Withdrawn(plan) => {
                    tracing::info!("a switch that waited is not made: it was undone");
                    if let Some(reply) = self.waiting_undo.take() {
                        let _ = reply.send(Ok(Answer::Dict(of_withdrawn(&plan)))); // who asked may have gone
                    }
                }
                Effect::Undo(switch) => {
                    self.taken_back();
                    self.start_undo(switch);
                }
                Effect::Tell(notice) => self.tell(notice, now),
                Effect::WithdrawQuestion => self.notifications.withdraw(),
                Effect::MoodChanged(mood) => {
                    if let Err(error) = self.announcer.mood_changed(&mood).await {
                        tracing::warn!("the mood could not be announced: {error:#}");
                    }
                }
                Effect::Journal(Entry::Reading(reading)) => {
                    self.demo.reading(&reading);
                    let mood = self.engine.view(now).mood;
                    self.demo.mood(&mood);
                }
                Effect::Journal(Entry::Decision(explained)) => self.demo.decision(&explained),
                Effect::Calibrated(outcome) => self.calibrated(outcome),
                Effect::Journal(Entry::Mood(_) | Entry::Report(_)) | Effect::Save => {}
            }
        }
    }

    fn calibrated(&mut self, outcome: Result<Calibrated, NotCalibrated>) {
        let answer = outcome
            .map_err(|why| Error::NotCalibrated(why.to_string()))
            .and_then(|learnt| {
                let json = serde_json::to_value(learnt).map(|mut json| {
                    json["sentence"] = learnt.sentence().into();
                    json.to_string()
                });
                json.map(Answer::Json)
                    .map_err(|error| Error::Storage(error.to_string()))
            });
        if let Some(waiting) = self.waiting_calibration.take() {
            let _ = waiting.send(answer); // who asked may have gone
        }
    }

    /// Writes entries and state in one transaction. A full disk stops nothing else.
    fn write_down(&mut self, effects: &[Effect], now: Now) {
        let entries: Vec<Entry> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Journal(entry) => Some(entry.clone()),
                _ => None,
            })
            .collect();
        let save = effects.contains(&Effect::Save).then(|| self.engine.state());
        if entries.is_empty() && save.is_none() {
            return;
        }
        if let Err(error) = super::lock(&self.journal).write(now.at, &entries, save) {
            tracing::error!("the journal could not be written: {error:#}");
        }
    }

    pub(super) fn tell(&self, notice: Notice, now: Now) {
        let settings = self.engine.settings().notifications.clone();
        self.notifications.tell(notice, settings, now.at);
    }

    fn start_look(&mut self) {
        let settings = self.engine.settings().camera.clone();
        self.demo.looking(&match settings.source {
            moodlark_core::settings::Source::Camera => {
                tr!("the camera ({device})", device = settings.device)
            }
            moodlark_core::settings::Source::Pictures => {
                format!(
                    "pictures ({})",
                    settings.pictures.as_deref().unwrap_or_default()
                )
            }
        });
        let inside = self.inside.clone();
        let done = move |reading| {
            let _ = inside.send(Inside::Looked(reading)); // the service ends: nobody wants it
        };
        self.look = Some(Look::start(
            self.options.sense.clone(),
            settings,
            self.looks,
            done,
        ));
        self.looks += 1;
    }

    /// The gates that tell nothing by themselves have answered. Whoever waits for a look that is
    /// not to be hears why.
    pub(super) async fn asked(&mut self, answers: Vec<(Gate, Finding)>) {
        self.handle(Event::Asked(answers)).await;
        if self.engine.is_looking() {
            return;
        }
        for waiting in std::mem::take(&mut self.waiting_look) {
            let _ = waiting.send(Err(self.not_looked())); // who asked may have gone
        }
    }

    /// Why there is no reading.
    fn not_looked(&self) -> moodlark_api::error::Error {
        let why = self.engine.closed(crate::clock::now());
        moodlark_api::error::Error::CameraBlocked(match why {
            Some(why) => tr!("There was no look. {why}", why = why.sentence()),
            None => tr!("The look was ended by a pause or a gate."),
        })
    }

    pub(super) async fn looked(&mut self, reading: Option<Reading>) {
        self.look = None;
        self.let_sleep();
        if let Some(reading) = &reading {
            // How somebody feels belongs into their own journal, not into the system's log, which
            // others may read and which `retention` doesn't reach.
            if reading.is_trouble() {
                tracing::warn!("{}", reading.sentence());
            } else {
                tracing::info!("a look was taken");
            }
        }
        let answer = match &reading {
            Some(reading) => serde_json::to_string(reading)
                .map(Answer::Json)
                .map_err(|error| Error::Storage(error.to_string())),
            None => Err(self.not_looked()),
        };
        self.handle(Event::Looked(reading)).await;
        let Some(last) = self.waiting_look.pop() else {
            return;
        };
        for waiting in self.waiting_look.drain(..) {
            let copy = match &answer {
                Ok(answer) => Ok(answer.clone()),
                Err(error) => Err(Error::CameraBlocked(crate::bus::sentence(error))),
            };
            let _ = waiting.send(copy); // who asked may have gone
        }
        let _ = last.send(answer);
    }

    /// Feeds a request to the engine; `reply` is answered when it has been carried out.
    pub(super) async fn request(&mut self, request: Request, reply: Option<Reply<Answer>>) {
        let now = crate::clock::now();
        self.refresh_surroundings();
        let kind = request.clone();
        match self.engine.request(request, now) {
            Err(refusal) => {
                tracing::debug!("refused: {refusal}");
                if let Some(reply) = reply {
                    let _ = reply.send(Err(of_refusal(&refusal)));
                }
            }
            Ok(effects) => {
                let mut reply = reply;
                match kind {
                    Request::Calibrate(_) => self.waiting_calibration = reply.take(),
                    Request::Look => self.waiting_look.extend(reply.take()),
                    Request::Apply(_) => self.waiting_switch = reply.take(),
                    Request::Undo => self.waiting_undo = reply.take(),
                    _ => {}
                }
                self.carry_out(effects, now).await;
                self.show(now).await;
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(Answer::Done));
                }
            }
        }
    }
}
