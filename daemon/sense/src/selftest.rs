//! The proof from inside: what the sandbox must refuse is tried, and has to fail.

use std::{
    fs::File,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::{net::UnixDatagram, process::CommandExt},
    process::Command,
};

use anyhow::Result;
use moodlark_core::reading::SandboxLevel;
use serde::Serialize;

use crate::{
    eye::Eye,
    sandbox::{self, Landlock},
};

/// One thing that was tried.
#[derive(Debug, Serialize)]
pub struct Try {
    /// What.
    pub what: &'static str,
    /// Which layer has to refuse it.
    pub layer: &'static str,
    /// Whether it was refused.
    pub refused: bool,
    /// Whether this kernel must refuse it.
    pub required: bool,
    /// What the kernel answered.
    pub answer: String,
}

/// What the self-test found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The level of the sandbox as a look would have it.
    pub sandbox: SandboxLevel,
    /// How far landlock is enforced: `full`, `partial` or `off`.
    pub landlock: &'static str,
    /// Whether seccomp holds.
    pub seccomp: bool,
    /// Whether no_new_privs is set.
    pub no_new_privs: bool,
    /// Whether a crash could write memory to disk.
    pub core_dumps: bool,
    /// Everything that was tried.
    pub tries: Vec<Try>,
    /// Whether all that this kernel must refuse was refused.
    pub passed: bool,
    /// Why a look could load no models; none if it can.
    pub models_problem: Option<String>,
}

fn tried<T>(
    what: &'static str,
    layer: &'static str,
    required: bool,
    result: std::io::Result<T>,
) -> Try {
    // The last is the answer of a service manager that has forbidden the family before us
    // (RestrictAddressFamilies of systemd).
    let denied = |e: &std::io::Error| {
        matches!(
            e.raw_os_error(),
            Some(libc::EPERM | libc::EACCES | libc::EAFNOSUPPORT)
        )
    };
    let refused = result.as_ref().err().is_some_and(denied);
    let answer = result
        .err()
        .map_or_else(|| "it worked".to_owned(), |e| e.to_string());
    Try {
        what,
        layer,
        refused,
        required,
        answer,
    }
}

fn opens(layer: &'static str, required: bool) -> Vec<Try> {
    vec![
        tried(
            "open a file to read it (/etc/passwd)",
            layer,
            required,
            File::open("/etc/passwd"),
        ),
        tried(
            "create a file in /tmp",
            layer,
            required,
            File::create_new("/tmp/moodlark-sense-self-test"),
        ),
        tried("list a folder (/)", layer, required, std::fs::read_dir("/")),
        tried(
            "run a program (/bin/true)",
            layer,
            required,
            Err::<(), _>(Command::new("/bin/true").exec()),
        ),
    ]
}

/// Closes the sandbox as for a look, layer by layer, and tries to get out of each.
///
/// # Errors
/// When landlock fails in an unforeseen way.
pub fn run() -> Result<Report> {
    let models = Eye::load().and_then(|mut eye| {
        eye.seeta()?;
        eye.expression().map(drop)
    });
    let parent = rustix::process::getppid();
    let landlock = sandbox::close_files(None)?;
    let on = landlock != Landlock::Off;
    let mut tries = opens("landlock", on);
    // TCP came to landlock with Linux 6.7.
    let tcp = landlock == Landlock::Full;
    tries.push(tried(
        "connect by TCP",
        "landlock",
        tcp,
        TcpStream::connect("127.0.0.1:9"),
    ));
    tries.push(tried(
        "listen by TCP",
        "landlock",
        tcp,
        TcpListener::bind("127.0.0.1:0"),
    ));

    let seccomp = match sandbox::close_calls(true) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("moodlark-sense: warning: {error:#}");
            false
        }
    };
    tries.extend(opens("seccomp", true));
    tries.push(tried(
        "connect by TCP",
        "seccomp",
        true,
        TcpStream::connect("127.0.0.1:9"),
    ));
    tries.push(tried(
        "a UDP socket",
        "seccomp",
        true,
        UdpSocket::bind("127.0.0.1:0"),
    ));
    tries.push(tried(
        "a Unix socket",
        "seccomp",
        true,
        UnixDatagram::unbound(),
    ));
    tries.push(tried(
        "a second process",
        "seccomp",
        true,
        Command::new("/bin/true").spawn(),
    ));
    tries.push(tried(
        "a second thread",
        "seccomp",
        true,
        std::thread::Builder::new().spawn(|| ()),
    ));
    let signal = parent.map_or(Ok(()), |p| {
        rustix::process::test_kill_process(p).map_err(std::io::Error::from)
    });
    tries.push(tried(
        "signal another process",
        "seccomp",
        parent.is_some(),
        signal,
    ));

    let no_new_privs = rustix::thread::no_new_privs().unwrap_or(false);
    let passed = no_new_privs && tries.iter().all(|t| t.refused || !t.required);
    Ok(Report {
        sandbox: sandbox::level(landlock, seccomp),
        landlock: landlock.name(),
        seccomp,
        no_new_privs,
        core_dumps: false,
        tries,
        passed,
        models_problem: models.err().map(|error| format!("{error:#}")),
    })
}

impl Report {
    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for t in &self.tries {
            let verdict = match (t.refused, t.required) {
                (true, _) => "refused",
                (false, true) => "NOT REFUSED",
                (false, false) => "not refused (this kernel's landlock cannot)",
            };
            text += &format!("{:<9} {:<40} {verdict}: {}\n", t.layer, t.what, t.answer);
        }
        let yes = |b: bool| if b { "yes" } else { "NO" };
        text += &format!(
            "models: {}\nno_new_privs: {}; landlock: {}; seccomp: {}; sandbox: {:?}\n{}\n",
            self.models_problem.as_deref().unwrap_or("loaded"),
            yes(self.no_new_privs),
            self.landlock,
            yes(self.seccomp),
            self.sandbox,
            if self.passed {
                "The sandbox holds."
            } else {
                "THE SANDBOX DOES NOT HOLD."
            }
        );
        text
    }
}
