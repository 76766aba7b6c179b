//! Which languages the user wants, from the environment, as GNU gettext reads it (manual, section 2.3).

/// The names, best first: `de_AT`, `de`. Empty where the user wants no translation.
pub(crate) fn wanted(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let Some(locale) = set("LC_ALL")
        .or_else(|| set("LC_MESSAGES"))
        .or_else(|| set("LANG"))
    else {
        return Vec::new();
    };
    let locale = bare(&locale);
    // Who asks for the C locale asks for no translation, whatever LANGUAGE says.
    if matches!(locale, "C" | "POSIX") {
        return Vec::new();
    }
    match set("LANGUAGE") {
        Some(list) => list.split(':').map(|name| bare(name).to_owned()).collect(),
        None => vec![locale.to_owned()],
    }
}

/// Without the character set and the variant: `de_DE.UTF-8@euro` → `de_DE`.
fn bare(locale: &str) -> &str {
    locale.split(['.', '@']).next().unwrap_or(locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(environment: &[(&str, &str)]) -> Vec<String> {
        wanted(|name| {
            environment
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_is_read_as_gettext_reads_it() {
        assert_eq!(of(&[("LANG", "de_DE.UTF-8")]), ["de_DE"]);
        assert_eq!(
            of(&[("LANG", "de_DE"), ("LC_MESSAGES", "fr_FR.UTF-8@euro")]),
            ["fr_FR"]
        );
        assert_eq!(of(&[("LANG", "en_US"), ("LC_ALL", "de_AT")]), ["de_AT"]);
        assert_eq!(
            of(&[("LANG", "en_US.UTF-8"), ("LANGUAGE", "de:fr")]),
            ["de", "fr"]
        );
        assert!(of(&[("LANG", "C.UTF-8"), ("LANGUAGE", "de")]).is_empty());
        assert!(of(&[("LANGUAGE", "de")]).is_empty());
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "de")]), ["de"]);
        assert!(of(&[]).is_empty());
    }
}
