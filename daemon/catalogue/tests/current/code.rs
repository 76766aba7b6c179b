//! Every `tr!` of the code, found in its tokens.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{TokenStream, TokenTree};

/// A text, and where it is said.
pub(crate) struct Found {
    pub(crate) context: Option<String>,
    pub(crate) id: String,
    pub(crate) plural: Option<String>,
    /// The names of what fills its gaps.
    pub(crate) arguments: BTreeSet<String>,
    /// Without line numbers, which would change with every line above.
    pub(crate) files: Vec<String>,
}

/// All of them, in the order of context and id.
pub(crate) fn texts(root: &Path) -> Vec<Found> {
    let mut all = BTreeMap::new();
    for top in ["daemon", "tray"] {
        folder(root, &root.join(top), &mut all);
    }
    all.into_values().collect()
}

type All = BTreeMap<(Option<String>, String), Found>;

fn folder(root: &Path, path: &Path, all: &mut All) {
    let mut entries: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if entry.is_dir() {
            if !matches!(name.as_str(), "tests" | "target" | "examples" | "benches") {
                folder(root, &entry, all);
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&entry).unwrap();
            let tokens: TokenStream = text.parse().unwrap();
            let file = entry
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            walk(tokens, &file, all);
        }
    }
}

fn walk(tokens: TokenStream, file: &str, all: &mut All) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            let is_tr =
                at >= 2 && tokens[at - 2].to_string() == "tr" && tokens[at - 1].to_string() == "!";
            if is_tr {
                add(group.stream(), file, all);
            }
            walk(group.stream(), file, all);
        }
    }
}

/// `context => "one {x}" | "many {x}" % count, x, y = …`
fn add(tokens: TokenStream, file: &str, all: &mut All) {
    let parts = split(tokens);
    let Some(first) = parts.first() else { return };
    let mut texts: Vec<String> = first
        .iter()
        .take_while(|token| token.to_string() != "%")
        .filter_map(text)
        .collect();
    // The macro's own definition, and what the catalogue's tests make up.
    if texts.is_empty() {
        return;
    }
    let has = |sign: &str| first.iter().any(|token| token.to_string() == sign);
    let plural = has("|").then(|| texts.pop()).flatten();
    let id = texts.pop().unwrap();
    let context = texts.pop();
    let arguments = parts[1..]
        .iter()
        .filter_map(|part| part.first())
        .map(ToString::to_string)
        .collect();
    let found = all
        .entry((context.clone(), id.clone()))
        .or_insert_with(|| Found {
            context,
            id,
            plural,
            arguments,
            files: Vec::new(),
        });
    if found.files.last().is_none_or(|last| last != file) {
        found.files.push(file.to_owned());
    }
}

/// Between the commas.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(token);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What a string literal says.
fn text(token: &TokenTree) -> Option<String> {
    let tokens = TokenStream::from(token.clone());
    syn::parse2::<syn::LitStr>(tokens)
        .ok()
        .map(|literal| literal.value())
}
