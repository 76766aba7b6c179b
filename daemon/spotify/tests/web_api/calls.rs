//! How many calls a switch makes on its worst path, and whom nobody asks any more.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_spotify::{Error, Settings};
use moodlark_tests::spotify::{
    Misbehaves,
    world::{CLIENT_ID, FOCUS, track},
};

use crate::stage::Stage;

/// Another device is in use, so that devices are asked for; there are more playlists than a page holds.
async fn worst() -> Result<Stage> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().is_elsewhere_and_has(600);
    Ok(stage)
}

#[tokio::test]
async fn a_switch_on_its_worst_path_makes_six_calls_at_most() -> Result<()> {
    let stage = worst().await?;
    // The name is not known, the token is refused, it plays elsewhere, and its effect is to be looked at: eight.
    stage.fake.world().end_access();
    let step = stage.spotify.for_one_step();
    let uri = step.resolve("Focus").await?;
    let saved = step.save().await?;
    step.play(&uri, &saved).await?;
    assert_eq!(step.plays(&uri).await, Err(Error::OutOfCalls));
    assert_eq!(stage.fake.forget()?, 6);
    assert_eq!(
        stage.fake.world().playing.context,
        Some(format!("spotify:playlist:{FOCUS}"))
    );

    // The token is over before the first call, and refused at each later one.
    for refused_at in 0..4 {
        stage.later(3600);
        let step = stage.spotify.for_one_step();
        let steps = async {
            for (n, name) in ["me/playlists", "", "devices", "play"].iter().enumerate() {
                if n == refused_at {
                    stage.fake.world().end_access();
                }
                match *name {
                    "me/playlists" => drop(step.resolve("Nothing").await),
                    "" => drop(step.save().await?),
                    _ => step.play(&uri, &saved).await?,
                }
            }
            step.plays(&uri).await
        };
        let outcome: Result<bool, Error> = steps.await;
        assert!(outcome.is_err(), "{refused_at}");
        assert!(stage.fake.forget()? <= 6, "{refused_at}");
    }
    Ok(())
}

#[tokio::test]
async fn an_undo_on_its_worst_path_makes_six_calls_at_most() -> Result<()> {
    let stage = worst().await?;
    stage.fake.world().playing.moves = false;
    let saved = stage.spotify.save().await?;
    stage
        .spotify
        .play(&format!("spotify:playlist:{FOCUS}"), &saved)
        .await?;
    {
        let mut world = stage.fake.world();
        world.playing.shuffle = true;
        world.playing.repeat = "track".into();
        world.lag = Duration::from_millis(900);
        // The track has left the playlist meanwhile.
        world.playlists[0].tracks = vec![track(9)];
        world.end_access();
    }
    stage.fake.forget()?;
    // What came of it is told by its outcome; that it ends in time is the point here.
    let outcome = stage.spotify.bring_back(&saved).await;
    assert_eq!(stage.fake.forget()?, 6, "{outcome:?}");
    Ok(())
}

#[tokio::test]
async fn calls_of_others_meanwhile_do_not_count() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().playing.moves = false;
    let saved = stage.spotify.save().await?;
    stage
        .spotify
        .play(&format!("spotify:playlist:{FOCUS}"), &saved)
        .await?;
    let listing = async {
        for _ in 0..10 {
            stage.spotify.playlists("").await?;
        }
        Ok::<(), Error>(())
    };
    let (listed, restored) = tokio::join!(listing, stage.spotify.bring_back(&saved));
    listed?;
    let restored = restored?;
    assert!(restored.restored.contains(&"paused".into()), "{restored:?}");
    Ok(())
}

#[tokio::test]
async fn a_switch_reads_two_pages_for_a_name_and_says_what_reads_the_rest() -> Result<()> {
    let stage = worst().await?;
    let step = stage.spotify.for_one_step();
    assert!(step.resolve("List 90").await.is_ok());
    assert_eq!(stage.fake.forget()?, 2);
    let step = stage.spotify.for_one_step();
    let why = step.resolve("List 300").await.unwrap_err();
    assert_eq!(why, Error::NotAmongFirst("List 300".into()));
    assert!(why.to_string().contains("playlists --spotify"), "{why}");
    assert_eq!(stage.fake.forget()?, 2);
    // Whoever has the time reads on, ten pages at most.
    assert!(stage.spotify.resolve("List 300").await.is_ok());
    assert_eq!(stage.fake.forget()?, 7);
    assert_eq!(
        stage.spotify.resolve("Nowhere").await,
        Err(Error::NoPlaylist("Nowhere".into()))
    );
    assert_eq!(stage.fake.forget()?, 10);
    Ok(())
}

#[tokio::test]
async fn a_network_that_swallows_everything_holds_up_one_switch_a_minute() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    stage.fake.world().misbehaves = Misbehaves::Slow(Duration::from_secs(60));
    assert_eq!(stage.spotify.save().await, Err(Error::NoNetwork));
    stage.fake.world().misbehaves = Misbehaves::Not;
    stage.fake.forget()?;
    stage.later(30);
    let began = Instant::now();
    assert_eq!(stage.spotify.save().await, Err(Error::NoNetwork));
    assert!(began.elapsed() < Duration::from_secs(1));
    assert!(stage.fake.calls().is_empty());
    // A clock set back by a day does not make it longer.
    stage.later(-86_400);
    stage.spotify.save().await?;
    stage.later(86_400 + 31);
    stage.spotify.save().await?;

    // A sign-in, a restart and another app begin anew.
    stage.spotify.gave_up();
    assert_eq!(stage.spotify.save().await, Err(Error::NoNetwork));
    stage.sign_in().await?;
    stage.spotify.save().await?;
    stage.spotify.gave_up();
    stage.restart()?;
    stage.spotify.save().await?;
    stage.spotify.gave_up();
    for client_id in ["another", CLIENT_ID] {
        stage.spotify.configure(Settings {
            client_id: Some(client_id.into()),
            any_device: false,
        });
    }
    stage.spotify.save().await?;
    Ok(())
}
