//! Learning the user's resting face: looks one after the other for a while, averaged into a baseline.

use std::time::Duration;

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use super::{Effect, Engine, Refusal};
use crate::{
    decide::adjective,
    emotion::{Distribution, Emotion},
    filter::Baseline,
    reading::Reading,
    time::{Now, Timestamp},
};

/// The shortest and the longest time that a calibration may be asked to take.
const SPANS: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(120);
/// Fewer looks that found a face are no baseline.
const FEWEST: u32 = 3;
/// More looks in a row say nothing more: the face is the same, the light is the same.
const MOST: u32 = 20;

/// A calibration under way.
#[derive(Debug, Clone)]
pub(super) struct Calibration {
    until: Timestamp,
    sums: [f64; 7],
    weight: f64,
    faces: u32,
    looks: u32,
}

/// What a calibration learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibrated {
    /// Looks that found a face.
    pub faces: u32,
    /// Looks in all.
    pub looks: u32,
    /// The mean answer to the resting face.
    pub resting: Distribution,
    /// The same with the baseline divided out: what a resting face is read as from now on.
    pub corrected: Distribution,
}

/// Why a calibration learnt nothing; the baseline stays as it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotCalibrated {
    /// Too few faces.
    #[error("{}", tr!("Your face was found in {faces} of {looks} looks only; sit in front of the camera, in more light, and try again.", faces, looks))]
    TooFewFaces {
        /// Looks that found one.
        faces: u32,
        /// Looks in all.
        looks: u32,
    },
    /// The camera failed.
    #[error("{}", tr!("The camera could not be used: {reading}.", reading = reading.sentence()))]
    Trouble {
        /// What it found.
        reading: Reading,
    },
    /// It was ended by a pause, a gate, or by switching the camera off.
    #[error("{}", tr!("It was ended before it was done; something closed the camera: `moodlark camera` says what."))]
    Stopped,
}

impl Calibration {
    fn new(until: Timestamp) -> Self {
        Self {
            until,
            sums: [0.0; 7],
            weight: 0.0,
            faces: 0,
            looks: 0,
        }
    }

    /// Takes a look's reading in.
    fn take(&mut self, reading: &Reading) {
        self.looks += 1;
        if let Reading::Face {
            distribution,
            quality,
            ..
        } = reading
            && quality.overall > 0.0
        {
            for (sum, p) in self.sums.iter_mut().zip(distribution.as_array()) {
                *sum += p * quality.overall;
            }
            self.weight += quality.overall;
            self.faces += 1;
        }
    }

    /// The mean answer, if there were enough faces for one.
    fn baseline(&self) -> Result<Baseline, NotCalibrated> {
        let too_few = NotCalibrated::TooFewFaces {
            faces: self.faces,
            looks: self.looks,
        };
        if self.faces < FEWEST {
            return Err(too_few);
        }
        let resting = Distribution::from_weights(self.sums.map(|sum| sum / self.weight))
            .map_err(|_| too_few)?;
        Ok(Baseline {
            resting,
            looks: f64::from(self.faces),
        })
    }
}

impl Engine {
    /// The baseline in force.
    #[must_use]
    pub const fn baseline(&self) -> Option<&Baseline> {
        self.state.baseline.as_ref()
    }

    /// Begins to look again and again until `span` is over.
    pub(super) fn calibrate(
        &mut self,
        span: Duration,
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if !SPANS.contains(&span) {
            return Err(Refusal::CalibrationSpan { span });
        }
        self.may_look(now)?;
        self.calibration = Some(Calibration::new(now.at.plus(span)));
        self.prepare_look(true, now, effects);
        Ok(())
    }

    /// Forgets the baseline.
    pub(super) fn forget_baseline(&mut self) {
        self.state.baseline = None;
        self.filter.set_baseline(None);
    }

    /// The look that a calibration waits for will not be taken.
    pub(super) fn end_calibration(&mut self, effects: &mut Vec<Effect>) {
        if self.calibration.take().is_some() {
            effects.push(Effect::Calibrated(Err(NotCalibrated::Stopped)));
        }
    }

    /// A look of a calibration ended; it says nothing of the mood.
    pub(super) fn calibrating(
        &mut self,
        mut calibration: Calibration,
        reading: Option<Reading>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let forbidden = self.forbidden(now);
        let outcome = match reading {
            _ if forbidden.is_some() => Err(NotCalibrated::Stopped),
            None => Err(NotCalibrated::Stopped),
            Some(reading) if reading.is_trouble() => Err(NotCalibrated::Trouble { reading }),
            Some(reading) => {
                calibration.take(&reading);
                self.last_reading = Some(reading);
                if now.at < calibration.until && calibration.looks < MOST {
                    self.calibration = Some(calibration);
                    self.prepare_look(true, now, effects);
                    return;
                }
                calibration.baseline().map(|baseline| {
                    self.state.baseline = Some(baseline);
                    self.filter.set_baseline(Some(baseline));
                    Calibrated {
                        faces: calibration.faces,
                        looks: calibration.looks,
                        resting: baseline.resting,
                        corrected: self.filter.corrected(&baseline.resting),
                    }
                })
            }
        };
        effects.push(Effect::Calibrated(outcome));
    }
}

impl Calibrated {
    /// What it changes, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (before, p) = self.resting.top();
        let (after, q) = self.corrected.top();
        let percent = |p: f64| (p * 100.0).round();
        if before == after && after == Emotion::Neutral {
            return tr!(
                "Your resting face is read as neutral already ({before} %); with the baseline {after} %.",
                before = format!("{:.0}", percent(p)),
                after = format!("{:.0}", percent(q))
            );
        }
        tr!(
            "Your resting face looked {before} ({share} %); with the baseline it is read as {after} ({corrected} %).",
            before = adjective(before),
            share = format!("{:.0}", percent(p)),
            after = adjective(after),
            corrected = format!("{:.0}", percent(q))
        )
    }
}
