//! `moodlark-listen`: see the library's documentation.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    moodlark_listen::args::main()
}
