//! Bringing MPD's queue back, and all that it did before.

use std::time::Duration;

use moodlark_catalogue::tr;
use moodlark_core::player::{Playback, mpd::NAME};

use super::{Inner, PlayerError, SavedQueue, SavedState, Target, failed, queue, status};
use crate::{
    mpd::{
        Client, MpdError,
        protocol::Command,
        status::{Options, Song},
    },
    players::{
        Restored,
        commands::{EFFECT_WITHIN, Effect, Snapshot},
        lock,
    },
};

/// How far off a position may be and still be the old one.
const CLOSE: Duration = Duration::from_secs(3);
/// A song that was never touched has played on for as long as an attempt takes.
const PLAYED_ON: Duration = Duration::from_secs(15);

impl Inner {
    /// See [`crate::players::Players::undo`]. The old songs go to the end of the queue but for those that still
    /// begin it; the current one plays; the rest is taken out.
    pub(in crate::players) async fn mpd_back(
        &self,
        target: &Target,
        saved: &SavedState,
    ) -> Result<Restored, PlayerError> {
        let Some(old) = &saved.mpd else {
            return Err(PlayerError::NoRoute(tr!("the queue of MPD was not saved")));
        };
        let gone = |error: MpdError| failed(&error);
        let mut done = Restored::default();
        let mut client = self.mpd_client().await?;
        let (_, _, present) = queue::whole(&mut client).await.map_err(gone)?;
        let kept = common(&present, &old.songs);
        let added = queue::add(&mut client, &old.songs[kept..])
            .await
            .map_err(gone)?;
        let ids: Vec<Option<u32>> = present[..kept]
            .iter()
            .map(|song| Some(song.id))
            .chain(added.ids)
            .collect();
        self.place_back(target, &mut client, saved, old, &ids, &mut done)
            .await?;
        // What was put into the queue since, by somebody else than us, stays, behind the old songs. After a
        // restart nobody knows whose they are.
        let ours = lock(&self.added).remove(NAME);
        let is_ours = |song: &&Song| {
            ours.as_ref()
                .is_none_or(|ours| ours.has(&song.id.to_string()))
        };
        let (others, theirs): (Vec<&Song>, Vec<&Song>) = present[kept..].iter().partition(is_ours);
        let numbers = |songs: Vec<&Song>| songs.iter().map(|song| song.id).collect::<Vec<_>>();
        queue::take_out(&mut client, &numbers(others))
            .await
            .map_err(gone)?;
        queue::to_the_end(&mut client, &numbers(theirs))
            .await
            .map_err(gone)?;
        priorities_back(&mut client, old, &ids[kept..], kept)
            .await
            .map_err(gone)?;

        let missing = ids.iter().filter(|id| id.is_none()).count() + old.beyond;
        if missing == 0 {
            done.restored.insert(0, "list".into());
        } else {
            done.not_restored.push(match added.refused {
                Some(why) => tr!("{missing} of the list's songs ({why})", missing, why),
                None => tr!(
                    "the list's last {missing} songs: it was too long to be saved",
                    missing
                ),
            });
        }
        if old.options.random && kept < old.songs.len() {
            done.not_restored
                .push(tr!("what would have come next at random"));
        }
        options_back(&mut client, &old.options, &mut done)
            .await
            .map_err(gone)?;
        self.mpd_volume_back(target, saved, &mut done).await?;
        Ok(done)
    }

    /// The old song at its old position, playing, paused or stopped.
    async fn place_back(
        &self,
        target: &Target,
        client: &mut Client,
        saved: &SavedState,
        old: &SavedQueue,
        ids: &[Option<u32>],
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let now = self.mpd_snapshot(target).await?;
        let current = old.place.and_then(|place| *ids.get(place)?);
        let Some(song) = current else {
            let silent = saved.playback != Playback::Playing;
            // The song itself is gone: go on with the one after it.
            let next = old
                .place
                .and_then(|place| ids.get(place..)?.iter().flatten().next());
            if let (Some(next), false) = (next, silent) {
                self.mpd_do(client, Command::new("playid").arg(next))
                    .await?;
                done.not_restored
                    .push(tr!("track: it is not there any more; the next one plays"));
                return Ok(());
            }
            self.mpd_do(client, Command::new("stop")).await?;
            if old.place.is_some() {
                done.not_restored
                    .push(tr!("track: it is not there any more"));
            }
            done.restored.push("stopped".into());
            return Ok(());
        };
        let here = now
            .track
            .as_ref()
            .is_some_and(|track| track.id == song.to_string());
        if saved.playback == Playback::Stopped {
            // MPD has a current song while it is stopped, and takes one only by playing.
            if !here {
                self.mpd_do(client, Command::new("playid").arg(song))
                    .await?;
            }
            if !here || now.playback != Playback::Stopped {
                self.mpd_do(client, Command::new("stop")).await?;
            }
            done.restored.extend(["track".into(), "stopped".into()]);
            return Ok(());
        }
        let wanted = saved.position.unwrap_or_default();
        let untouched = here
            && now.playback == saved.playback
            && now
                .position
                .is_some_and(|is| is >= wanted && is < wanted + PLAYED_ON);
        if !untouched {
            self.seek_back(target, client, saved, song, wanted, done)
                .await?;
        }
        let right = |now: &Snapshot| {
            let here = now
                .track
                .as_ref()
                .is_some_and(|track| track.id == song.to_string());
            (here && now.playback == saved.playback).then(|| now.clone())
        };
        match self.effect(target, EFFECT_WITHIN, right).await? {
            Effect::Seen(now) => {
                done.restored.push("track".into());
                let close = now
                    .position
                    .is_some_and(|is| is + CLOSE >= wanted && is < wanted + PLAYED_ON);
                if close {
                    done.restored.push("position".into());
                } else {
                    done.not_restored
                        .push(tr!("position: the song cannot be moved within"));
                }
                if saved.playback == Playback::Paused {
                    done.restored.push("paused".into());
                }
                Ok(())
            }
            Effect::Missing(now) => Err(PlayerError::NotVerified(tr!(
                "MPD was asked for “{title}” again, and {now}",
                title = saved.track.as_ref().map_or("", |track| &track.title),
                now = now.described()
            ))),
        }
    }

    async fn seek_back(
        &self,
        target: &Target,
        client: &mut Client,
        saved: &SavedState,
        song: u32,
        wanted: Duration,
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let paused = saved.playback == Playback::Paused;
        if paused {
            // While it is paused it seeks in silence.
            self.mpd_do(client, Command::new("pause").arg(1)).await?;
        }
        let seek = Command::new("seekid")
            .arg(song)
            .arg(format!("{:.3}", wanted.as_secs_f64()));
        match client.ask(seek).await {
            Ok(_) => {}
            // A stream has no positions.
            Err(error) if error.is_refusal() => {
                tracing::debug!(%error, "MPD does not seek");
                self.mpd_do(client, Command::new("playid").arg(song))
                    .await?;
            }
            Err(error) => return Err(failed(&error)),
        }
        if paused {
            let begun = |now: &Snapshot| (now.playback != Playback::Stopped).then_some(());
            if let Effect::Missing(now) = self.effect(target, Duration::from_secs(2), begun).await?
            {
                done.not_restored
                    .push(tr!("paused: {now}", now = now.described()));
            }
            self.mpd_do(client, Command::new("pause").arg(1)).await?;
        } else if saved.playback == Playback::Playing {
            self.mpd_do(client, Command::new("pause").arg(0)).await?;
        }
        Ok(())
    }

    /// A plain command; a refusal shows in what MPD then does.
    async fn mpd_do(&self, client: &mut Client, command: Command) -> Result<(), PlayerError> {
        match client.ask(command).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_refusal() => {
                tracing::debug!(%error, "MPD refuses");
                Ok(())
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Not louder than before. If it is lower the user wanted it so.
    async fn mpd_volume_back(
        &self,
        target: &Target,
        saved: &SavedState,
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let now = self.mpd_snapshot(target).await?;
        let (Some(was), Some(is)) = (saved.volume, now.volume) else {
            return Ok(());
        };
        if is <= was + 0.005 {
            return Ok(());
        }
        match Self::carried(target, target.peer.set_volume(was).await)? {
            Ok(()) => done.restored.push("volume".into()),
            Err(why) => {
                tracing::debug!(why, "MPD does not take its volume");
                done.not_restored.push(tr!("volume: MPD does not take it"));
            }
        }
        Ok(())
    }
}

/// How many songs of the old queue still begin the present one.
fn common(present: &[Song], old: &[String]) -> usize {
    present
        .iter()
        .zip(old)
        .take_while(|(song, uri)| song.uri == **uri)
        .count()
}

async fn priorities_back(
    client: &mut Client,
    old: &SavedQueue,
    added: &[Option<u32>],
    kept: usize,
) -> Result<(), MpdError> {
    for (place, priority) in old.priorities.range(kept..) {
        if let Some(Some(id)) = added.get(place - kept) {
            client
                .ask(Command::new("prioid").arg(priority).arg(id))
                .await?;
        }
    }
    Ok(())
}

/// Random, repeat, single and consume, where they are others now.
async fn options_back(
    client: &mut Client,
    old: &Options,
    done: &mut Restored,
) -> Result<(), MpdError> {
    let answer = client.ask(Command::new("status")).await?;
    let now = status::Status::of(&answer).options;
    let flag = |on: bool| if on { "1" } else { "0" };
    for (name, is, was) in [
        ("random", flag(now.random), flag(old.random)),
        ("repeat", flag(now.repeat), flag(old.repeat)),
        ("single", now.single.as_str(), old.single.as_str()),
        ("consume", now.consume.as_str(), old.consume.as_str()),
    ] {
        if is == was || was.is_empty() {
            continue;
        }
        match client.ask(Command::new(name).arg(was)).await {
            Ok(_) => done.restored.push(name.into()),
            Err(error) if error.is_refusal() => done.not_restored.push(format!("{name}: {error}")),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_still_begins_the_queue_stays_there() {
        let present: Vec<Song> = ["a", "b", "x", "c"]
            .iter()
            .zip(1..)
            .map(|(uri, id)| Song {
                id,
                uri: (*uri).into(),
                priority: 0,
            })
            .collect();
        let old = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(common(&present, &old), 2);
        assert_eq!(common(&present[..2], &old), 2);
        assert_eq!(common(&[], &old), 0);
        assert_eq!(common(&present[1..], &old), 0);
    }
}
