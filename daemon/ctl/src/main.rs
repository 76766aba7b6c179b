//! `moodlark`: see the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    let language = moodlark_catalogue::Language::of_user();
    moodlark_catalogue::speak(language);
    moodlark_ctl::speak(language);
    moodlark_ctl::main()
}
