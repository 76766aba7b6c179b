//! MPD's queue: read whole, added to, taken from.

use std::collections::{BTreeMap, HashSet};

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::mpd::{
    Client, MpdError,
    protocol::{Ack, Answer, Command, code},
    status::{Options, Song, Status, songs},
};

/// A queue is saved, and a playlist put into it, up to so many songs.
pub(super) const MOST_SONGS: usize = 20_000;
/// Commands that are sent at once.
const AT_ONCE: usize = 500;

/// MPD's queue and how it went through it, before a switch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedQueue {
    /// The songs in order, as MPD calls them.
    pub songs: Vec<String>,
    /// The songs' priorities above 0, by place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub priorities: BTreeMap<usize, u8>,
    /// How many more there were.
    pub beyond: usize,
    /// The current song's place, from 0.
    pub place: Option<usize>,
    /// Random, repeat, single, consume.
    pub options: Options,
}

impl SavedQueue {
    pub(super) fn of(status: &Status, songs: &[Song]) -> Self {
        let kept = &songs[..songs.len().min(MOST_SONGS)];
        let priorities = kept.iter().enumerate();
        Self {
            songs: kept.iter().map(|song| song.uri.clone()).collect(),
            priorities: priorities
                .filter_map(|(place, song)| (song.priority > 0).then_some((place, song.priority)))
                .collect(),
            beyond: songs.len() - kept.len(),
            place: status.place,
            options: status.options.clone(),
        }
    }
}

/// What it plays, the song that is the current one, and its queue: all of one moment.
pub(super) async fn whole(client: &mut Client) -> Result<(Status, Answer, Vec<Song>), MpdError> {
    let command = Command::new;
    // Without the tags a queue is a fifth as long.
    let asked = [
        command("status"),
        command("currentsong"),
        command("tagtypes").arg("clear"),
        command("playlistinfo"),
        command("tagtypes").arg("all"),
    ];
    let mut answers = match client.ask_all(&asked).await? {
        (answers, None) => answers,
        // An MPD before 0.21 always tells all of them.
        (_, Some(_)) => {
            let asked = [
                command("status"),
                command("currentsong"),
                command("ping"),
                command("playlistinfo"),
            ];
            client.ask_each(&asked).await?
        }
    };
    answers.truncate(4);
    match answers.as_slice() {
        [status, song, _, queue] => Ok((Status::of(status), song.clone(), songs(queue))),
        _ => Err(MpdError::Nonsense("too few answers")),
    }
}

/// The ids of the songs in the queue, in order.
pub(super) async fn ids(client: &mut Client) -> Result<Vec<u32>, MpdError> {
    let answer = client
        .ask_long(Command::new("plchangesposid").arg(0))
        .await?;
    Ok(answer.all("Id").filter_map(|id| id.parse().ok()).collect())
}

/// Each command, whether those before it were refused or not.
async fn each(
    client: &mut Client,
    commands: &[Command],
) -> Result<Vec<Result<Answer, Ack>>, MpdError> {
    let mut all = Vec::with_capacity(commands.len());
    while all.len() < commands.len() {
        let rest = &commands[all.len()..];
        let (answers, refused) = client.ask_all(&rest[..rest.len().min(AT_ONCE)]).await?;
        all.extend(answers.into_iter().map(Ok));
        if let Some(ack) = refused {
            if ack.code == code::PERMISSION {
                return Err(MpdError::Refused(ack)); // and so would all the others be
            }
            all.push(Err(ack));
        }
    }
    Ok(all)
}

/// Songs that were put to the end of the queue.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// Their ids in the order of what was wanted; `None` for those that MPD refused.
    pub(super) ids: Vec<Option<u32>>,
    /// Why it refused the first of those.
    pub(super) refused: Option<String>,
}

/// Puts songs to the end of the queue.
pub(super) async fn add(client: &mut Client, uris: &[String]) -> Result<Added, MpdError> {
    let commands: Vec<Command> = uris
        .iter()
        .map(|uri| Command::new("addid").arg(uri))
        .collect();
    let mut added = Added::default();
    for (answer, uri) in each(client, &commands).await?.into_iter().zip(uris) {
        added.ids.push(match answer {
            Ok(answer) => answer.number("Id"),
            Err(ack) => {
                added.refused.get_or_insert_with(|| {
                    let why = ack.message;
                    if ack.code == code::NO_EXIST && !uri.contains("://") {
                        tr!(
                            "{uri}: {why}; is it new? `mpc update` makes it known",
                            uri,
                            why
                        )
                    } else {
                        format!("{uri}: {why}")
                    }
                });
                None
            }
        });
    }
    Ok(added)
}

/// Each command, to a song of the queue; that one is gone already is no trouble.
async fn to_those_there(client: &mut Client, commands: &[Command]) -> Result<(), MpdError> {
    for answer in each(client, commands).await? {
        match answer {
            Err(ack) if ack.code != code::NO_EXIST => return Err(MpdError::Refused(ack)),
            _ => {}
        }
    }
    Ok(())
}

/// Moves songs to the end of the queue, in this order.
pub(super) async fn to_the_end(client: &mut Client, songs: &[u32]) -> Result<(), MpdError> {
    if songs.is_empty() {
        return Ok(());
    }
    let last = ids(client).await?.len().saturating_sub(1);
    let commands: Vec<Command> = songs
        .iter()
        .map(|id| Command::new("moveid").arg(id).arg(last))
        .collect();
    to_those_there(client, &commands).await
}

/// Takes songs out of the queue; those that are gone already are no trouble.
pub(super) async fn take_out(client: &mut Client, songs: &[u32]) -> Result<(), MpdError> {
    let there: HashSet<u32> = ids(client).await?.into_iter().collect();
    let commands: Vec<Command> = songs
        .iter()
        .filter(|id| there.contains(id))
        .map(|id| Command::new("deleteid").arg(id))
        .collect();
    to_those_there(client, &commands).await
}
