//! Tells the bus what changed from one view to the next, and sends the signals.

use std::sync::Arc;

use anyhow::Result;
use moodlark_api::OBJECT_PATH;
use moodlark_core::{
    Mood,
    camera::Blocked,
    engine::{SwitchRecord, View},
};
use tokio::sync::watch;
use zbus::object_server::InterfaceRef;

use super::{
    camera::Camera1, dict, mood::Mood1, music::Music1, policy::Policy1, service::Service1,
};

/// Holds the last view and announces the difference to the next.
pub struct Announcer {
    view: watch::Sender<Arc<View>>,
    mood: InterfaceRef<Mood1>,
    camera: InterfaceRef<Camera1>,
    policy: InterfaceRef<Policy1>,
    music: InterfaceRef<Music1>,
    service: InterfaceRef<Service1>,
}

/// Calls `$interface.$property_changed` for each property whose part of the view differs.
macro_rules! announce {
    ($reference:expr, $($changed:ident if $differs:expr;)+) => {{
        let emitter = $reference.signal_emitter();
        let interface = $reference.get().await;
        $(if $differs { interface.$changed(emitter).await?; })+
    }};
}

impl Announcer {
    /// For what `connection` serves.
    ///
    /// # Errors
    /// If an interface is not served.
    pub async fn new(
        connection: &zbus::Connection,
        view: watch::Sender<Arc<View>>,
    ) -> Result<Self> {
        let server = connection.object_server();
        Ok(Self {
            view,
            mood: server.interface(OBJECT_PATH).await?,
            camera: server.interface(OBJECT_PATH).await?,
            policy: server.interface(OBJECT_PATH).await?,
            music: server.interface(OBJECT_PATH).await?,
            service: server.interface(OBJECT_PATH).await?,
        })
    }

    /// Makes `next` the view that properties are read from, and announces what differs.
    ///
    /// # Errors
    /// The bus's.
    pub async fn show(&self, next: View) -> Result<()> {
        let old = self.view.borrow().clone();
        if *old == next {
            return Ok(());
        }
        let new = Arc::new(next);
        self.view.send_replace(new.clone());
        announce! { self.mood,
            label_changed if old.mood.label != new.mood.label;
            valence_changed if old.mood.affect.valence != new.mood.affect.valence;
            arousal_changed if old.mood.affect.arousal != new.mood.affect.arousal;
            confidence_changed if old.mood.confidence != new.mood.confidence;
            distribution_changed if old.mood.distribution != new.mood.distribution;
            since_changed if old.mood.since != new.mood.since;
            source_changed if old.mood.source != new.mood.source;
        }
        let (was, is) = (&old.camera, &new.camera);
        announce! { self.camera,
            enabled_changed if was.enabled != is.enabled;
            active_changed if was.active != is.active;
            blocked_changed if was.blocked.map(Blocked::name) != is.blocked.map(Blocked::name);
            blocked_reason_changed if was.blocked.map(Blocked::sentence) != is.blocked.map(Blocked::sentence);
            paused_until_changed if was.pause != is.pause;
            next_sample_changed if was.next != is.next;
            last_reading_changed if was.last_reading != is.last_reading;
            device_changed if was.device != is.device;
        }
        announce! { self.policy,
            intent_changed if old.intent != new.intent;
            rules_changed if old.rules != new.rules;
        }
        announce! { self.music,
            player_changed if old.music.player != new.music.player;
            playing_changed if old.music.playing != new.music.playing;
            last_switch_changed if old.music.last_switch != new.music.last_switch;
        }
        announce! { self.service,
            status_changed if old.status != new.status;
            tray_changed if old.tray != new.tray;
        }
        Ok(())
    }

    /// Sends `Mood1.Changed`.
    ///
    /// # Errors
    /// The bus's.
    pub async fn mood_changed(&self, mood: &Mood) -> Result<()> {
        let emitter = self.mood.signal_emitter();
        let at = mood.affect;
        Ok(Mood1::changed(
            emitter,
            mood.label_name(),
            at.valence,
            at.arousal,
            mood.confidence,
        )
        .await?)
    }

    /// Sends `Music1.Switched`.
    ///
    /// # Errors
    /// The bus's.
    pub async fn switched(&self, switch: &SwitchRecord) -> Result<()> {
        Ok(Music1::switched(self.music.signal_emitter(), dict::of_switch(switch)).await?)
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcer").finish_non_exhaustive()
    }
}
