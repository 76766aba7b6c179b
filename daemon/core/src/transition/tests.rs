//! The volume in a fade, whatever the player and the user do with it.

use proptest::prelude::*;

use super::*;

/// A player's volume, which may round, may be reset, and may be moved by somebody.
fn run(was: f64, round: Option<f64>, resets: bool, moved: Option<(usize, f64)>) -> (Vec<f64>, f64) {
    let rounded = |volume: f64| round.map_or(volume, |step| (volume / step).round() * step);
    let mut volume = was;
    let mut set = Vec::new();
    let Some(mut fade) = Fade::from(was) else {
        return (set, volume);
    };
    let mut steps = 0;
    let mut go = |fade: &mut Fade, volume: &mut f64, up: bool| {
        loop {
            if let Some((at, to)) = moved
                && at == steps
            {
                *volume = to;
            }
            steps += 1;
            let stroke = if up {
                fade.up(Some(*volume))
            } else {
                fade.down(Some(*volume))
            };
            match stroke {
                Stroke::Set(to) => {
                    set.push(to);
                    *volume = rounded(to);
                }
                Stroke::Done | Stroke::Theirs(_) => break,
            }
        }
    };
    go(&mut fade, &mut volume, false);
    if resets {
        // The player begins its new stream at full volume, and is turned down to the level at once.
        volume = rounded(fade.level());
    }
    go(&mut fade, &mut volume, true);
    (set, volume)
}

#[test]
fn down_to_a_whisper_and_up_to_where_it_was() {
    let (set, volume) = run(0.6, None, false, None);
    assert_eq!(volume, 0.6, "to the last bit");
    assert!((15..=20).contains(&set.len()), "{}", set.len());
    let lowest = set.iter().copied().fold(1.0, f64::min);
    assert!(lowest > 0.02 && lowest < 0.05, "{lowest}");
}

#[test]
fn nothing_to_fade_is_no_fade() {
    assert!(Fade::from(0.0).is_none());
    assert!(Fade::from(f64::NAN).is_none());
}

#[test]
fn a_player_that_lags_or_misses_a_step_is_nobodys_hand() {
    let mut fade = Fade::from(0.5).unwrap();
    let mut before = 0.5;
    for _ in 0..9 {
        // It still tells what was there a step ago.
        let Stroke::Set(level) = fade.down(Some(before)) else {
            panic!("taken for a hand at {before}");
        };
        before = (before + level) / 2.0;
    }
    assert!(matches!(fade.up(Some(before)), Stroke::Set(_)));
    // One step up was lost on the way, and the next one is made nevertheless.
    let lost = fade.level();
    assert!(matches!(fade.up(Some(lost)), Stroke::Set(_)));
    assert!(matches!(fade.up(Some(lost)), Stroke::Set(_)));
    assert!(matches!(fade.up(Some(0.9)), Stroke::Theirs(_)));
}

proptest! {
    #[test]
    fn it_is_never_louder_than_before_and_theirs_stays_theirs(
        was in 0.0_f64..1.5,
        coarse in proptest::option::of(prop::sample::select(vec![0.01, 1.0 / 256.0, 1.0 / 31.0])),
        resets in any::<bool>(),
        moved in proptest::option::of((0_usize..22, 0.0_f64..1.5)),
    ) {
        let (set, volume) = run(was, coarse, resets, moved);
        for volume in &set {
            prop_assert!(*volume <= was + 1e-12, "louder than before: {volume} > {was}");
            prop_assert!(*volume > 0.0 || was == 0.0);
        }
        match moved {
            None => prop_assert!((volume - was).abs() < 0.02 || was <= 0.03),
            // They moved it by more than a rounding, and before it was over.
            Some((at, to)) if at < 19 && (to - was).abs() > 0.05 && set.len() <= at.max(1) && was > 0.05 => {
                prop_assert!(set.len() <= at + 1);
                let kept = (volume - to).abs() < 0.02;
                // Who sets what we had just set, or what lies between that and the step before, cannot be told
                // from a player that rounds or lags.
                let near = &set[at.saturating_sub(3).min(set.len())..set.len().min(at + 1)];
                let low = near.iter().copied().fold(was, f64::min);
                let high = near.iter().copied().fold(low, f64::max).max(if at < 3 { was } else { low });
                let one_of_ours = (low - 0.05..=high + 0.05).contains(&to);
                prop_assert!(kept || one_of_ours, "theirs was {to}, it is {volume}");
            }
            Some(_) => {}
        }
    }
}
