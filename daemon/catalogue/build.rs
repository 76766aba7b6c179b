//! Compiles `po/*.po` into sorted tables, so that a translation costs no file, no parsing and no heap at run time.
#![forbid(unsafe_code)]

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use polib::{catalog::Catalog, po_file};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=po");
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("po");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ext| ext == "po"));
    files.sort();
    let mut code = String::from("pub(crate) static LANGUAGES: &[Table] = &[\n");
    for path in &files {
        table(&mut code, path).map_err(|why| format!("{}: {why}", path.display()))?;
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("languages.rs");
    fs::write(out, code)?;
    Ok(())
}

/// One language as a Rust literal.
fn table(code: &mut String, path: &Path) -> Result<(), Box<dyn Error>> {
    let catalog: Catalog = po_file::parse(path).map_err(|error| error.to_string())?;
    let name = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .ok_or("its name is the language's")?;
    let rule = catalog.metadata.plural_rules.expr.replace(' ', "");
    let plural = match rule.trim_matches(['(', ')']) {
        "n!=1" => "NotOne",
        "n>1" => "MoreThanOne",
        "0" => "Same",
        other => {
            return Err(
                format!("no such rule for plurals yet: {other}; teach it to plural.rs").into(),
            );
        }
    };
    let mut rows = Vec::new();
    for message in catalog.messages() {
        // What is not translated, or may be wrong, stays English.
        if !message.is_translated() || message.is_fuzzy() {
            continue;
        }
        let forms = if message.is_plural() {
            message
                .msgstr_plural()
                .map_err(|_| "a plural without forms")?
                .clone()
        } else {
            vec![
                message
                    .msgstr()
                    .map_err(|_| "a message without text")?
                    .to_owned(),
            ]
        };
        rows.push((
            message.msgctxt().unwrap_or_default().to_owned(),
            message.msgid().to_owned(),
            forms,
        ));
    }
    rows.sort();
    writeln!(
        code,
        "    Table {{ name: {name:?}, plural: Plural::{plural}, texts: &["
    )?;
    for (context, id, forms) in rows {
        writeln!(
            code,
            "        Text {{ context: {context:?}, id: {id:?}, forms: &{forms:?} }},"
        )?;
    }
    writeln!(code, "    ] }},")?;
    Ok(())
}
