//! `moodlark-sense`: see the library's documentation.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    moodlark_sense::args::main()
}
