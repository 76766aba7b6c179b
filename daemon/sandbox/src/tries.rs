//! The proof from inside: what the sandbox must refuse is tried, and has to fail.

use std::{
    fs::File,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::{net::UnixDatagram, process::CommandExt},
    path::Path,
    process::Command,
};

use serde::Serialize;

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

impl Try {
    /// The line for people.
    #[must_use]
    pub fn text(&self) -> String {
        let verdict = match (self.refused, self.required) {
            (true, _) => "refused",
            (false, true) => "NOT REFUSED",
            (false, false) => "not refused (this kernel's landlock cannot)",
        };
        format!(
            "{:<9} {:<40} {verdict}: {}\n",
            self.layer, self.what, self.answer
        )
    }
}

/// What came of a try.
pub fn tried<T>(
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

/// Files and programs, `created` is a file that must not come to be.
#[must_use]
pub fn files(layer: &'static str, required: bool, created: &Path) -> Vec<Try> {
    let mut tries = vec![
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
            File::create_new(created),
        ),
        tried("list a folder (/)", layer, required, std::fs::read_dir("/")),
    ];
    // Where nothing has to refuse it, it would be the end of this program.
    if required {
        tries.push(program(layer, required));
    }
    tries
}

/// Another program in place of this one: where that is not refused, it ends with the exit code of a self-test that failed.
#[must_use]
pub fn program(layer: &'static str, required: bool) -> Try {
    tried(
        "run a program (/bin/sh)",
        layer,
        required,
        Err::<(), _>(Command::new("/bin/sh").args(["-c", "exit 1"]).exec()),
    )
}

/// TCP, which landlock refuses since Linux 6.7.
#[must_use]
pub fn tcp(layer: &'static str, required: bool) -> Vec<Try> {
    vec![
        tried(
            "connect by TCP",
            layer,
            required,
            TcpStream::connect("127.0.0.1:9"),
        ),
        tried(
            "listen by TCP",
            layer,
            required,
            TcpListener::bind("127.0.0.1:0"),
        ),
    ]
}

/// Sockets, processes and threads, which seccomp must refuse; `parent` is the process that started this one.
#[must_use]
pub fn calls(parent: Option<rustix::process::Pid>) -> Vec<Try> {
    let layer = "seccomp";
    let signal = parent.map_or(Ok(()), |p| {
        rustix::process::test_kill_process(p).map_err(std::io::Error::from)
    });
    vec![
        tried(
            "connect by TCP",
            layer,
            true,
            TcpStream::connect("127.0.0.1:9"),
        ),
        tried("a UDP socket", layer, true, UdpSocket::bind("127.0.0.1:0")),
        tried("a Unix socket", layer, true, UnixDatagram::unbound()),
        tried(
            "a second process",
            layer,
            true,
            Command::new("/bin/true").spawn(),
        ),
        tried(
            "a second thread",
            layer,
            true,
            std::thread::Builder::new().spawn(|| ()),
        ),
        tried("signal another process", layer, parent.is_some(), signal),
    ]
}
