//! The texts that people read: English in the code, where it is used, and its translations in `po/`.
//!
//! This is gettext's way, not Fluent's, because the sentence stays where a reader of the code needs it, English can
//! never lack a message, and every translator's tool knows PO files; the macro is [`tr!`], of the crate of that name.
//! The tables are compiled in: no file is opened and nothing is parsed at run time, so a sandbox needs no hole and an
//! idle service no memory for it.
//!
//! A crate with texts says [`domain!()`](domain) once and wraps each text in [`tr!`]; a program chooses with
//! [`Language::of_user`] and tells each of its crates. What scripts read is never translated: names on the bus, JSON,
//! the log.
#![forbid(unsafe_code)]

mod choice;
mod moment;
mod mood;
mod plural;

use std::borrow::Cow;

use plural::Plural;

pub use moment::{day, moment};
pub use mood::feeling;

// The macros of `domain!` need it by this name.
#[doc(hidden)]
pub use tr as tr_crate;
pub use tr::tr;

/// A language that the catalogue has. English is the language without a table.
#[derive(Debug, Clone, Copy)]
pub struct Language(Option<&'static Table>);

#[derive(Debug)]
struct Table {
    /// As POSIX names it: `de`, `pt_BR`.
    name: &'static str,
    plural: Plural,
    /// Sorted by context, then by id.
    texts: &'static [Text],
}

#[derive(Debug)]
struct Text {
    context: &'static str,
    id: &'static str,
    forms: &'static [&'static str],
}

/// The catalogue's own texts, and after them each crate's, by its own `speak`.
pub fn speak(language: Language) {
    tr::set_translator!(language);
}

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

impl Language {
    /// English, as it stands in the code.
    pub const ENGLISH: Self = Self(None);

    /// The user's, as the environment says: `LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, `LANG`, read as gettext does.
    #[must_use]
    pub fn of_user() -> Self {
        Self::chosen(|name| std::env::var(name).ok())
    }

    fn chosen(variable: impl Fn(&str) -> Option<String>) -> Self {
        choice::wanted(variable)
            .iter()
            .find_map(|wanted| Self::of_name(wanted))
            .unwrap_or(Self::ENGLISH)
    }

    /// The language of this name, as `de` or `de_AT`; `None` if the catalogue hasn't got it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (language, _) = name.split_once('_').unwrap_or((name, ""));
        let find = |name: &str| LANGUAGES.iter().find(|table| table.name == name);
        match find(name).or_else(|| find(language)) {
            Some(table) => Some(Self(Some(table))),
            None => (language == "en").then_some(Self::ENGLISH),
        }
    }

    /// Its name: `en`, `de`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.map_or("en", |table| table.name)
    }

    fn forms(self, id: &str, context: Option<&str>) -> Option<(&'static Table, &'static Text)> {
        let table = self.0?;
        let key = (context.unwrap_or_default(), id);
        let at = table
            .texts
            .binary_search_by(|text| (text.context, text.id).cmp(&key))
            .ok()?;
        Some((table, &table.texts[at]))
    }
}

impl tr::Translator for Language {
    fn translate<'a>(&'a self, id: &'a str, context: Option<&'a str>) -> Cow<'a, str> {
        let text = self
            .forms(id, context)
            .and_then(|(_, text)| text.forms.first());
        Cow::Borrowed(text.copied().unwrap_or(id))
    }

    fn ntranslate<'a>(
        &'a self,
        n: u64,
        singular: &'a str,
        plural: &'a str,
        context: Option<&'a str>,
    ) -> Cow<'a, str> {
        let text = self
            .forms(singular, context)
            .and_then(|(table, text)| text.forms.get(table.plural.form(n)));
        Cow::Borrowed(match text {
            Some(text) => text,
            None if n == 1 => singular,
            None => plural,
        })
    }
}

/// Makes this crate's texts translatable: defines `speak`.
#[macro_export]
macro_rules! domain {
    () => {
        /// Says everything in this language from now on.
        pub fn speak(language: $crate::Language) {
            $crate::tr_crate::set_translator!(language);
        }
    };
}

#[cfg(test)]
mod tests {
    use tr::Translator as _;

    use super::*;

    #[test]
    fn the_users_language_is_found_by_region_or_without() {
        let name = |name| Language::of_name(name).map(Language::name);
        assert_eq!(name("de"), Some("de"));
        assert_eq!(name("de_AT"), Some("de"));
        assert_eq!(name("en_GB"), Some("en"));
        assert_eq!(name("tlh"), None);
        assert_eq!(Language::chosen(|_| None).name(), "en");
        let german = |name: &str| (name == "LANG").then(|| "de_DE.UTF-8".to_owned());
        assert_eq!(Language::chosen(german).name(), "de");
    }

    #[test]
    fn what_is_not_translated_stays_english() {
        let german = Language::of_name("de").unwrap();
        assert_eq!(german.translate("never written", None), "never written");
        assert_eq!(german.ntranslate(2, "one", "many", None), "many");
        assert_eq!(Language::ENGLISH.translate("Quit", None), "Quit");
    }

    #[test]
    fn tables_are_sorted_as_they_are_searched() {
        for table in LANGUAGES {
            assert!(!table.texts.is_empty(), "{}", table.name);
            let keys: Vec<_> = table.texts.iter().map(|t| (t.context, t.id)).collect();
            assert!(keys.is_sorted(), "{}", table.name);
        }
    }
}
