//! Days of a player, told as signals.

use super::*;

struct Day {
    memory: Memory,
    now: Timestamp,
}

fn track(n: u32) -> Track {
    Track {
        id: format!("/{n}"),
        title: format!("Tone {n}"),
        url: format!("file:///{n}.flac"),
        length: Some(Duration::from_secs(200)),
        ..Track::default()
    }
}

fn status(playback: Playback) -> Update {
    Update {
        status: Some(playback),
        ..Update::default()
    }
}

fn metadata(track: Track) -> Update {
    Update {
        track: Some(track),
        ..Update::default()
    }
}

impl Day {
    fn of(player: &str) -> Self {
        let memory = Memory::new(
            &format!("org.mpris.MediaPlayer2.{player}"),
            ":1.1",
            &PlayerSettings::default(),
        );
        Self {
            memory,
            now: Timestamp(1_000_000),
        }
    }

    /// A player found in the middle of its first track.
    fn playing(player: &str) -> Self {
        let mut day = Self::of(player);
        let first = Update {
            status: Some(Playback::Playing),
            track: Some(track(1)),
            position: Some(Duration::from_secs(50)),
            schemes: Some(vec!["file".into()]),
            ..Update::default()
        };
        assert_eq!(day.hear(first), None);
        day
    }

    fn wait(&mut self, seconds: f64) -> &mut Self {
        self.now = self.now.plus(Duration::from_secs_f64(seconds));
        self
    }

    fn hear(&mut self, update: Update) -> Option<UserAction> {
        self.memory
            .apply(update, &PlayerSettings::default(), self.now)
    }

    fn settle(&mut self) -> Option<UserAction> {
        self.wait(0.7);
        self.memory.settle(&PlayerSettings::default(), self.now)
    }
}

use Playback::{Paused, Playing, Stopped};

#[test]
fn what_is_found_playing_was_nobodys_doing() {
    let day = Day::playing("strawberry");
    assert_eq!(day.memory.view.playback, Playing);
    assert_eq!(day.memory.view.last_playing, Some(day.now));
    assert_eq!(day.memory.view.last_user_action, None);
    assert_eq!(day.memory.view.usable, Usable::Yes);
}

#[test]
fn a_track_that_ends_is_no_skip_and_one_that_is_left_is() {
    let mut day = Day::playing("strawberry");
    assert_eq!(
        day.wait(149.0).hear(metadata(track(2))),
        None,
        "50 s + 149 s of 200 s"
    );
    assert_eq!(
        day.wait(100.0).hear(metadata(track(3))),
        Some(UserAction::Skipped)
    );
    assert_eq!(day.memory.view.last_user_action, Some(day.now));
}

#[test]
fn a_seek_to_the_end_and_then_the_end_is_no_skip() {
    let mut day = Day::playing("strawberry");
    day.wait(5.0).hear(Update {
        position: Some(Duration::from_secs(195)),
        ..Update::default()
    });
    assert_eq!(day.wait(5.0).hear(metadata(track(2))), None);
}

#[test]
fn time_in_a_pause_does_not_move_the_track() {
    let mut day = Day::playing("strawberry");
    day.wait(10.0).hear(status(Paused));
    assert_eq!(day.settle(), Some(UserAction::Paused));
    assert_eq!(
        day.wait(3600.0).hear(status(Playing)),
        None,
        "to go on is no intervention"
    );
    assert_eq!(
        day.memory.position_at(day.now),
        Some(Duration::from_secs(60))
    );
    assert_eq!(
        day.wait(2.0).hear(metadata(track(2))),
        Some(UserAction::Skipped)
    );
}

#[test]
fn double_speed_ends_a_track_in_half_the_time() {
    let mut day = Day::playing("strawberry");
    day.hear(Update {
        rate: Some(2.0),
        ..Update::default()
    });
    assert_eq!(day.wait(75.0).hear(metadata(track(2))), None);
}

#[test]
fn vlc_stops_between_two_tracks() {
    let mut day = Day::playing("vlc");
    assert_eq!(day.wait(10.0).hear(status(Stopped)), None);
    let next = Update {
        status: Some(Playing),
        track: Some(track(2)),
        ..Update::default()
    };
    assert_eq!(
        day.wait(0.2).hear(next),
        Some(UserAction::Skipped),
        "a skip, and not a stop"
    );
    assert_eq!(day.settle(), None);
    assert_eq!(day.wait(190.0).hear(status(Stopped)), None);
    let next = Update {
        status: Some(Playing),
        track: Some(track(3)),
        ..Update::default()
    };
    assert_eq!(day.wait(0.2).hear(next), None, "the natural end");
    assert_eq!(day.settle(), None);
}

#[test]
fn a_stop_in_the_middle_is_the_users_and_the_end_of_the_list_is_not() {
    let mut day = Day::playing("strawberry");
    day.wait(5.0).hear(status(Stopped));
    assert_eq!(day.settle(), Some(UserAction::Stopped));
    let mut day = Day::playing("strawberry");
    day.wait(150.0).hear(status(Stopped));
    assert_eq!(day.settle(), None);
    let other = Update {
        status: Some(Playing),
        track: Some(track(9)),
        ..Update::default()
    };
    assert_eq!(
        day.wait(60.0).hear(other),
        Some(UserAction::PlayedSomethingElse)
    );
}

#[test]
fn our_own_commands_are_not_the_users() {
    let mut day = Day::playing("strawberry");
    day.memory.command_begins();
    assert_eq!(day.wait(10.0).hear(metadata(track(2))), None);
    day.wait(1.0);
    let now = day.now;
    day.memory.command_ends(now);
    assert_eq!(
        day.wait(1.0).hear(metadata(track(3))),
        None,
        "within two seconds"
    );
    assert_eq!(day.hear(status(Paused)), None);
    assert_eq!(day.settle(), None);
    day.hear(status(Playing));
    assert_eq!(
        day.wait(2.0).hear(metadata(track(4))),
        Some(UserAction::Skipped),
        "and later it is the user again"
    );
    assert_eq!(day.memory.view.last_activity, Some(day.now));
}

#[test]
fn skipping_through_a_list_is_one_action() {
    let mut day = Day::playing("strawberry");
    assert_eq!(
        day.wait(5.0).hear(metadata(track(2))),
        Some(UserAction::Skipped)
    );
    assert_eq!(day.wait(0.3).hear(metadata(track(3))), None);
    assert_eq!(day.wait(0.3).hear(metadata(track(4))), None);
    assert_eq!(
        day.wait(9.0).hear(metadata(track(5))),
        Some(UserAction::Skipped)
    );
}

#[test]
fn empty_metadata_for_half_a_second_is_no_stop() {
    let mut day = Day::playing("spotify");
    assert_eq!(day.wait(149.0).hear(metadata(Track::default())), None);
    assert_eq!(day.memory.view.track, Some(track(1)));
    assert_eq!(day.wait(0.5).hear(metadata(track(2))), None);
    assert_eq!(day.settle(), None);
    day.hear(metadata(Track {
        id: "/noplaylist".into(),
        ..Track::default()
    }));
    assert_eq!(day.settle(), None);
    assert_eq!(day.memory.view.track, None, "but it stays empty after that");
}

#[test]
fn mpv_says_stopped_while_it_plays_and_playing_while_it_has_nothing() {
    let mut day = Day::of("mpv");
    day.hear(Update {
        status: Some(Stopped),
        track: Some(Track::default()),
        ..Update::default()
    });
    assert_eq!(day.memory.view.playback, Stopped);
    day.wait(5.0).hear(metadata(track(1)));
    assert_eq!(day.memory.view.playback, Playing);
    day.wait(5.0).hear(status(Paused));
    assert_eq!(day.memory.view.playback, Paused);
    assert_eq!(day.settle(), Some(UserAction::Paused));
    day.hear(status(Playing));
    day.wait(5.0).hear(metadata(Track::default()));
    assert_eq!(day.memory.view.playback, Stopped);
    assert_eq!(day.settle(), Some(UserAction::Stopped));
    assert_eq!(
        (day.memory.view.playback, &day.memory.view.track),
        (Stopped, &None)
    );
}

#[test]
fn what_plays_around_an_ad_is_not_the_users_doing() {
    let mut day = Day::playing("spotify");
    let ad = Track {
        id: "/com/spotify/ad/1".into(),
        ..track(7)
    };
    assert_eq!(day.wait(149.0).hear(metadata(ad)), None);
    assert_eq!(day.memory.view.content, Content::Ad);
    assert_eq!(day.wait(15.0).hear(metadata(track(2))), None);
}

#[test]
fn a_stream_without_length_cannot_be_skipped_for_all_we_know() {
    let mut day = Day::of("strawberry");
    let stream = |title: &str| Track {
        url: "http://radio".into(),
        title: title.into(),
        ..Track::default()
    };
    day.hear(Update {
        status: Some(Playing),
        track: Some(stream("A")),
        ..Update::default()
    });
    assert_eq!(day.wait(9.0).hear(metadata(stream("B"))), None);
    assert_eq!(day.memory.view.track.as_ref().unwrap().title, "B");
    assert_eq!(day.wait(9.0).hear(metadata(track(1))), None);
}

#[test]
fn neither_our_commands_nor_the_volume_nor_a_seek_make_a_player_the_one_that_is_listened_to() {
    let mut day = Day::playing("strawberry");
    day.wait(10.0).hear(status(Paused));
    day.settle();
    let (playing, activity) = (day.memory.view.last_playing, day.memory.view.last_activity);
    day.wait(60.0).hear(Update {
        volume: Some(0.2),
        ..Update::default()
    });
    day.wait(60.0).hear(Update {
        position: Some(Duration::from_secs(7)),
        ..Update::default()
    });
    day.memory.command_begins();
    day.wait(1.0).hear(metadata(track(5)));
    day.hear(status(Playing));
    day.memory.command_ends(day.now);
    day.wait(1.5).hear(metadata(track(6)));
    assert_eq!(day.memory.view.last_playing, playing);
    assert_eq!(day.memory.view.last_activity, activity);
    assert_eq!(day.memory.view.playback, Playing);
    // After that it is the user again.
    day.wait(5.0).hear(status(Paused));
    day.settle();
    day.hear(status(Playing));
    assert_eq!(day.memory.view.last_playing, Some(day.now));
}

#[test]
fn the_end_of_a_track_follows_seeks_pauses_and_the_rate() {
    let mut day = Day::playing("strawberry");
    let left = |day: &Day| {
        day.memory
            .view
            .ends_at
            .map(|end| end.since(day.now).as_secs())
    };
    assert_eq!(left(&day), Some(150));
    day.wait(50.0).hear(Update {
        volume: Some(0.2),
        ..Update::default()
    });
    assert_eq!(
        left(&day),
        Some(100),
        "nothing was told of it, and nothing changed"
    );
    day.hear(Update {
        rate: Some(2.0),
        ..Update::default()
    });
    assert_eq!(left(&day), Some(50));
    day.hear(status(Paused));
    assert_eq!(left(&day), None);
    day.wait(1000.0).hear(status(Playing));
    assert_eq!(left(&day), Some(50));
    day.hear(Update {
        position: Some(Duration::from_secs(190)),
        ..Update::default()
    });
    assert_eq!(left(&day), Some(5));
    day.wait(5.0).hear(metadata(track(2)));
    assert_eq!(left(&day), Some(100), "the next one, from its beginning");
    day.hear(metadata(Track {
        length: None,
        ..track(3)
    }));
    assert_eq!(left(&day), None, "a stream has none");
}

#[test]
fn to_go_on_and_to_move_within_the_track_is_a_touch_and_a_flicker_is_none() {
    let mut day = Day::playing("mpv");
    let wait = |day: &mut Day, millis: i64| day.now = Timestamp(day.now.0 + millis);
    day.hear(status(Playback::Paused));
    wait(&mut day, 200);
    day.hear(status(Playback::Playing));
    assert_eq!(day.memory.view.last_touch, None, "it flickers");
    day.hear(status(Playback::Paused));
    wait(&mut day, 5_000);
    day.hear(status(Playback::Playing));
    assert_eq!(day.memory.view.last_touch, Some(day.now));

    let to = |seconds, sought| Update {
        position: Some(Duration::from_secs(seconds)),
        sought,
        ..Update::default()
    };
    wait(&mut day, 10_000);
    let before = day.memory.view.last_touch;
    day.hear(to(90, false));
    assert_eq!(day.memory.view.last_touch, before, "only told");
    wait(&mut day, 1_000);
    day.hear(to(91, true));
    assert_eq!(day.memory.view.last_touch, before, "where it was anyway");
    day.hear(to(20, true));
    assert_eq!(day.memory.view.last_touch, Some(day.now));
    // A track that begins, and one that is played again from its end.
    wait(&mut day, 1_000);
    let moved = day.memory.view.last_touch;
    day.hear(metadata(track(2)));
    day.hear(to(0, true));
    day.hear(to(198, false));
    day.hear(to(0, true));
    assert_eq!(day.memory.view.last_touch, moved);
}

#[test]
fn a_track_after_which_it_stops_has_no_end_to_wait_for() {
    let mut day = Day::playing("mpv");
    assert!(day.memory.view.ends_at.is_some());
    day.hear(Update {
        stops: Some(true),
        ..Update::default()
    });
    assert_eq!(day.memory.view.ends_at, None);
}
