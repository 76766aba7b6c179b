//! Desktop notifications by the freedesktop notification service: one on the screen at a time,
//! replaced by the next, with a button where the server has buttons.

use std::time::Duration;

use moodlark_catalogue::tr;
use moodlark_core::{
    Timestamp,
    decide::Plan,
    engine::{Notice, SwitchRecord},
    settings::NotificationSettings,
};
use notify_rust::{CloseReason, Hint, Notification, NotificationResponse, Timeout, Urgency};
use tokio::{sync::mpsc, task::JoinHandle};

/// What the user may say by a notification's button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Undo the switch of this number.
    Undo(i64),
    /// Yes to the question.
    Yes,
    /// No to it, or closed by the user's hand.
    No,
    /// Turn the camera off.
    CameraOff,
}

/// A server that doesn't answer within this time is as good as none.
const DEADLINE: Duration = Duration::from_secs(2);

/// The desk for notifications: a task of its own, so that a server that hangs holds up nothing.
#[derive(Debug)]
pub struct Notifications {
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
enum Order {
    Tell(Box<Notice>, NotificationSettings, Timestamp),
    Withdraw,
}

impl Notifications {
    /// Starts the task. Buttons that are pressed are sent to `pressed`.
    #[must_use]
    pub fn start(bus: zbus::Connection, pressed: mpsc::Sender<Pressed>) -> Self {
        let (orders, mut incoming) = mpsc::unbounded_channel();
        let mut desk = Desk {
            bus,
            pressed,
            id: 0,
            last: None,
            waiting: None,
        };
        tokio::spawn(async move {
            while let Some(order) = incoming.recv().await {
                match order {
                    Order::Tell(notice, settings, at) => desk.tell(&notice, &settings, at).await,
                    Order::Withdraw => desk.withdraw().await,
                }
            }
        });
        Self { orders }
    }

    /// Shows a notice. Troubles are held back while another notice was shown a moment ago; what
    /// the user must see always shows. A desktop without notifications is no failure: the reason
    /// goes to the log.
    pub fn tell(&self, notice: Notice, settings: NotificationSettings, at: Timestamp) {
        let _ = self
            .orders
            .send(Order::Tell(Box::new(notice), settings, at)); // the service ends
    }

    /// Takes a question back.
    pub fn withdraw(&self) {
        let _ = self.orders.send(Order::Withdraw); // the service ends
    }
}

/// What the server can do; asked by ourselves because notify-rust only asks blockingly.
///
/// # Errors
/// A sentence: there is no server, or it doesn't answer.
pub async fn capabilities(bus: &zbus::Connection) -> Result<Vec<String>, String> {
    let answer = call(bus, "GetCapabilities", &()).await?;
    answer
        .body()
        .deserialize()
        .map_err(|error| error.to_string())
}

async fn call<B>(bus: &zbus::Connection, method: &str, body: &B) -> Result<zbus::Message, String>
where
    B: serde::Serialize + zbus::wire::Type + Sync,
{
    let (name, path) = (
        "org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
    );
    let call = bus.call_method(Some(name), path, Some(name), method, body);
    match tokio::time::timeout(DEADLINE, call).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(tr!("the notification service does not answer")),
    }
}

/// The task's own state.
struct Desk {
    bus: zbus::Connection,
    pressed: mpsc::Sender<Pressed>,
    id: u32,
    last: Option<Timestamp>,
    waiting: Option<JoinHandle<()>>,
}

/// What is shown.
struct Shown<'a> {
    summary: String,
    body: String,
    icon: &'a str,
    buttons: Vec<(&'static str, String, Pressed)>,
    on_close: Option<Pressed>,
    /// Stays until the user closes it, in a place of its own: nothing replaces it.
    stays: bool,
}

impl Desk {
    async fn tell(&mut self, notice: &Notice, settings: &NotificationSettings, at: Timestamp) {
        let always = match notice {
            Notice::CameraFirstUse
            | Notice::Question(_)
            | Notice::Switched(_)
            | Notice::Undone { .. }
            // Told once, or once a day.
            | Notice::Spotify(_) => true,
            Notice::CameraTrouble(_) | Notice::SwitchFailed { .. } | Notice::BadConfig(_) => false,
        };
        let soon = self
            .last
            .is_some_and(|last| last <= at && at.since(last) < settings.at_most_every);
        if soon && !always {
            tracing::debug!("a notification is left out: the last was shown a moment ago");
            return;
        }
        match tokio::time::timeout(DEADLINE, self.show(describe(notice))).await {
            Ok(Ok(())) => self.last = Some(at),
            Ok(Err(error)) => tracing::info!("no notification is shown: {error}"),
            Err(_) => {
                tracing::info!(
                    "no notification is shown: the notification service does not answer"
                );
            }
        }
    }

    async fn withdraw(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.abort();
        }
        if self.id == 0 {
            return;
        }
        if let Err(error) = call(&self.bus, "CloseNotification", &(self.id)).await {
            tracing::debug!("the question could not be taken back: {error}");
        }
    }

    async fn show(&mut self, shown: Shown<'_>) -> Result<(), String> {
        // Buttons that a server cannot show would be lost, or shown as text.
        let capabilities = capabilities(&self.bus).await?;
        let has = |name: &str| capabilities.iter().any(|capability| capability == name);
        let mut notification = Notification::new();
        notification
            .appname("Moodlark")
            .summary(&shown.summary)
            .body(&if has("body-markup") {
                escape(&shown.body)
            } else {
                shown.body.clone()
            })
            .icon(shown.icon)
            .hint(Hint::DesktopEntry("org.moodlark.Moodlark".into()))
            .timeout(if shown.stays {
                Timeout::Never
            } else {
                Timeout::Milliseconds(10_000)
            })
            .urgency(Urgency::Normal);
        if !shown.stays {
            notification.hint(Hint::Transient(true));
        }
        if self.id != 0 && !shown.stays {
            notification.id(self.id);
        }
        if has("actions") {
            for (name, label, _) in &shown.buttons {
                notification.action(name, label);
            }
        }
        let handle = notification
            .show_async()
            .await
            .map_err(|error| error.to_string())?;
        let (pressed, buttons, on_close) = (self.pressed.clone(), shown.buttons, shown.on_close);
        let id = handle.id();
        let waiting = (!buttons.is_empty()).then(|| {
            tokio::spawn(async move {
                let mut answer = None;
                handle
                    .wait_for_action_async(|response: &NotificationResponse| {
                        answer = match response {
                            NotificationResponse::Action(name) => buttons
                                .iter()
                                .find(|button| button.0 == name)
                                .map(|button| button.2),
                            NotificationResponse::Closed(CloseReason::Dismissed) => on_close,
                            _ => None,
                        };
                    })
                    .await;
                if let Some(answer) = answer {
                    let _ = pressed.send(answer).await; // nobody listens when the service ends
                }
            })
        });
        if !shown.stays {
            self.id = id;
            if let Some(replaced) = std::mem::replace(&mut self.waiting, waiting) {
                replaced.abort();
            }
        }
        Ok(())
    }
}

fn describe(notice: &Notice) -> Shown<'static> {
    let plain = |summary: String, body: String, icon| Shown {
        summary,
        body,
        icon,
        buttons: Vec::new(),
        on_close: None,
        stays: false,
    };
    match notice {
        Notice::CameraFirstUse => Shown {
            buttons: vec![("camera-off", tr!("Turn the camera off"), Pressed::CameraOff)],
            stays: true,
            ..plain(
                tr!("Moodlark looks through the camera for the first time"),
                tr!(
                    "Now and then it looks for about a second. The picture is turned into a few numbers and forgotten; it is never stored or sent."
                ),
                "camera-web",
            )
        },
        Notice::CameraTrouble(reading) => plain(
            tr!("Moodlark cannot see"),
            tr!(
                "Three looks in a row failed: {reading}. It tries again less and less often. `moodlark doctor` helps.",
                reading = reading.sentence()
            ),
            "dialog-warning",
        ),
        Notice::Switched(SwitchRecord {
            id,
            playlist,
            why,
            title,
            left_out,
            ..
        }) => Shown {
            buttons: vec![("undo", tr!("Undo"), Pressed::Undo(*id))],
            ..plain(
                tr!("Now playing \u{201c}{playlist}\u{201d}", playlist),
                [Some(why), Some(title), left_out.sentence().as_ref()]
                    .into_iter()
                    .flatten()
                    .filter(|line| !line.is_empty())
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join("\n"),
                "audio-x-generic",
            )
        },
        Notice::Question(Plan { playlist, why, .. }) => Shown {
            buttons: vec![
                ("yes", tr!("Play it"), Pressed::Yes),
                ("no", tr!("Not now"), Pressed::No),
            ],
            on_close: Some(Pressed::No),
            ..plain(
                tr!("Play \u{201c}{playlist}\u{201d}?", playlist),
                why.clone(),
                "dialog-question",
            )
        },
        Notice::SwitchFailed { playlist, outcome } => plain(
            tr!("\u{201c}{playlist}\u{201d} could not be played", playlist),
            outcome.sentence.clone(),
            "dialog-warning",
        ),
        Notice::BadConfig(problem) => plain(
            tr!("Moodlark's configuration is wrong"),
            tr!("The last good one goes on. {problem}", problem),
            "dialog-warning",
        ),
        Notice::Spotify(sentence) => plain(
            tr!("Spotify needs you"),
            sentence.clone(),
            "dialog-information",
        ),
        Notice::Undone { switch, missing } => plain(
            tr!("As it was"),
            if missing.is_empty() {
                tr!(
                    "What played before \u{201c}{playlist}\u{201d} is back. Hands off for a while.",
                    playlist = switch.playlist
                )
            } else {
                tr!(
                    "What played before \u{201c}{playlist}\u{201d} is back, but for this: {missing}. Hands off for a while.",
                    playlist = switch.playlist,
                    missing = missing.join("; ")
                )
            },
            "edit-undo",
        ),
    }
}

/// A body is markup: a title with `<` or `&` in it is not.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_no_markup() {
        assert_eq!(
            escape("Tom & <b>Jerry</b>"),
            "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;"
        );
    }

    #[test]
    fn a_switch_says_what_of_the_playlist_is_missing() {
        let mut record: SwitchRecord = serde_json::from_value(serde_json::json!({
            "id": 1, "at": 0, "player": "mpd", "playlist": "Rain", "uri": "", "route": "", "why": "You look sad.",
            "mood": null, "title": "", "verified": true, "took-ms": 1, "undone": false,
        }))
        .unwrap();
        assert_eq!(
            describe(&Notice::Switched(record.clone())).body,
            "You look sad."
        );
        record.title = "Drops".into();
        record.left_out.listed = 20;
        record.left_out.missing = 3;
        assert_eq!(
            describe(&Notice::Switched(record)).body,
            "You look sad.\nDrops\n3 of its 20 files are missing"
        );
    }
}
