//! From what a player shows to plays: which track, how much of it, and how it ended.
//!
//! A track's end says something of the user only if the user caused it. So whoever changes the music, and the lock, the
//! call or the end of the session that stops it, says so beforehand ([`Listener::because`]); an end that follows soon
//! is theirs. What remains is the track's own end, a skip, or a stop.

use std::time::Duration;

use super::Ended;
use crate::{
    player::{Playback, PlayerView, Track},
    time::Timestamp,
};

/// An end so soon after a cause is due to it: a fade and a slow player lie in between.
const CAUSED_WITHIN: Duration = Duration::from_secs(30);
/// Players move on a little before a track's end, and their clocks run a little off ours.
const NEAR_THE_END: Duration = Duration::from_secs(8);
/// A track that was only passed through, as a player opens a list, was not played.
const PASSED: Duration = Duration::from_secs(2);

/// A track that was played, or begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Play {
    /// Its URL, as the player tells it.
    pub url: String,
    /// When it began.
    pub at: Timestamp,
    /// How long it was heard, pauses not counted.
    pub span: Duration,
    /// How much of it was heard, 0..=1; 0 where its length is not known.
    pub share: f64,
    /// How it ended.
    pub ended: Ended,
}

/// Follows one player at a time.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    now: Option<Playing>,
    cause: Option<(Ended, Timestamp)>,
}

#[derive(Debug, Clone)]
struct Playing {
    player: String,
    track: Track,
    began: Timestamp,
    heard: Duration,
    /// It plays since then.
    since: Option<Timestamp>,
}

impl Playing {
    fn hear_until(&mut self, at: Timestamp) {
        if let Some(since) = self.since.take() {
            self.heard = self.heard.saturating_add(at.since(since));
        }
    }
}

impl Listener {
    /// Something other than the track or the user is about to end what plays.
    pub fn because(&mut self, cause: Ended, at: Timestamp) {
        self.cause = Some((cause, at));
    }

    /// The track that plays, as its player tells it.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        let now = self.now.as_ref()?;
        Some(now.track.url.as_str()).filter(|url| !url.is_empty())
    }

    /// Takes in the player that plays now; `None` where there is none. Answers with the play that ended, if one did.
    pub fn sees(&mut self, view: Option<&PlayerView>, at: Timestamp) -> Option<Play> {
        let shown = view.and_then(|view| {
            let track = view.track.as_ref()?;
            (!track.is_empty() && !track.is_list()).then_some((view, track))
        });
        let Some((view, track)) = shown else {
            return self.ends(view.is_none(), at);
        };
        if let Some(now) = self
            .now
            .as_mut()
            .filter(|now| now.player == view.bus_name && now.track.is_same(track))
        {
            now.hear_until(at);
            now.since = (view.playback == Playback::Playing).then_some(at);
            // A length often arrives late.
            if track.length.is_some() {
                now.track.length = track.length;
            }
            return None;
        }
        let ended = self.ends(false, at);
        self.now = Some(Playing {
            player: view.bus_name.clone(),
            track: track.clone(),
            began: at,
            heard: Duration::ZERO,
            since: (view.playback == Playback::Playing).then_some(at),
        });
        ended
    }

    /// What played is over. `gone`: no player shows anything any more.
    fn ends(&mut self, gone: bool, at: Timestamp) -> Option<Play> {
        let mut now = self.now.take()?;
        // A clock that was set back has nothing to say.
        let paused = now.since.is_none();
        now.hear_until(at);
        let cause = self
            .cause
            .take()
            .filter(|(_, since)| at >= *since && at.since(*since) <= CAUSED_WITHIN);
        let length = now.track.length.filter(|length| !length.is_zero());
        let heard = length.map_or(now.heard, |length| now.heard.min(length));
        if heard < PASSED && cause.is_none() && !paused {
            return None;
        }
        let share = length.map_or(0.0, |length| heard.as_secs_f64() / length.as_secs_f64());
        let whole = length.is_some_and(|length| heard + NEAR_THE_END >= length);
        let ended = match cause {
            _ if whole => Ended::Finished,
            Some((cause, _)) => cause,
            None if gone => Ended::Shutdown,
            // Who paused, and took up something else later, has been away.
            None if paused => Ended::Stopped,
            None => Ended::Skipped,
        };
        Some(Play {
            url: now.track.url,
            at: now.began,
            span: heard,
            share: share.clamp(0.0, 1.0),
            ended,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn view(url: &str, playback: Playback) -> PlayerView {
        PlayerView {
            bus_name: "org.mpris.MediaPlayer2.mpv".into(),
            playback,
            track: Some(Track {
                url: url.into(),
                title: url.into(),
                length: Some(Duration::from_secs(200)),
                ..Track::default()
            }),
            ..PlayerView::default()
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn a_skip_is_one_and_a_tracks_end_is_none() {
        let mut listener = Listener::default();
        assert_eq!(
            listener.sees(Some(&view("a", Playback::Playing)), at(0)),
            None
        );
        let skip = listener
            .sees(Some(&view("b", Playback::Playing)), at(20))
            .unwrap();
        assert_eq!((skip.ended, skip.url.as_str()), (Ended::Skipped, "a"));
        assert!((skip.share - 0.1).abs() < 1e-9);
        let end = listener
            .sees(Some(&view("c", Playback::Playing)), at(218))
            .unwrap();
        assert_eq!(end.ended, Ended::Finished);
        assert!(end.share > 0.95);
    }

    #[test]
    fn pauses_are_not_heard() {
        let mut listener = Listener::default();
        listener.sees(Some(&view("a", Playback::Playing)), at(0));
        listener.sees(Some(&view("a", Playback::Paused)), at(50));
        listener.sees(Some(&view("a", Playback::Playing)), at(500));
        let play = listener
            .sees(Some(&view("b", Playback::Playing)), at(550))
            .unwrap();
        assert_eq!(play.span, Duration::from_secs(100));
        assert_eq!(play.ended, Ended::Skipped);
    }

    #[test]
    fn what_we_or_a_call_ended_is_nobodys_taste() {
        for cause in [Ended::Switched, Ended::Call, Ended::Locked, Ended::Shutdown] {
            let mut listener = Listener::default();
            listener.sees(Some(&view("a", Playback::Playing)), at(0));
            listener.because(cause, at(60));
            let play = listener
                .sees(Some(&view("b", Playback::Playing)), at(63))
                .unwrap();
            assert_eq!(play.ended, cause);
            assert!(!play.ended.counts());
            // And only what follows soon.
            listener.because(cause, at(100));
            let skip = listener
                .sees(Some(&view("c", Playback::Playing)), at(150))
                .unwrap();
            assert_eq!(skip.ended, Ended::Skipped);
        }
    }

    #[test]
    fn a_player_that_goes_or_was_paused_says_nothing() {
        let mut listener = Listener::default();
        listener.sees(Some(&view("a", Playback::Playing)), at(0));
        assert_eq!(listener.sees(None, at(30)).unwrap().ended, Ended::Shutdown);
        listener.sees(Some(&view("a", Playback::Playing)), at(40));
        listener.sees(Some(&view("a", Playback::Paused)), at(60));
        let play = listener.sees(Some(&view("b", Playback::Playing)), at(4000));
        assert_eq!(play.unwrap().ended, Ended::Stopped);
    }

    #[test]
    fn a_list_that_is_being_loaded_is_no_track() {
        let mut listener = Listener::default();
        let mut list = view("file:///x.m3u8", Playback::Playing);
        list.track.as_mut().unwrap().length = None;
        listener.sees(Some(&list), at(0));
        assert_eq!(
            listener.sees(Some(&view("a", Playback::Playing)), at(5)),
            None
        );
        // Nor is one that was passed through in a moment.
        assert_eq!(
            listener.sees(Some(&view("b", Playback::Playing)), at(6)),
            None
        );
    }

    proptest! {
        /// Whatever is shown, a share is a share, and nothing is heard for longer than it took.
        #[test]
        fn shares_are_shares(steps in prop::collection::vec((0u8..4, 0u8..3, -50i64..400), 1..40)) {
            let mut listener = Listener::default();
            let mut now = 0;
            for (track, what, pass) in steps {
                now += pass;
                let playback = [Playback::Playing, Playback::Paused, Playback::Stopped][what as usize];
                let shown = view(&track.to_string(), playback);
                let seen = if track == 3 { None } else { Some(&shown) };
                if let Some(play) = listener.sees(seen, at(now)) {
                    prop_assert!((0.0..=1.0).contains(&play.share));
                    prop_assert!(play.span <= Duration::from_secs(200));
                }
            }
        }
    }
}
