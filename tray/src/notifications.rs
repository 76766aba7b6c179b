//! Desktop notifications, by the freedesktop notification service: one on the screen at a time, replaced by
//! the next, with buttons where the server has buttons.

use std::{collections::HashMap, time::Duration};

use futures_util::StreamExt;
use tokio::{sync::mpsc, task::JoinHandle};
use zbus::{Connection, proxy, proxy::CacheProperties, wire::Variant};

use crate::{tooltip::escape, words};

/// A server that doesn't answer within this time is as good as none.
const DEADLINE: Duration = Duration::from_secs(2);

/// How long a notification is to stay, in ms; servers have their own ideas.
const STAYS: i32 = 10_000;

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app_name: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Variant<'_>>,
        timeout: i32,
    ) -> zbus::Result<u32>;
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: String) -> zbus::Result<()>;
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) icon: &'static str,
    /// Asks for a yes.
    pub(crate) question: bool,
}

impl Notice {
    pub(crate) fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            body: body.into(),
            icon: "dialog-information",
            question: false,
        }
    }

    pub(crate) fn trouble(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            icon: "dialog-warning",
            ..Self::new(title, body)
        }
    }

    /// The user is asked for the camera.
    pub(crate) fn consent() -> Self {
        Self {
            icon: "camera-web",
            question: true,
            ..Self::new(words::notices::consent(), words::notices::consent_body())
        }
    }
}

/// Tells, and listens for a yes.
pub(crate) struct Notices {
    bus: Connection,
    yes: mpsc::UnboundedSender<()>,
    id: u32,
    waiting: Option<JoinHandle<()>>,
}

impl Notices {
    /// A yes to a question is sent to `yes`.
    pub(crate) fn new(bus: &Connection, yes: mpsc::UnboundedSender<()>) -> Self {
        Self {
            bus: bus.clone(),
            yes,
            id: 0,
            waiting: None,
        }
    }

    /// Shows a notice; says whether that was done. A desktop without notifications is no failure: what was
    /// to be told goes to the log.
    pub(crate) async fn tell(&mut self, notice: &Notice) -> bool {
        let told = match tokio::time::timeout(DEADLINE, self.show(notice)).await {
            Ok(told) => told,
            Err(_) => Err("the notification service does not answer".into()),
        };
        if let Err(error) = &told {
            let Notice { title, body, .. } = notice;
            tracing::warn!("no notification is shown ({error}): {title}: {body}");
        }
        told.is_ok()
    }

    async fn show(&mut self, notice: &Notice) -> Result<(), String> {
        let plain = |error: zbus::Error| error.to_string();
        let server = NotificationsProxy::builder(&self.bus)
            .cache_properties(CacheProperties::No)
            .build()
            .await
            .map_err(plain)?;
        let capabilities = server.get_capabilities().await.map_err(plain)?;
        let has = |name: &str| capabilities.iter().any(|capability| capability == name);
        // A question that cannot be answered would leave the user at a loss; the menu can answer it too.
        let buttons = notice.question && has("actions");
        let (yes, no) = (words::notices::yes(), words::notices::no());
        let actions: &[&str] = if buttons {
            &["yes", &yes, "no", &no]
        } else {
            &[]
        };
        let body = if has("body-markup") {
            escape(&notice.body)
        } else {
            notice.body.clone()
        };
        if let Some(waiting) = self.waiting.take() {
            waiting.abort();
        }
        // First listen, then ask: some servers are quick.
        let pressed = if buttons {
            Some((
                server.receive_action_invoked().await.map_err(plain)?,
                server.receive_notification_closed().await.map_err(plain)?,
            ))
        } else {
            None
        };
        let hints = HashMap::from([
            ("desktop-entry", Variant::from("org.moodlark.Moodlark")),
            ("transient", true.into()),
        ]);
        self.id = server
            .notify(
                words::TITLE,
                self.id,
                notice.icon,
                &notice.title,
                &body,
                actions,
                hints,
                STAYS,
            )
            .await
            .map_err(plain)?;
        if let Some((mut pressed, mut closed)) = pressed {
            let (id, yes) = (self.id, self.yes.clone());
            self.waiting = Some(tokio::spawn(async move {
                loop {
                    tokio::select! {
                        biased;
                        signal = pressed.next() => {
                            let Some(signal) = signal else { return };
                            match signal.args() {
                                Ok(args) if *args.id() == id => {
                                    if args.action() == "yes" {
                                        let _ = yes.send(()); // the tray ends
                                    }
                                    return;
                                }
                                _ => {}
                            }
                        }
                        signal = closed.next() => {
                            let Some(signal) = signal else { return };
                            if signal.args().is_ok_and(|args| *args.id() == id) {
                                return;
                            }
                        }
                    }
                }
            }));
        }
        Ok(())
    }
}
