//! Text → settings, or everything that is wrong with it.

use std::collections::HashSet;

use moodlark_core::settings::Settings;
use toml::{Spanned, de::DeTable};

use crate::{
    describe::describe,
    problem::{ConfigErrors, Problem},
    semantics,
    tree::{self, Fault, FaultKind, Path, Step},
};

/// Nobody reads more than this, and a file that is something else altogether has thousands.
const MOST: usize = 20;

/// A configuration that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The settings.
    pub settings: Settings,
    /// What is allowed and probably not meant.
    pub warnings: Vec<Problem>,
}

/// Reads and checks a configuration.
///
/// # Errors
/// Everything that is wrong with it, up to 20 problems: syntax alone if that is wrong, else
/// unknown keys, unknown and bad values, and contradictions.
pub fn parse(text: &str) -> Result<Settings, ConfigErrors> {
    check(text).map(|checked| checked.settings)
}

/// As [`parse`], with warnings.
///
/// # Errors
/// As [`parse`].
pub fn check(text: &str) -> Result<Checked, ConfigErrors> {
    let (root, mut problems) = syntax(text);
    if !problems.is_empty() {
        return Err(sorted(problems));
    }
    let mut left_out = HashSet::new();
    let settings: Settings = loop {
        match tree::read(&root, &left_out) {
            Ok(settings) => break settings,
            Err(fault) => {
                if !follows_from(&fault, &left_out) {
                    problems.push(describe(text, &fault));
                }
                // The root has no place to be left out from, and no required keys that would need it.
                if problems.len() >= MOST || fault.path.is_empty() || !left_out.insert(fault.path) {
                    return Err(sorted(problems));
                }
            }
        }
    };
    let mut warnings = Vec::new();
    semantics::check(&settings, &root, &left_out, |path, finding| {
        let span = tree::span_of(&root, path);
        let problem = Problem::at(
            text,
            &span,
            tree::display(path),
            finding.reason,
            finding.suggestion,
        );
        if finding.refused {
            problems.push(problem);
        } else {
            warnings.push(problem);
        }
    });
    if problems.is_empty() {
        warnings.sort_by_key(|problem| (problem.line, problem.column));
        Ok(Checked { settings, warnings })
    } else {
        Err(sorted(problems))
    }
}

/// Whether a fault is there only because a part of the value was left out for its own fault.
fn follows_from(fault: &Fault, left_out: &HashSet<Path>) -> bool {
    let within = |path: &Path| path.len() > fault.path.len() && path.starts_with(&fault.path);
    match fault.kind {
        FaultKind::UnknownKey { .. } => false,
        FaultKind::MissingKey(key) => left_out.iter().any(|path| {
            within(path) && path.get(fault.path.len()) == Some(&Step::Key(key.to_owned()))
        }),
        _ => left_out.iter().any(within),
    }
}

/// The tree, and what is wrong with the syntax.
fn syntax(text: &str) -> (Spanned<DeTable<'_>>, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        let problem = Problem::at(
            text,
            &span,
            String::new(),
            error.message().replace('\n', ", "),
            None,
        );
        // One slip often breaks several rules of the grammar; the first says it best.
        if problems.len() < MOST && problems.iter().all(|known| known.line != problem.line) {
            problems.push(problem);
        }
    }
    (root, problems)
}

fn sorted(mut problems: Vec<Problem>) -> ConfigErrors {
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.truncate(MOST);
    ConfigErrors::new(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only problem of a text.
    fn problem(text: &str) -> Problem {
        let errors = parse(text).expect_err("accepted");
        assert_eq!(errors.problems().len(), 1, "{errors}");
        errors.problems()[0].clone()
    }

    #[test]
    fn nothing_is_all_defaults() {
        assert_eq!(parse("").unwrap(), Settings::default());
        assert_eq!(
            parse("# only words\n\n[camera]\n").unwrap(),
            Settings::default()
        );
        assert_eq!(parse("\u{feff}[camera]\n").unwrap(), Settings::default());
    }

    #[test]
    fn an_unknown_key_is_told_with_its_place_and_the_nearest() {
        let found = problem("[camera]\nenabled = true\n  intervall = \"5m\"\n");
        assert_eq!((found.line, found.column), (3, 3));
        assert_eq!(
            found.to_string(),
            "line 3, column 3: camera.intervall: there is no such option; did you mean `interval`?"
        );
    }

    #[test]
    fn an_option_in_the_wrong_section_is_sent_to_the_right_one() {
        assert_eq!(
            problem("[camera]\ndwell = \"5m\"").suggestion.unwrap(),
            "it belongs in [decide]"
        );
        assert_eq!(
            problem("pinned = \"mpv\"").suggestion.unwrap(),
            "it belongs in [player]"
        );
        assert_eq!(
            problem("[camra]").suggestion.unwrap(),
            "did you mean `camera`?"
        );
    }

    #[test]
    fn an_unknown_value_is_told_with_the_nearest() {
        let found = problem("[camera]\nsource = \"picture\"");
        assert_eq!(found.reason, "`picture` is none of `camera` and `pictures`");
        assert_eq!(found.suggestion.unwrap(), "did you mean `pictures`?");
        let found =
            problem("[[rule]]\nname = \"r\"\ndo = \"keep\"\nwhen = { mood = [\"sad\", \"hapy\"] }");
        assert_eq!(found.key, "rule[1].when.mood[2]");
        assert_eq!((found.line, found.column), (4, 25));
        assert_eq!(found.suggestion.unwrap(), "did you mean `happy`?");
    }

    #[test]
    fn a_wrong_type_is_told_with_an_example() {
        let found = problem("[camera]\ninterval = 300");
        assert_eq!(
            found.reason,
            "text in quotes is wanted here, not the number 300"
        );
        assert_eq!(found.suggestion.unwrap(), "write it like interval = \"5m\"");
        assert_eq!(
            problem("[mood]\nshows = \"much\"").reason,
            "a number is wanted here, not the text \"much\""
        );
        assert_eq!(
            problem("camera = 3").reason,
            "a table is wanted here, not the number 3"
        );
        assert_eq!(
            problem("[player]\nignore = \"vlc\"").reason,
            "a list is wanted here, not the text \"vlc\""
        );
        let found = problem(
            "[[rule]]\nname = \"r\"\ndo = \"keep\"\nwhen = { from = 18:00:00, to = \"19:00\" }",
        );
        assert_eq!(
            found.suggestion.unwrap(),
            "put it in quotes, for example from = \"18:00\""
        );
    }

    #[test]
    fn a_whole_number_will_do_for_a_number() {
        assert!((parse("[mood]\nshows = 1").unwrap().mood.shows - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_playlist_intent_is_told_in_full() {
        let rule = |intent: &str| problem(&format!("[[rule]]\nname = \"r\"\ndo = {intent}"));
        assert_eq!(
            rule("\"playlist:Rain\"").suggestion.unwrap(),
            "write do = { playlist = \"Rain\" }"
        );
        assert_eq!(
            rule("\"playlist\"").suggestion.unwrap(),
            "write do = { playlist = \"NAME\" }"
        );
        assert!(rule("{ keep = 1 }").reason.contains("takes no value"));
        assert!(rule("{}").reason.contains("one key"));
        assert!(rule("{ playlist = 3 }").reason.contains("text in quotes"));
        assert!(rule("7").reason.contains("text in quotes"));
    }

    #[test]
    fn a_fault_within_a_value_is_told_once() {
        let list = |affect: &str| {
            problem(&format!(
                "[[playlist]]\nname = \"p\"\nuri = \"a:b\"\naffect = {affect}"
            ))
        };
        assert_eq!(list("[0, \"x\"]").key, "playlist[1].affect[2]");
        assert_eq!(list("[0, 1, 0]").key, "playlist[1].affect");
    }

    #[test]
    fn several_problems_are_told_at_once_in_the_files_order() {
        let text = "[camera]\nintervall = \"5m\"\ndeadline = \"x\"\n[[rule]]\nname = 3\ndo = \"kepe\"\n[[rule]]\ndo = \"keep\"\n[mood]\nshows = 2.0\n";
        let errors = parse(text).unwrap_err();
        let keys: Vec<_> = errors
            .problems()
            .iter()
            .map(|problem| problem.key.as_str())
            .collect();
        assert_eq!(
            keys,
            [
                "camera.intervall",
                "camera.deadline",
                "rule[1].name",
                "rule[1].do",
                "rule[2].name",
                "mood.shows"
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_told_by_line() {
        let found = problem("[camera]\nenabled = yes\n");
        assert_eq!((found.line, found.column, found.key.as_str()), (2, 11, ""));
        assert_eq!(
            problem("[camera]\nenabled = true\nenabled = false\n").line,
            3
        );
        assert!(parse("a = [\nb = {\nc = \"").is_err());
    }

    #[test]
    fn a_flood_of_problems_is_cut() {
        let text: String = (0..10_000).map(|n| format!("x{n} = 1\n")).collect();
        assert_eq!(parse(&text).unwrap_err().problems().len(), MOST);
        let text: String = (0..10_000).map(|n| format!("x{n}\n")).collect();
        assert_eq!(parse(&text).unwrap_err().problems().len(), MOST);
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for number in ["nan", "inf", "-0.1", "1.1", "1e999", "99999999999999999999"] {
            assert_eq!(
                problem(&format!("[mood]\nshows = {number}")).key,
                "mood.shows",
                "{number}"
            );
        }
    }
}
