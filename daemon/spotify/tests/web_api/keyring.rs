//! With a keyring: GNOME's real one, and one that shows nothing while it is locked, as KeePassXC does.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Result;
use moodlark_spotify::{Error, Place};
use moodlark_tests::{
    bus::Bus,
    eventually::{SOON, eventually},
    keyring::{self, Keyring},
    rig,
    spotify::world::CLIENT_ID,
};
use tempfile::TempDir;
use zbus::{
    Connection, connection, interface,
    wire::{ObjectPath, OwnedObjectPath, OwnedVariant, Variant},
};

use crate::stage::{START, Stage};

const NEEDS: [&str; 2] = ["dbus-daemon", keyring::PROGRAM];

/// A sign-in in GNOME's keyring.
struct Kept {
    bus: Bus,
    folder: TempDir,
    connection: Connection,
    keyring: Keyring,
    stage: Stage,
}

impl Kept {
    async fn start() -> Result<Self> {
        let bus = Bus::start()?;
        let folder = tempfile::tempdir()?;
        let connection = bus.connect().await?;
        let keyring = Keyring::start(&bus, folder.path()).await?;
        let mut stage = Stage::on(Some(connection.clone())).await?;
        stage.sign_in().await?;
        Ok(Self {
            bus,
            folder,
            connection,
            keyring,
            stage,
        })
    }
}

#[tokio::test]
async fn a_keyring_that_starts_later_is_found() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let Kept {
        bus,
        folder,
        connection,
        keyring,
        mut stage,
    } = Kept::start().await?;
    assert_eq!(stage.spotify.status().await.place, Some(Place::Keyring));
    drop(keyring);
    stage.restart()?;
    let names = zbus::fdo::DBusProxy::new(&connection).await?;
    eventually(&connection, SOON, "no keyring", async || {
        let there = names.name_has_owner("org.freedesktop.secrets".try_into()?);
        Ok((!there.await?).then_some(()))
    })
    .await?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    let _keyring = Keyring::start(&bus, folder.path()).await?;
    stage.spotify.ready().await?;
    Ok(())
}

#[tokio::test]
async fn a_logout_with_a_locked_keyring_is_finished_once_it_is_unlocked() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut kept = Kept::start().await?;
    let Kept {
        connection,
        keyring,
        stage,
        ..
    } = &mut kept;
    keyring.lock().await?;
    let why = stage.spotify.sign_out().await.unwrap_err();
    assert_eq!(why, Error::KeptByKeyring);
    assert!(why.to_string().starts_with("Signed out here."), "{why}");
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    // Also after a restart, and with the keyring still locked.
    stage.restart()?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    assert_eq!(keyring.items().await?.len(), 1);
    keyring.unlock().await?;
    eventually(connection, SOON, "an empty keyring", async || {
        Ok(keyring.items().await?.is_empty().then_some(()))
    })
    .await?;
    stage.restart()?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    // A new sign-in ends it.
    stage.sign_in().await?;
    stage.restart()?;
    stage.spotify.ready().await?;
    Ok(())
}

#[tokio::test]
async fn a_sign_in_over_an_unfinished_logout_is_kept() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut kept = Kept::start().await?;
    let Kept {
        connection,
        keyring,
        stage,
        ..
    } = &mut kept;
    keyring.lock().await?;
    assert!(stage.spotify.sign_out().await.is_err());
    stage.sign_in().await?;
    assert_eq!(stage.spotify.status().await.place, Some(Place::Memory));
    keyring.unlock().await?;
    eventually(connection, SOON, "the sign-in in the keyring", async || {
        Ok((stage.spotify.status().await.place == Some(Place::Keyring)).then_some(()))
    })
    .await?;
    assert_eq!(keyring.items().await?.len(), 1);
    stage.restart()?;
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn a_file_is_newer_than_what_the_keyring_holds() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let bus = Bus::start()?;
    let folder = tempfile::tempdir()?;
    let connection = bus.connect().await?;
    let mut stage = Stage::on(Some(connection.clone())).await?;
    stage.sign_in().await?;
    let kept = std::fs::read_to_string(stage.file())?;
    // A keyring comes, and takes a sign-in; then one is kept in the file again.
    let _keyring = Keyring::start(&bus, folder.path()).await?;
    stage.sign_in().await?;
    assert!(!stage.file().exists(), "the keyring's is the only one");
    let newer = kept.replace("\"authorized_at\":", "\"authorized_at\":1");
    std::fs::write(stage.file(), &newer)?;
    std::fs::set_permissions(
        stage.file(),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )?;
    stage.restart()?;
    stage.spotify.ready().await?;
    assert!(matches!(
        stage.spotify.status().await.place,
        Some(Place::File(_))
    ));
    // One that others can read is none: the keyring's counts.
    std::fs::set_permissions(
        stage.file(),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )?;
    stage.restart()?;
    stage.spotify.ready().await?;
    assert_eq!(stage.spotify.status().await.place, Some(Place::Keyring));
    Ok(())
}

/// What the Secret Service below is made to do.
#[derive(Default)]
struct Is {
    locked: AtomicBool,
    /// Its item was deleted.
    empty: AtomicBool,
    /// A search waits until it is let go on.
    holds: AtomicBool,
    asked: tokio::sync::Notify,
    goes_on: tokio::sync::Notify,
}

/// A Secret Service with one item of ours, which it shows only while it is unlocked.
struct Shy(Arc<Is>);
struct Collection(Arc<Is>);
struct Item(Arc<Is>);
struct Dialog;

/// It on a bus.
async fn shy(bus: &Bus) -> Result<(Arc<Is>, Connection)> {
    let is = Arc::<Is>::default();
    let connection = connection::Builder::address(bus.address())
        .serve_at(ROOT, Shy(Arc::clone(&is)))
        .serve_at(COLLECTION, Collection(Arc::clone(&is)))
        .serve_at(ITEM, Item(Arc::clone(&is)))
        .serve_at(SESSION, Dialog)
        .name("org.freedesktop.secrets")
        .build()
        .await?;
    Ok((is, connection))
}

const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/one";
const ITEM: &str = "/org/freedesktop/secrets/collection/one/1";
const SESSION: &str = "/org/freedesktop/secrets/session/1";

fn path(text: &'static str) -> OwnedObjectPath {
    ObjectPath::from_static_str_unchecked(text).into()
}

#[interface(name = "org.freedesktop.Secret.Service")]
impl Shy {
    fn open_session(
        &self,
        _algorithm: &str,
        _input: Variant<'_>,
    ) -> zbus::fdo::Result<(OwnedVariant, OwnedObjectPath)> {
        let nothing = OwnedVariant::try_from(Variant::from(""))
            .map_err(|error| zbus::fdo::Error::Failed(error.to_string()))?;
        Ok((nothing, path(SESSION)))
    }
    async fn search_items(
        &self,
        _attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        if self.0.holds.load(Ordering::Relaxed) {
            self.0.asked.notify_one();
            self.0.goes_on.notified().await;
        }
        let hidden = [&self.0.locked, &self.0.empty];
        let hidden = hidden.iter().any(|is| is.load(Ordering::Relaxed));
        (if hidden { vec![] } else { vec![path(ITEM)] }, vec![])
    }
    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        path(COLLECTION)
    }
}

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.locked.load(Ordering::Relaxed)
    }
}

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn delete(&self) -> OwnedObjectPath {
        self.0.empty.store(true, Ordering::Relaxed);
        path("/")
    }
    fn get_secret(
        &self,
        session: OwnedObjectPath,
    ) -> ((OwnedObjectPath, Vec<u8>, Vec<u8>, String),) {
        let grant = serde_json::json!({
            "client_id": CLIENT_ID, "refresh_token": "r", "scopes": [], "authorized_at": START,
        });
        let secret = grant.to_string().into_bytes();
        ((session, vec![], secret, "text/plain".into()),)
    }
}

#[interface(name = "org.freedesktop.Secret.Session")]
impl Dialog {
    fn close(&self) {}
}

#[tokio::test]
async fn a_keyring_that_shows_nothing_while_it_is_locked_is_waited_for() -> Result<()> {
    if !rig::has(&["dbus-daemon"]) {
        return Ok(());
    }
    let bus = Bus::start()?;
    let connection = bus.connect().await?;
    let (is, shy) = shy(&bus).await?;
    is.locked.store(true, Ordering::Relaxed);
    let stage = Stage::on(Some(connection)).await?;
    let mut unlocked = stage.spotify.unlocked();
    assert_eq!(stage.spotify.ready().await, Err(Error::KeyringLocked));

    is.locked.store(false, Ordering::Relaxed);
    let collection = shy
        .object_server()
        .interface::<_, Collection>(COLLECTION)
        .await?;
    let emitter = collection.signal_emitter().clone();
    collection.get().await.locked_changed(&emitter).await?;
    // By itself: nobody has to ask again.
    tokio::time::timeout(SOON, unlocked.changed()).await??;
    assert!(stage.spotify.ask_at().is_some(), "the grant was not read");
    assert_eq!(stage.spotify.status().await.place, Some(Place::Keyring));
    Ok(())
}

#[tokio::test]
async fn a_logout_or_another_client_id_during_a_look_is_not_overwritten() -> Result<()> {
    if !rig::has(&["dbus-daemon"]) {
        return Ok(());
    }
    let bus = Bus::start()?;
    let (is, _shy) = shy(&bus).await?;
    let mut stage = Stage::on(Some(bus.connect().await?)).await?;
    is.holds.store(true, Ordering::Relaxed);

    let look = |stage: &Stage| {
        let spotify = stage.spotify.clone();
        tokio::spawn(async move { spotify.ready().await })
    };
    let looking = look(&stage);
    is.asked.notified().await;
    for client_id in ["another", CLIENT_ID] {
        stage.spotify.configure(moodlark_spotify::Settings {
            client_id: Some(client_id.into()),
            any_device: false,
        });
    }
    is.goes_on.notify_one();
    assert_eq!(looking.await?, Err(Error::NotSignedIn));
    assert_eq!(stage.spotify.ask_at(), None);
    // It was only not taken up: the next look finds it.
    is.holds.store(false, Ordering::Relaxed);
    stage.spotify.ready().await?;

    stage.restart()?;
    is.holds.store(true, Ordering::Relaxed);
    let looking = look(&stage);
    is.asked.notified().await;
    is.holds.store(false, Ordering::Relaxed);
    let spotify = stage.spotify.clone();
    let out = tokio::spawn(async move { spotify.sign_out().await });
    // It counts at once, also while the look holds up the deleting.
    eventually(&bus.connect().await?, SOON, "signed out", async || {
        Ok((stage.spotify.ready().await == Err(Error::NotSignedIn)).then_some(()))
    })
    .await?;
    is.goes_on.notify_one();
    assert_eq!(looking.await?, Err(Error::NotSignedIn));
    out.await??;
    assert!(is.empty.load(Ordering::Relaxed), "it is still there");
    stage.restart()?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    Ok(())
}
