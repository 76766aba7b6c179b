//! The catalogue holds every text of the code and nothing else, and each translation says what the English says.
//!
//! `MOODLARK_GENERATE=1 cargo test -p moodlark-catalogue` writes `po/moodlark.pot` anew, and brings `po/*.po` in
//! line with it: what is new stands in them without a translation, what is gone goes.
#![allow(clippy::unwrap_used)] // what these tests read is the repository itself

mod code;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use code::Found;
use polib::{
    catalog::Catalog,
    message::{Message, MessageMutView, MessageView},
    metadata::CatalogMetadata,
    po_file,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn po() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("po")
}

fn generating() -> bool {
    std::env::var_os("MOODLARK_GENERATE").is_some()
}

fn languages() -> Vec<PathBuf> {
    let files = fs::read_dir(po())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ext| ext == "po"))
        .collect()
}

fn message(found: &Found, forms: &[String]) -> Message {
    let mut builder = match &found.plural {
        Some(_) => Message::build_plural(),
        None => Message::build_singular(),
    };
    builder
        .with_msgid(found.id.clone())
        .with_source(found.files.join(" "));
    if let Some(context) = &found.context {
        builder.with_msgctxt(context.clone());
    }
    match &found.plural {
        Some(plural) => {
            let forms = if forms.is_empty() {
                vec![String::new(); 2]
            } else {
                forms.to_vec()
            };
            builder
                .with_msgid_plural(plural.clone())
                .with_msgstr_plural(forms);
        }
        None => {
            builder.with_msgstr(forms.first().cloned().unwrap_or_default());
        }
    }
    builder.done()
}

/// The forms of a translation; empty if it has none.
fn forms(view: &dyn MessageView) -> Vec<String> {
    let forms = match view.msgstr() {
        Ok(text) => vec![text.to_owned()],
        Err(_) => view.msgstr_plural().unwrap().clone(),
    };
    if forms.iter().all(String::is_empty) {
        Vec::new()
    } else {
        forms
    }
}

fn written(catalog: &Catalog) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    po_file::write_to_file(catalog, file.path()).unwrap();
    fs::read_to_string(file.path()).unwrap()
}

/// The template, as the code has it.
fn template(found: &[Found]) -> String {
    let mut metadata = CatalogMetadata::new();
    metadata.project_id_version = "Moodlark".into();
    metadata.mime_version = "1.0".into();
    metadata.content_type = "text/plain; charset=UTF-8".into();
    metadata.content_transfer_encoding = "8bit".into();
    let mut catalog = Catalog::new(metadata);
    for found in found {
        catalog.append_or_update(message(found, &[]));
    }
    written(&catalog)
}

/// A language's file in line with the code.
fn merged(path: &Path, found: &[Found]) -> String {
    let old = po_file::parse(path).unwrap();
    let mut new = Catalog::new(old.metadata.clone());
    new.preheader.clone_from(&old.preheader);
    for found in found {
        let kept = old.find_message(found.context.as_deref(), &found.id, found.plural.as_deref());
        let mut message = message(found, &kept.map(forms).unwrap_or_default());
        if kept.is_some_and(MessageView::is_fuzzy) {
            message.flags_mut().add_flag("fuzzy");
        }
        new.append_or_update(message);
    }
    written(&new)
}

#[test]
fn the_files_hold_every_text_of_the_code_and_no_other() {
    let found = code::texts(&root());
    assert!(found.len() > 300, "only {} texts were found", found.len());
    let pot = po().join("moodlark.pot");
    let mut wanted = vec![(pot, template(&found))];
    for path in languages() {
        let text = merged(&path, &found);
        wanted.push((path, text));
    }
    for (path, text) in wanted {
        if generating() {
            fs::write(&path, text).unwrap();
        } else {
            let is = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                is == text,
                "{} is not current: MOODLARK_GENERATE=1 cargo test -p moodlark-catalogue",
                path.display()
            );
        }
    }
}

/// `{name}` of a text; `{n}` may be left out where a form is for one number alone.
fn gaps(text: &str) -> BTreeSet<String> {
    let mut gaps = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        gaps.insert(name.to_owned());
        rest = after;
    }
    gaps.remove("n");
    gaps
}

#[test]
fn every_gap_in_a_text_is_filled_by_name() {
    for found in code::texts(&root()) {
        for text in std::iter::once(&found.id).chain(&found.plural) {
            assert_eq!(gaps(text), found.arguments, "{text:?} in {:?}", found.files);
        }
    }
}

#[test]
fn german_is_complete_and_fills_the_same_gaps() {
    if generating() {
        return;
    }
    let german = po_file::parse(&po().join("de.po")).unwrap();
    let mut missing = Vec::new();
    for message in german.messages() {
        let forms = forms(message);
        if forms.is_empty() || message.is_fuzzy() {
            missing.push(message.msgid().to_owned());
        }
        for form in forms {
            assert!(!form.is_empty(), "a form of {:?} is empty", message.msgid());
            assert_eq!(gaps(&form), gaps(message.msgid()), "{form:?}");
            let ends = |text: &str| text.ends_with('\n');
            assert_eq!(ends(&form), ends(message.msgid()), "{form:?}");
        }
    }
    assert!(
        missing.is_empty(),
        "{} without German: {missing:#?}",
        missing.len()
    );
}
