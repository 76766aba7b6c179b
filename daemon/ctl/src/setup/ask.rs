//! Asking: on a terminal, or of nobody.

use std::io::IsTerminal;

use dialoguer::{Confirm, Input, Select, theme::ColorfulTheme};
use moodlark_catalogue::tr;

use crate::failure::Failure;

/// Somebody who answers.
pub(super) trait Ask {
    /// Whether there is somebody to read and to sit in front of the camera.
    fn is_somebody(&self) -> bool;
    /// The user's yes to the camera: no unless it is said.
    fn consent(&mut self, question: &str) -> Result<bool, Failure>;
    /// Yes or no; `usual` is what Enter means.
    fn confirm(&mut self, question: &str, usual: bool) -> Result<bool, Failure>;
    /// One of several, or none of them.
    fn choose(&mut self, question: &str, choices: &[String]) -> Result<Option<usize>, Failure>;
    /// Text, possibly empty.
    fn text(&mut self, question: &str) -> Result<String, Failure>;
}

/// The user at a terminal.
pub(super) struct Terminal;

impl Terminal {
    /// Whether somebody can be asked.
    pub(super) fn is_there() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

impl Ask for Terminal {
    fn is_somebody(&self) -> bool {
        true
    }

    fn consent(&mut self, question: &str) -> Result<bool, Failure> {
        self.confirm(question, false)
    }

    fn confirm(&mut self, question: &str, usual: bool) -> Result<bool, Failure> {
        Confirm::with_theme(&ColorfulTheme::default())
            .with_prompt(question)
            .default(usual)
            .interact()
            .map_err(|error| ended(&error))
    }

    fn choose(&mut self, question: &str, choices: &[String]) -> Result<Option<usize>, Failure> {
        Select::with_theme(&ColorfulTheme::default())
            .with_prompt(question)
            .items(choices)
            .default(0)
            .interact_opt()
            .map_err(|error| ended(&error))
    }

    fn text(&mut self, question: &str) -> Result<String, Failure> {
        let text: String = Input::with_theme(&ColorfulTheme::default())
            .with_prompt(question)
            .allow_empty(true)
            .interact_text()
            .map_err(|error| ended(&error))?;
        Ok(text.trim().to_owned())
    }
}

/// Ctrl-C, or a terminal that went away.
fn ended(error: &dialoguer::Error) -> Failure {
    Failure::new(
        "org.freedesktop.DBus.Error.Failed",
        tr!(
            "The setup was ended: {error}. What was answered so far is kept.",
            error
        ),
    )
}

/// Nobody: `--yes`. Whatever needs a person's choice is left as it is.
pub(super) struct Yes;

impl Ask for Yes {
    fn is_somebody(&self) -> bool {
        false
    }

    fn consent(&mut self, _: &str) -> Result<bool, Failure> {
        // `--yes` is the user's yes.
        Ok(true)
    }

    fn confirm(&mut self, _: &str, usual: bool) -> Result<bool, Failure> {
        Ok(usual)
    }

    fn choose(&mut self, _: &str, _: &[String]) -> Result<Option<usize>, Failure> {
        Ok(None)
    }

    fn text(&mut self, _: &str) -> Result<String, Failure> {
        Ok(String::new())
    }
}
