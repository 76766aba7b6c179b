//! Which parts of a track are heard: three windows around a quarter, the middle and three quarters of it.

/// The length of a window, in seconds.
pub const LENGTH: f64 = 29.2;
/// Where the windows' middles lie, as shares of the track.
pub(crate) const MIDDLES: [f64; 3] = [0.25, 0.5, 0.75];
/// What is shorter is no piece of music to choose, in seconds.
pub const SHORTEST: f64 = 15.0;

/// A part of a track, in seconds from its start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// The windows of a track of this length: three, or all of it where it is no longer than one.
#[must_use]
pub fn windows(duration: f64) -> Vec<Span> {
    if duration <= LENGTH {
        return vec![Span {
            from: 0.0,
            to: duration,
        }];
    }
    let place = |middle: f64| {
        let from = (middle * duration - LENGTH / 2.0).clamp(0.0, duration - LENGTH);
        Span {
            from,
            to: from + LENGTH,
        }
    };
    MIDDLES.into_iter().map(place).collect()
}

/// The windows joined where they overlap: what has to be decoded.
#[must_use]
pub fn joined(windows: &[Span]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for window in windows {
        match spans.last_mut() {
            Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
            _ => spans.push(*window),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn windows_lie_in_the_track_and_in_what_is_decoded(duration in 1.0f64..20_000.0) {
            let windows = windows(duration);
            let spans = joined(&windows);
            prop_assert!(spans.windows(2).all(|pair| pair[0].to < pair[1].from));
            for window in &windows {
                prop_assert!(window.from >= 0.0 && window.to <= duration + 1e-9);
                prop_assert!((window.to - window.from - LENGTH.min(duration)).abs() < 1e-9);
                let inside = |s: &Span| s.from <= window.from && window.to <= s.to;
                prop_assert!(spans.iter().any(inside));
            }
        }
    }
}
