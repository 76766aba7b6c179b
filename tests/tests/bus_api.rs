//! The service as the bus shows it, against the interface that `moodlark-api` promises.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use moodlark_api::{BUS_NAME, error::Error};
use moodlark_tests::{eventually::SOON, rig, service::Service, session::Session};
use zbus::{MatchRule, MessageStream, message::Type};

const NEEDS: [&str; 2] = ["moodlarkd", "sox"];

async fn quiet(session: &Session) -> Result<Service> {
    let setup = session.service()?;
    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    setup.start().await
}

/// Interface, kind and name of a member.
type Member = (String, &'static str, String);

/// What the proxies of `moodlark-api` say, read from their source: the macros leave no list behind.
fn promised() -> BTreeSet<Member> {
    let (mut members, mut interface, mut kind) = (BTreeSet::new(), String::new(), "method");
    for line in include_str!("../../daemon/api/src/proxies.rs")
        .lines()
        .map(str::trim)
    {
        if let Some(rest) = line.strip_prefix("interface = \"") {
            interface = rest.split('"').next().unwrap_or_default().to_owned();
        } else if line.starts_with("#[zbus(property") {
            kind = "property";
        } else if line.starts_with("#[zbus(signal") {
            kind = "signal";
        } else if let Some(rest) = line.strip_prefix("fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            if !(kind == "property" && name.starts_with("set_")) {
                members.insert((interface.clone(), kind, pascal(name)));
            }
            kind = "method";
        }
    }
    members
}

fn pascal(name: &str) -> String {
    name.split('_')
        .map(|part| {
            part.chars()
                .take(1)
                .flat_map(char::to_uppercase)
                .chain(part.chars().skip(1))
                .collect::<String>()
        })
        .collect()
}

/// The members of our interfaces in introspection data.
fn introspected(xml: &str) -> BTreeSet<Member> {
    let (mut members, mut interface) = (BTreeSet::new(), String::new());
    for tag in xml.split('<').map(str::trim) {
        let name = || {
            tag.split("name=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default()
                .to_owned()
        };
        let kind = match tag.split(' ').next() {
            Some("interface") => {
                interface = name();
                continue;
            }
            Some("method") => "method",
            Some("signal") => "signal",
            Some("property") => "property",
            _ => continue,
        };
        if interface.starts_with("org.moodlark.") {
            members.insert((interface.clone(), kind, name()));
        }
    }
    members
}

#[tokio::test]
async fn the_service_has_exactly_the_members_that_the_api_promises() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let xml = service.introspect().await?;
    let (promised, there) = (promised(), introspected(&xml));
    assert!(
        promised.len() >= 40,
        "the proxies were not understood: {promised:?}"
    );
    let missing: Vec<_> = promised.difference(&there).collect();
    let unpromised: Vec<_> = there.difference(&promised).collect();
    assert!(
        missing.is_empty() && unpromised.is_empty(),
        "missing {missing:?}\nnot promised {unpromised:?}"
    );
    // Properties that the user may write are marked so, and no others.
    for property in ["Enabled", "Intent"] {
        assert!(
            xml.contains(&format!("<property name=\"{property}\" type=")),
            "{property}"
        );
    }
    assert_eq!(xml.matches("access=\"readwrite\"").count(), 2, "{xml}");
    Ok(())
}

#[tokio::test]
async fn every_property_has_its_promised_type_before_anything_happened() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let mood = service.mood().await?;
    assert_eq!(mood.label().await?, "unknown");
    assert!(
        (-1.0..=1.0).contains(&mood.valence().await?)
            && (-1.0..=1.0).contains(&mood.arousal().await?)
    );
    assert!((0.0..=1.0).contains(&mood.confidence().await?));
    let distribution = mood.distribution().await?;
    assert_eq!(distribution.len(), 7);
    assert!((distribution.values().sum::<f64>() - 1.0).abs() < 1e-6);
    mood.since().await?;
    assert_eq!(mood.source().await?, "none");
    let camera = service.camera().await?;
    assert!(!camera.enabled().await? && !camera.active().await?);
    assert_eq!(camera.blocked().await?, "off");
    assert!(!camera.blocked_reason().await?.is_empty());
    assert_eq!(
        (camera.paused_until().await?, camera.next_sample().await?),
        (0, 0)
    );
    assert_eq!(camera.last_reading().await?, "");
    assert!(!camera.device().await?.is_empty());
    let policy = service.policy().await?;
    assert_eq!(policy.intent().await?, "auto");
    assert_eq!(policy.rules().await?.len(), 1);
    let music = service.music().await?;
    assert_eq!(music.player().await?, "");
    assert!(!music.playing().await?);
    assert!(music.last_switch().await?.is_empty());
    assert!(music.players().await?.is_empty());
    assert_eq!(music.playlists().await?.len(), 2);
    let service = service.service().await?;
    assert_eq!(service.version().await?, env!("CARGO_PKG_VERSION"));
    assert!(!service.status().await?.is_empty());
    let doctor = service.doctor().await?;
    assert!(!doctor.is_empty());
    for check in &doctor {
        for key in ["check", "level", "finding", "advice"] {
            assert!(check.contains_key(key), "{check:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn refusals_are_named_errors_with_a_sentence() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let (mood, camera) = (service.mood().await?, service.camera().await?);
    let (policy, music) = (service.policy().await?, service.music().await?);
    macro_rules! refused {
        ($call:expr, $name:ident, $word:literal) => {
            match $call.await {
                Err(Error::$name(sentence)) => {
                    assert!(
                        sentence.contains($word),
                        "{}: {sentence}",
                        stringify!($call)
                    );
                    assert!(sentence.len() > 15, "no sentence: {sentence}");
                }
                other => panic!("{}: {other:?}", stringify!($call)),
            }
        };
    }
    refused!(mood.report("glum"), InvalidArgument, "glum");
    refused!(mood.report_affect(1.5, 0.0), InvalidArgument, "1.5");
    refused!(mood.report_affect(f64::NAN, 0.0), InvalidArgument, "NaN");
    refused!(mood.note(&"x".repeat(1001)), InvalidArgument, "1000");
    refused!(mood.history(10, 5), InvalidArgument, "");
    refused!(camera.sample(), CameraOff, "camera on");
    refused!(
        policy.set_rule_enabled("nope", false),
        InvalidArgument,
        "nope"
    );
    refused!(music.apply("no such list"), NoPlaylist, "no such list");
    refused!(music.apply("sad"), NoPlayer, "player");
    refused!(music.undo(), NothingToUndo, "undo");
    let wrong = policy.set_intent("cheer").await;
    assert!(
        wrong
            .as_ref()
            .is_err_and(|error| error.to_string().contains("cheer")),
        "{wrong:?}"
    );
    // Nothing of that changed anything.
    assert_eq!(policy.intent().await?, "auto");
    assert_eq!(mood.label().await?, "unknown");
    Ok(())
}

#[tokio::test]
async fn properties_that_change_are_announced() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)
        .interface("org.freedesktop.DBus.Properties")
        .member("PropertiesChanged")
        .build()?;
    let mut changes = MessageStream::for_match_rule(rule, &session.connection, None).await?;
    let mut announced = async |interface: &str, property: &str| -> Result<()> {
        let wait = async {
            while let Some(message) = changes.next().await {
                let message = message?;
                let body = message.body();
                let (name, changed, gone): (String, moodlark_api::Dict, Vec<String>) =
                    body.deserialize()?;
                if name == interface
                    && (changed.contains_key(property) || gone.iter().any(|name| name == property))
                {
                    return Ok(());
                }
            }
            anyhow::bail!("the bus is gone")
        };
        tokio::time::timeout(SOON, wait)
            .await
            .with_context(|| format!("{interface}.{property} was not announced"))?
    };
    service.mood().await?.report("sad").await?;
    announced("org.moodlark.Mood1", "Label").await?;
    service.policy().await?.set_intent("uplift").await?;
    announced("org.moodlark.Policy1", "Intent").await?;
    service
        .policy()
        .await?
        .set_rule_enabled("always", false)
        .await?;
    announced("org.moodlark.Policy1", "Rules").await?;
    service.camera().await?.pause(60).await?;
    announced("org.moodlark.Camera1", "PausedUntil").await?;
    service.camera().await?.set_enabled(true).await?;
    announced("org.moodlark.Camera1", "Enabled").await?;
    Ok(())
}

#[tokio::test]
async fn the_moods_signal_and_the_journal_tell_of_a_report() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let mood = service.mood().await?;
    let mut changed = mood.receive_changed().await?;
    mood.report("sad").await?;
    let signal = tokio::time::timeout(SOON, changed.next())
        .await?
        .context("the bus is gone")?;
    assert_eq!(signal.args()?.label, "sad");
    assert_eq!(
        (mood.label().await?.as_str(), mood.source().await?.as_str()),
        ("sad", "report")
    );
    mood.report_affect(0.8, 0.4).await?;
    assert!(mood.valence().await? > 0.5);
    mood.note("the cat walked over the keyboard").await?;
    let history = mood.history(0, i64::MAX).await?;
    let kinds: Vec<String> = history
        .iter()
        .filter_map(|entry| entry.get("kind")?.try_clone().ok()?.try_into().ok())
        .collect();
    for kind in ["mood", "decision", "note"] {
        assert!(kinds.iter().any(|is| is == kind), "{kind} in {kinds:?}");
    }
    let times: Vec<i64> = history
        .iter()
        .filter_map(|entry| entry.get("at")?.try_clone().ok()?.try_into().ok())
        .collect();
    assert!(
        times.is_sorted() && times.len() == history.len(),
        "{times:?}"
    );
    Ok(())
}
