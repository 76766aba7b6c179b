//! `moodlark doctor`: what the service finds when it checks everything that it needs; and what can be
//! found where it does not run, by `moodlarkd --doctor`.

use std::{path::PathBuf, process::Stdio, time::Duration};

use moodlark_catalogue::tr;
use serde_json::{Value, json};

use crate::{
    bus::{Bus, LONG},
    config::{self, Told},
    failure::Failure,
    json,
    show::{Show, clean},
};

/// The program of the service, which lies beside this one.
const SERVICE: &str = "moodlarkd";
/// It asks the worker three times, each with a deadline of its own.
const PATIENCE: Duration = Duration::from_secs(25);

/// What was found, and whether there is a problem among it.
pub(crate) async fn doctor() -> Result<(Told, bool), Failure> {
    let findings = match asked().await {
        Ok(findings) => findings,
        Err(failure) => without(&failure).await,
    };
    let problem = findings
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one["level"] == "problem"));
    let told = Told {
        text: Show::now().doctor(&findings),
        json: findings,
        warning: String::new(),
    };
    Ok((told, problem))
}

async fn asked() -> Result<Value, Failure> {
    let bus = Bus::with_service(LONG).await?;
    let findings = bus.service().await?.doctor().await?;
    Ok(json::of_dicts(&findings))
}

/// The service could not be asked, for this reason: what can be found all the same.
async fn without(failure: &Failure) -> Value {
    match by_the_program().await {
        Ok(findings) => findings,
        Err(why) => {
            let (finding, advice) = failure
                .message
                .split_once('\n')
                .unwrap_or((&failure.message, ""));
            let mut findings = vec![
                json!({ "check": "service", "level": "problem", "finding": finding, "advice": advice }),
                json!({
                    "check": "programs", "level": "problem", "finding": why,
                    "advice": tr!("Install {program} beside this program: `./run.sh install`.", program = SERVICE),
                }),
            ];
            if let Some(trouble) = config::trouble() {
                findings.push(json!({
                    "check": "configuration", "level": "problem", "finding": trouble,
                    "advice": &tr!("Mend the file; `moodlark config check` says where."),
                }));
            }
            Value::Array(findings)
        }
    }
}

/// Has the service's own program check, without becoming the service.
async fn by_the_program() -> Result<Value, String> {
    let program = beside().unwrap_or_else(|| SERVICE.into());
    let name = program.display();
    let run = tokio::process::Command::new(&program)
        .args(["--doctor", "--log", "error"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(PATIENCE, run).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(tr!("{name} could not be started: {error}", name, error)),
        Err(_) => {
            return Err(tr!(
                "{name} did not answer within {seconds} s",
                name,
                seconds = PATIENCE.as_secs()
            ));
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let why = || {
        tr!(
            "{name} could not check: {why}",
            name,
            why = clean(said.lines().last().unwrap_or("not a word"))
        )
    };
    if !output.status.success() {
        return Err(why());
    }
    match json::of_document(&String::from_utf8_lossy(&output.stdout)) {
        Value::Array(findings) if !findings.is_empty() => Ok(Value::Array(findings)),
        _ => Err(why()),
    }
}

/// The service's program as installed with this one.
fn beside() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name(SERVICE);
    path.is_file().then_some(path)
}
