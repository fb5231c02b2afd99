//! Texts that are asked for by name: ideas and rules.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::markdown;
use crate::error::ApiError;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    pub(super) name: Option<String>,
}

/// A text in Markdown.
pub(super) struct Text {
    pub(super) name: String,
    pub(super) title: String,
    /// Without its title.
    pub(super) body: String,
}

/// The text of this name as HTML; without a name, the names and titles of all, under the plural of what they are.
///
/// # Errors
/// [`ApiError::not_found`], with the names that there are.
pub(super) fn answer(kind: &str, texts: &[Text], params: &Params) -> Result<Json<Value>, ApiError> {
    let Some(name) = &params.name else {
        let all = texts.iter().map(|text| json!({ "name": text.name, "title": text.title }));
        return Ok(Json(json!({ format!("{kind}s"): all.collect::<Vec<_>>() })));
    };
    let text = texts.iter().find(|text| text.name == *name).ok_or_else(|| {
        let known: Vec<&str> = texts.iter().map(|text| &*text.name).collect();
        ApiError::not_found(format!("there is no {kind} \"{name}\"; there are {}", known.join(", ")))
    })?;
    Ok(Json(json!({ "name": name, "title": text.title, "html": markdown::to_html(&text.body) })))
}
