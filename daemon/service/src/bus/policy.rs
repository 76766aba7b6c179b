//! `org.moodlark.Policy1`: the user's rules.

use moodlark_api::{Dict, error::Error};
use moodlark_core::{engine::Request, settings::Intent};
use zbus::interface;

use super::{Desk, dict};

pub(super) struct Policy1(pub(super) Desk);

#[interface(name = "org.moodlark.Policy1")]
impl Policy1 {
    /// What the user wants for now, over all rules: match, uplift, calm, energise, keep,
    /// playlist:NAME, or auto for the rules.
    #[zbus(property)]
    fn intent(&self) -> String {
        self.0.view().intent.clone()
    }

    #[zbus(property)]
    async fn set_intent(&self, intent: String) -> Result<(), Error> {
        let wish = if intent.trim() == "auto" {
            None
        } else {
            let parsed = intent.parse::<Intent>();
            Some(parsed.map_err(|error| Error::InvalidArgument(format!("{error}.")))?)
        };
        self.0.done(Request::Intent(wish)).await
    }

    /// The rules in order. Keys: name (s), enabled (b), intent (s), when (s), matches (b).
    #[zbus(property)]
    fn rules(&self) -> Vec<Dict> {
        let view = self.0.view();
        view.rules
            .iter()
            .map(|rule| {
                dict::of([
                    ("name", rule.name.as_str().into()),
                    ("enabled", rule.enabled.into()),
                    ("intent", rule.intent.as_str().into()),
                    ("when", rule.when.as_str().into()),
                    ("matches", rule.matches.into()),
                ])
            })
            .collect()
    }

    /// Switches a rule on or off until Reset or an edit of the configuration.
    async fn set_rule_enabled(&self, name: String, enabled: bool) -> Result<(), Error> {
        self.0.done(Request::RuleEnabled { name, enabled }).await
    }

    /// Back to the configuration: auto, and each rule as written.
    async fn reset(&self) -> Result<(), Error> {
        self.0.done(Request::ResetPolicy).await
    }
}
