//! The volume's way down, and up again in the new music: never louder than before, and only while nobody
//! else touches it.

use std::time::Duration;

/// Steps of one way. Finer ones are not heard, and each is a call to the player.
const STEPS: u32 = 9;
/// The quietest, as a share of the volume before. Not silence: some players take 0 for muted and stay so.
const FLOOR: f64 = 0.06;
/// Players round, and so do mixers, some to one in 31: what comes back within this of what was set is what
/// was set.
const ROUNDING: f64 = 0.03;

/// What to do with the volume next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stroke {
    /// Set it to this.
    Set(f64),
    /// Nothing more: this way is at its end.
    Done,
    /// Nothing more: somebody else set it to this, and theirs it stays.
    Theirs(f64),
}

/// One fade: down, the switch, up.
#[derive(Debug, Clone, PartialEq)]
pub struct Fade {
    was: f64,
    /// Steps below `was`, 0..=[`STEPS`].
    depth: u32,
    /// What was last set; before that, what was there.
    last: f64,
    /// What was there when the player was last heard.
    heard: f64,
    theirs: Option<f64>,
}

impl Fade {
    /// From this volume (usually 0..=1); `None` where there is nothing to fade.
    #[must_use]
    pub fn from(volume: f64) -> Option<Self> {
        (volume.is_finite() && volume > 0.03).then_some(Self {
            was: volume,
            depth: 0,
            last: volume,
            heard: volume,
            theirs: None,
        })
    }

    /// The time between two steps, of a fade that takes `whole` down and up.
    #[must_use]
    pub fn pace(whole: Duration) -> Duration {
        whole / (2 * STEPS)
    }

    /// What the volume should be now.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.theirs.unwrap_or(self.last)
    }

    /// A step down. `heard` is what the player says its volume is; `None` if it doesn't.
    pub fn down(&mut self, heard: Option<f64>) -> Stroke {
        self.step(heard, STEPS, |depth| depth + 1)
    }

    /// A step up.
    pub fn up(&mut self, heard: Option<f64>) -> Stroke {
        self.step(heard, 0, |depth| depth - 1)
    }

    fn step(&mut self, heard: Option<f64>, end: u32, next: impl Fn(u32) -> u32) -> Stroke {
        if let Some(is) = heard.filter(|is| is.is_finite()) {
            // A player that lags, or did not take a step, is somewhere on the way: that is nobody's hand.
            let (low, high) = (self.last.min(self.heard), self.last.max(self.heard));
            if is < low - ROUNDING || is > high + ROUNDING {
                self.theirs = Some(is);
            } else {
                self.heard = is;
            }
        }
        if let Some(theirs) = self.theirs {
            return Stroke::Theirs(theirs);
        }
        if self.depth == end {
            return Stroke::Done;
        }
        self.depth = next(self.depth);
        self.last = self.at(self.depth);
        Stroke::Set(self.last)
    }

    /// Evenly to the ear: equal ratios.
    fn at(&self, depth: u32) -> f64 {
        if depth == 0 {
            self.was // to the last bit
        } else {
            self.was * FLOOR.powf(f64::from(depth) / f64::from(STEPS))
        }
    }
}
