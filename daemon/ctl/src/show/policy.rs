//! The wish and the rules.

use moodlark_catalogue::tr;
use serde_json::Value;

use super::{Fields, Show, table};
use crate::terminal::Tone;

impl Show {
    /// The wish, and the rules in order.
    pub(crate) fn policy(&self, policy: &Value) -> String {
        let fields = Fields(policy);
        let mut text = format!("{}\n", self.policy_line(fields));
        let first = first_match(fields);
        let rows: Vec<Vec<String>> = fields
            .list("rules")
            .enumerate()
            .map(|(index, rule)| {
                let here = first.is_some_and(|(place, _)| place == index);
                let mark = if here {
                    self.paint(Tone::Good, "▸")
                } else {
                    " ".into()
                };
                let state = match (rule.flag("enabled"), rule.flag("matches")) {
                    (false, _) => self.paint(Tone::Faint, &tr!("off")),
                    (true, true) => self.paint(Tone::Good, &tr!("matches now")),
                    (true, false) => String::new(),
                };
                let when = rule.text("when");
                let when = if when.is_empty() { tr!("always") } else { when };
                vec![
                    mark,
                    format!("{}", index + 1),
                    rule.text("name"),
                    rule.text("intent"),
                    when,
                    state,
                ]
            })
            .collect();
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&table(&rows, ""));
        }
        text
    }

    /// `auto: “Cheer me up” matches (uplift)`.
    pub(crate) fn policy_line(&self, policy: Fields<'_>) -> String {
        let intent = policy.text("intent");
        let strong = self.paint(Tone::Strong, &intent);
        if intent != "auto" {
            return tr!(
                "{intent}, whatever the rules say (`moodlark policy auto` is back to them)",
                intent = strong
            );
        }
        match first_match(policy) {
            Some((_, rule)) => tr!(
                "{auto}: “{rule}” matches ({intent})",
                auto = strong,
                rule = rule.text("name"),
                intent = rule.text("intent")
            ),
            None if policy.list("rules").next().is_none() => {
                tr!(
                    "{auto}: there are no rules yet; `moodlark config default` shows how they are written",
                    auto = strong
                )
            }
            None => tr!("{auto}: no rule matches now", auto = strong),
        }
    }
}

/// The rule that decides: the first one that is on and matches.
fn first_match(policy: Fields<'_>) -> Option<(usize, Fields<'_>)> {
    let rules = policy.0.get("rules").unwrap_or(&Value::Null);
    super::items(rules)
        .enumerate()
        .find(|(_, rule)| rule.flag("enabled") && rule.flag("matches"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::show;

    #[test]
    fn the_rule_that_decides_is_marked() {
        let policy = json!({ "intent": "auto", "rules": [
            { "name": "Evenings", "enabled": false, "intent": "calm", "when": "22:00 to 07:00", "matches": true },
            { "name": "Cheer me up", "enabled": true, "intent": "uplift", "when": "sad", "matches": true },
            { "name": "Rest", "enabled": true, "intent": "keep", "when": null, "matches": true },
        ]});
        assert_eq!(
            show().policy(&policy),
            "auto: “Cheer me up” matches (uplift)\n\n   1  Evenings     calm    22:00 to 07:00  off\n▸  2  Cheer me up  uplift  sad             matches now\n   3  Rest         keep    always          matches now\n"
        );
    }

    #[test]
    fn a_wish_is_over_the_rules() {
        assert!(
            show()
                .policy(&json!({ "intent": "calm", "rules": [] }))
                .starts_with("calm, whatever the rules say")
        );
        assert!(
            show()
                .policy(&json!({ "intent": "auto", "rules": [] }))
                .contains("no rules yet")
        );
    }
}
