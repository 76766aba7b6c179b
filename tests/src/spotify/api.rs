//! The Web API as development mode has it in 2026.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Shared,
    http::{Answer, Request},
    lock,
    world::{Device, ME, Misbehaves, Playlist, SHOW, TRACK_MS, World},
};

/// Answers; and whether the answer is wrong on purpose.
pub(crate) fn answer(shared: &Shared, request: &Request) -> (Answer, bool) {
    let mut world = lock(&shared.world);
    let token = request
        .header("authorization")
        .strip_prefix("Bearer ")
        .unwrap_or_default();
    let holds = world
        .access
        .get(token)
        .is_some_and(|until| Instant::now() < *until);
    let concerned = request.path.contains(&world.misbehaves_at);
    let misbehaves = if concerned {
        world.misbehaves
    } else {
        Misbehaves::Not
    };
    if !holds || misbehaves == Misbehaves::Expired {
        return (error(401, "The access token expired", None), false);
    }
    let spoil = |status, body: &str| {
        let body = body.to_owned();
        (
            Answer {
                body,
                ..Answer::empty(status)
            },
            true,
        )
    };
    match misbehaves {
        Misbehaves::RateLimited(seconds) => {
            let mut answer = error(429, "API rate limit exceeded", None);
            answer
                .headers
                .extend(seconds.map(|seconds| ("Retry-After", seconds.to_string())));
            return (answer, false);
        }
        Misbehaves::Quota => {
            return (
                error(429, "Too many requests", Some("QUOTA_EXCEEDED")),
                false,
            );
        }
        Misbehaves::Forbidden => return (error(403, "Forbidden", None), false),
        Misbehaves::Scope => return (error(403, "Insufficient client scope", None), false),
        Misbehaves::Free if request.method != "GET" => {
            let message = "Player command failed: Premium required";
            return (error(403, message, Some("PREMIUM_REQUIRED")), false);
        }
        Misbehaves::Missing if request.method != "GET" => {
            return (error(404, "Resource not found", None), false);
        }
        Misbehaves::Broken(status) => return spoil(status, "<html><h1>Bad gateway</h1></html>"),
        Misbehaves::Garbage => return spoil(200, "\u{0}{]not json"),
        Misbehaves::OtherShape => {
            return spoil(
                200,
                r#"{"device":7,"devices":"none","items":{"a":1},"playlists":[1]}"#,
            );
        }
        _ => {}
    }
    let path = request
        .path
        .trim_start_matches("/v1/")
        .trim_end_matches('/');
    let mut answer = match (request.method.as_str(), path) {
        ("GET", "me/player") => playback(&world, request),
        ("GET", "me/player/devices") => {
            let devices: Vec<Value> = world
                .devices
                .iter()
                .map(|device| of_device(device, &world))
                .collect();
            Answer::json(200, &json!({ "devices": devices }))
        }
        ("GET", "me/playlists") => {
            let mine: Vec<Value> = world
                .playlists
                .iter()
                .filter(|list| list.owner == ME)
                .map(simplified)
                .collect();
            page(&mine, request, 20, 50, "me/playlists")
        }
        ("GET", "search") => search(&world, request),
        ("PUT", command) if command.starts_with("me/player/") => {
            if misbehaves == Misbehaves::Lies {
                return (Answer::empty(204), false);
            }
            let answer = control(&mut world, command, request);
            drop(world);
            shared.announce();
            return (answer, false);
        }
        ("GET", other) if other.starts_with("playlists/") => playlist(&world, other),
        _ => error(404, "Not found.", None),
    };
    if let Misbehaves::Slow(delay) = misbehaves {
        answer.delay = delay;
    }
    (answer, false)
}

fn error(status: u16, message: &str, reason: Option<&str>) -> Answer {
    let mut told = json!({ "status": status, "message": message });
    if let Some(reason) = reason {
        told["reason"] = reason.into();
    }
    Answer::json(status, &json!({ "error": told }))
}

fn of_device(device: &Device, world: &World) -> Value {
    json!({
        "id": device.id, "is_active": device.active, "is_private_session": false,
        "is_restricted": device.restricted, "name": device.name,
        "type": if world.unknown_words { "Hologram" } else { &device.kind },
        "volume_percent": 60, "supports_volume": true,
    })
}

fn of_track(id: &str, world: &World) -> Value {
    let artist = json!({
        "external_urls": {}, "href": "https://api.spotify.com/v1/artists/a", "id": "a",
        "name": "Artist", "type": "artist", "uri": "spotify:artist:a",
    });
    let mut track = json!({
        "artists": [artist.clone()], "disc_number": 1, "duration_ms": TRACK_MS, "explicit": false,
        "external_urls": {}, "href": format!("https://api.spotify.com/v1/tracks/{id}"), "id": id, "is_local": false,
        "name": title(id), "preview_url": null, "track_number": 1, "type": "track",
        "uri": format!("spotify:track:{id}"),
        "album": {
            "album_type": "album", "artists": [artist], "external_urls": {}, "images": [], "total_tracks": 1,
            "href": "https://api.spotify.com/v1/albums/b", "id": "b", "name": "Album", "type": "album",
            "release_date": "2020-01-01", "release_date_precision": "day", "uri": "spotify:album:b",
        },
    });
    if world.external_ids {
        track["external_ids"] = json!({ "isrc": "X" });
    }
    if let Some(played) = world.relinked.get(id) {
        track["linked_from"] = json!({
            "external_urls": {}, "href": track["href"], "id": id, "type": "track", "uri": track["uri"],
        });
        track["id"] = played.as_str().into();
        track["href"] = format!("https://api.spotify.com/v1/tracks/{played}").into();
        track["uri"] = format!("spotify:track:{played}").into();
    }
    if world.local.contains(id)
        && let Some(track) = track.as_object_mut()
    {
        // A file of the user's own has no page and no id.
        track.remove("id");
        track.remove("href");
        track.insert("is_local".into(), true.into());
        track.insert("uri".into(), local(id).into());
    }
    track
}

/// The URI of a file of the user's own.
fn local(id: &str) -> String {
    format!("spotify:local:Artist:Album:{id}:180")
}

fn of_episode(id: &str) -> Value {
    let common = json!({
        "description": "", "html_description": "", "explicit": false, "external_urls": {}, "images": [],
        "is_externally_hosted": false, "languages": ["en"],
    });
    let mut show = common.clone();
    show["copyrights"] = json!([]);
    show["media_type"] = "audio".into();
    show["name"] = "Show".into();
    show["total_episodes"] = 3.into();
    show["type"] = "show".into();
    show["id"] = SHOW.into();
    show["href"] = format!("https://api.spotify.com/v1/shows/{SHOW}").into();
    show["uri"] = format!("spotify:show:{SHOW}").into();
    let mut episode = common;
    episode["audio_preview_url"] = Value::Null;
    episode["duration_ms"] = TRACK_MS.into();
    episode["is_playable"] = true.into();
    episode["name"] = title(id).into();
    episode["release_date"] = "2026-01-01".into();
    episode["release_date_precision"] = "day".into();
    episode["type"] = "episode".into();
    episode["id"] = id.into();
    episode["href"] = format!("https://api.spotify.com/v1/episodes/{id}").into();
    episode["uri"] = format!("spotify:episode:{id}").into();
    episode["show"] = show;
    episode
}

/// What a track is called.
#[must_use]
pub fn title(id: &str) -> String {
    format!("Track {}", id.chars().last().unwrap_or('?'))
}

fn playback(world: &World, request: &Request) -> Answer {
    let Some(device) = world.active() else {
        return Answer::empty(204);
    };
    let stale = world
        .stale
        .as_ref()
        .filter(|(_, until)| Instant::now() < *until);
    let playing = stale.map_or(&world.playing, |(playing, _)| playing);
    let context = playing.context.as_ref().map(|uri| {
        let kind = uri.split(':').nth(1).unwrap_or_default();
        json!({ "type": kind, "href": "https://api.spotify.com/v1/x", "external_urls": {}, "uri": uri })
    });
    let is_episode = world.episodes.contains(playing.track());
    let also = request.parameter("additional_types").unwrap_or_default();
    let item = match playing.track() {
        "" => None,
        // For clients from before there were podcasts.
        _ if is_episode && !also.split(',').any(|kind| kind == "episode") => None,
        id if is_episode => Some(of_episode(id)),
        id => Some(of_track(id, world)),
    };
    let kind = if world.unknown_words {
        "hologram"
    } else if is_episode {
        "episode"
    } else {
        "track"
    };
    let mut told = json!({
        "device": of_device(device, world), "shuffle_state": playing.shuffle, "smart_shuffle": false,
        "repeat_state": if world.unknown_words { "sometimes" } else { &playing.repeat },
        "context": context, "timestamp": 1_780_000_000_000_u64, "is_playing": playing.moves, "item": item,
        "progress_ms": u64::try_from(playing.position().as_millis()).unwrap_or(0),
        "currently_playing_type": kind, "actions": { "disallows": { "resuming": true } },
    });
    if world.ad {
        told["item"] = Value::Null;
        told["context"] = Value::Null;
        told["progress_ms"] = Value::Null;
        told["currently_playing_type"] = "ad".into();
    }
    Answer::json(200, &told)
}

fn simplified(list: &Playlist) -> Value {
    let href = format!("https://api.spotify.com/v1/playlists/{}", list.id);
    json!({
        "collaborative": false, "description": "", "external_urls": {}, "href": href, "id": list.id, "images": [],
        "name": list.name, "public": false, "snapshot_id": "snap1", "type": "playlist",
        "uri": format!("spotify:playlist:{}", list.id),
        "items": { "href": format!("{href}/items"), "total": list.tracks.len() },
        "owner": {
            "external_urls": {}, "href": "https://api.spotify.com/v1/users/x", "id": list.owner, "type": "user",
            "uri": format!("spotify:user:{}", list.owner), "display_name": list.owner,
        },
    })
}

fn playlist(world: &World, path: &str) -> Answer {
    let mut parts = path.split('/').skip(1);
    let Some(list) = parts
        .next()
        .and_then(|id| world.playlists.iter().find(|list| list.id == id))
    else {
        return error(404, "Not found.", None);
    };
    let mine = list.owner == ME;
    match parts.next() {
        None => {
            let mut told = simplified(list);
            told["followers"] = json!({ "href": null, "total": 0 });
            if let (false, Some(told)) = (mine, told.as_object_mut()) {
                told.remove("items");
            }
            Answer::json(200, &told)
        }
        Some("items") if !mine => error(403, "Forbidden", None),
        // `/tracks` was closed in 2026.
        Some(_) => error(403, "Forbidden", None),
    }
}

fn search(world: &World, request: &Request) -> Answer {
    let limit: usize = request
        .parameter("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(5);
    if limit > 10 {
        return error(400, "Invalid limit", None);
    }
    let wanted = request.parameter("q").unwrap_or_default().to_lowercase();
    let fits = |list: &&Playlist| list.name.to_lowercase().contains(&wanted);
    let mut found: Vec<Value> = world
        .playlists
        .iter()
        .filter(fits)
        .map(simplified)
        .collect();
    if world.nulls {
        found.insert(0, Value::Null);
    }
    let mut answer = page(&found, request, 5, 10, "search");
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    answer.body = json!({ "playlists": body }).to_string();
    answer
}

fn page(all: &[Value], request: &Request, usual: usize, most: usize, path: &str) -> Answer {
    let number = |name: &str, usual| {
        request
            .parameter(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let (limit, offset): (usize, usize) = (number("limit", usual), number("offset", 0));
    if limit == 0 || limit > most {
        return error(400, "Invalid limit", None);
    }
    let items: Vec<&Value> = all.iter().skip(offset).take(limit).collect();
    let href = format!("https://api.spotify.com/v1/{path}");
    let next = (offset + items.len() < all.len())
        .then(|| format!("{href}?offset={}&limit={limit}", offset + limit));
    Answer::json(
        200,
        &json!({
            "href": href, "limit": limit, "next": next, "offset": offset, "previous": null,
            "total": all.len(), "items": items,
        }),
    )
}

fn control(world: &mut World, command: &str, request: &Request) -> Answer {
    let wanted = request.parameter("device_id");
    let device = match wanted {
        Some(id) => world
            .devices
            .iter()
            .position(|device| device.id.as_deref() == Some(id)),
        None => world.devices.iter().position(|device| device.active),
    };
    let Some(device) = device else {
        return if wanted.is_some() {
            error(404, "Device not found", None)
        } else {
            error(
                404,
                "Player command failed: No active device found",
                Some("NO_ACTIVE_DEVICE"),
            )
        };
    };
    if world.devices[device].restricted {
        return error(403, "Player command failed: Restricted device", None);
    }
    for (n, other) in world.devices.iter_mut().enumerate() {
        other.active = n == device;
    }
    let state = request.parameter("state").unwrap_or_default();
    match command {
        "me/player/play" => {
            let Ok(body) = serde_json::from_str::<Value>(&request.body) else {
                return error(400, "Malformed json", None);
            };
            let named = body["uris"].as_array().into_iter().flatten();
            let mut named = named.chain([&body["offset"]["uri"]]);
            if named.any(|uri| uri.as_str().is_some_and(|uri| uri.contains(":local:"))) {
                return error(400, "Invalid track uri", None);
            }
            let tracks: Vec<String> = body["uris"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|uri| uri.as_str()?.rsplit(':').next().map(Into::into))
                .collect();
            let position = Duration::from_millis(body["position_ms"].as_u64().unwrap_or(0));
            let context = body["context_uri"].as_str();
            if context.is_some_and(|uri| uri.contains(":artist:")) && body["offset"].is_object() {
                return error(400, "Can't have offset for context type: ARTIST", None);
            }
            if context.is_none() && tracks.is_empty() {
                world.playing.since = Instant::now();
                world.playing.moves = true;
            } else if !world.play(context, &tracks, body["offset"]["uri"].as_str(), position) {
                return error(404, "Context not found", None);
            }
        }
        "me/player/pause" => {
            world.playing.progress = world.playing.position();
            world.playing.moves = false;
        }
        "me/player/shuffle" => world.playing.shuffle = state == "true",
        "me/player/repeat" => world.playing.repeat = state.into(),
        _ => return error(404, "Not found.", None),
    }
    Answer::empty(204)
}
