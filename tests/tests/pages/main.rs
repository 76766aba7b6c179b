//! The manual pages and completions in `packaging` are made from the code's own tables: the commands, the
//! shipped configuration, the interfaces on the bus. These tests see to it that they are current.
//!
//! `MOODLARK_GENERATE=1 cargo test -p moodlark-tests --test pages` writes them anew.
#![allow(clippy::unwrap_used)] // what these tests read is the repository itself

mod bus;
mod config;
mod program;
mod roff;

use std::{fs, path::PathBuf, process::Command};

use clap::CommandFactory;
use clap_complete::Shell;
use moodlark_tests::rig;

use program::Program;

/// The programs, each with what its table doesn't say.
fn programs() -> Vec<Program> {
    vec![
        Program {
            command: moodlark_ctl::command(),
            section: 1,
            files: &[(
                "~/.config/moodlark/config.toml",
                "The configuration, see **moodlark.toml**(5).",
            )],
            see: "moodlarkd(8), moodlark-tray(1), moodlark.toml(5), org.moodlark.Moodlark(7)",
        },
        Program {
            command: moodlark_service::args::Arguments::command(),
            section: 8,
            files: &[
                (
                    "~/.config/moodlark/config.toml",
                    "The configuration, see **moodlark.toml**(5). Read again when it changes.",
                ),
                (
                    "~/.local/state/moodlark/history.db",
                    "What was seen, decided and done, for `retention` days; no pictures. Only you can read it.",
                ),
                (
                    "~/.local/state/moodlark/library.db",
                    "What was heard in your own music, what was played of it, and what was learnt from that. Only you can read it.",
                ),
                (
                    "~/Music/Playlists/Moodlark/",
                    "The lists that players were given, called as yours are; without a music folder (XDG_MUSIC_DIR) they are in `~/.local/state/moodlark/lists`. Only what Moodlark wrote there, and nobody changed since, is replaced or removed.",
                ),
            ],
            see: "moodlark(1), moodlark-sense(1), moodlark.toml(5), org.moodlark.Moodlark(7)",
        },
        Program {
            command: moodlark_tray::args::Arguments::command(),
            section: 1,
            files: &[],
            see: "moodlark(1), moodlarkd(8), moodlark.toml(5)",
        },
        Program {
            command: moodlark_sense::args::Args::command(),
            section: 1,
            files: &[],
            see: "moodlark(1), moodlarkd(8)",
        },
        Program {
            command: moodlark_listen::args::Args::command(),
            section: 1,
            files: &[],
            see: "moodlark(1), moodlarkd(8), moodlark.toml(5)",
        },
    ]
}

/// Compares what was made with what is in `packaging`; or, when asked to, puts it there.
fn current(made: &[(String, String)]) {
    let folder = rig::root().join("packaging");
    let mut old = Vec::new();
    for (name, text) in made {
        let path: PathBuf = folder.join(name);
        if std::env::var_os("MOODLARK_GENERATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != *text {
            old.push(name.as_str());
        }
    }
    assert!(
        old.is_empty(),
        "not current: {old:?}; MOODLARK_GENERATE=1 cargo test -p moodlark-tests --test pages"
    );
}

fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = programs()
        .iter()
        .map(|program| {
            (
                format!("man/{}.{}", program.name(), program.section),
                program.page(),
            )
        })
        .collect();
    pages.push(("man/moodlark.toml.5".into(), config::page()));
    pages.push(("man/org.moodlark.Moodlark.7".into(), bus::page()));
    pages
}

#[test]
fn the_manual_pages_are_current() {
    current(&pages());
}

#[test]
fn the_completions_are_current() {
    let mut made = Vec::new();
    for program in programs() {
        let name = program.name().to_owned();
        for (shell, path) in [
            (Shell::Bash, format!("completions/bash/{name}")),
            (Shell::Zsh, format!("completions/zsh/_{name}")),
            (Shell::Fish, format!("completions/fish/{name}.fish")),
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut program.command.clone(), &name, &mut script);
            made.push((path, String::from_utf8(script).unwrap()));
        }
    }
    current(&made);
}

/// Runs a checker on each file; nothing that it says may remain.
fn check(program: &str, arguments: &[&str], files: &[PathBuf], passed_over: &str) {
    if !rig::has(&[program]) {
        return;
    }
    for file in files {
        let run = Command::new(program)
            .args(arguments)
            .arg(file)
            .output()
            .unwrap();
        let said = [run.stdout, run.stderr].concat();
        let said: Vec<_> = String::from_utf8_lossy(&said)
            .lines()
            .filter(|line| passed_over.is_empty() || !line.contains(passed_over))
            .map(str::to_owned)
            .collect();
        assert!(said.is_empty(), "{}: {said:#?}", file.display());
    }
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(rig::root().join("packaging").join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file() && path.to_string_lossy().ends_with(ending));
    assert!(!files.is_empty(), "{folder}");
    files
}

#[test]
fn the_manual_pages_are_well_formed() {
    // The pages carry a version and no day.
    check(
        "mandoc",
        &["-Tlint", "-Wwarning"],
        &files("man", ""),
        "missing date",
    );
}

#[test]
fn the_completions_are_what_their_shells_can_read() {
    check("bash", &["-n"], &files("completions/bash", ""), "");
    check("zsh", &["-n"], &files("completions/zsh", ""), "");
    check(
        "fish",
        &["--no-execute"],
        &files("completions/fish", ""),
        "",
    );
}

#[test]
fn the_desktop_entries_and_metadata_are_valid() {
    let entries = [files("", ".desktop"), files("autostart", "")].concat();
    check("desktop-file-validate", &[], &entries, "");
    if rig::has(&["appstreamcli"]) {
        let file = rig::root().join("packaging/org.moodlark.Moodlark.metainfo.xml");
        let run = Command::new("appstreamcli")
            .args(["validate", "--no-net"])
            .arg(file)
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stdout)
        );
    }
}
