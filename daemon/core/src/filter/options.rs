//! The `[mood]` options as the filter computes with them.

use crate::settings::MoodSettings;

/// The options, made safe to compute with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Options {
    pub(super) half_life: f64,
    pub(super) report_half_life: f64,
    pub(super) shows: f64,
    pub(super) min_confidence: f64,
    pub(super) hysteresis: f64,
}

impl Options {
    pub(super) fn of(settings: &MoodSettings) -> Self {
        let fraction = |x: f64, otherwise: f64| {
            if x.is_finite() {
                x.clamp(0.0, 1.0)
            } else {
                otherwise
            }
        };
        let default = MoodSettings::default();
        Self {
            half_life: settings.half_life.as_secs_f64().max(1.0),
            report_half_life: settings.report_half_life.as_secs_f64().max(1.0),
            // At 0 no face would say anything, ever.
            shows: fraction(settings.shows, default.shows).max(0.01),
            min_confidence: fraction(settings.min_confidence, default.min_confidence),
            hysteresis: fraction(settings.hysteresis, default.hysteresis),
        }
    }
}
