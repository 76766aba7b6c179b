//! Values out of the dictionaries that the service answers with.

use anyhow::{Context, Result};
use moodlark_api::{Dict, OwnedVariant};

fn value(dict: &Dict, key: &str) -> Result<OwnedVariant> {
    let value = dict
        .get(key)
        .with_context(|| format!("no {key} in {dict:?}"))?;
    Ok(value.try_clone()?)
}

/// A text.
///
/// # Errors
/// If there is none of that key.
pub fn text(dict: &Dict, key: &str) -> Result<String> {
    Ok(String::try_from(value(dict, key)?)?)
}

/// A list of texts.
///
/// # Errors
/// If there is none of that key.
pub fn words(dict: &Dict, key: &str) -> Result<Vec<String>> {
    Ok(Vec::try_from(value(dict, key)?)?)
}

/// Yes or no.
///
/// # Errors
/// If there is none of that key.
pub fn flag(dict: &Dict, key: &str) -> Result<bool> {
    Ok(bool::try_from(value(dict, key)?)?)
}

/// A whole number.
///
/// # Errors
/// If there is none of that key.
pub fn number(dict: &Dict, key: &str) -> Result<i64> {
    Ok(i64::try_from(value(dict, key)?)?)
}
