//! `moodlark`: see the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    moodlark_ctl::main()
}
