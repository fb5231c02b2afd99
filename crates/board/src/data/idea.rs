//! `/api/idea`: why something is seen, with its formula and its source.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::markdown;
use crate::{assets, error::ApiError, extract::Query};

#[derive(Debug, Deserialize)]
pub(super) struct Question {
    name: Option<String>,
}

/// `GET /api/idea`: an idea as HTML; without a name, the names and titles of all.
pub(super) async fn idea(Query(Question { name }): Query<Question>) -> Result<Json<Value>, ApiError> {
    let ideas = assets::ideas();
    let Some(name) = name else {
        let all = ideas.iter().map(|(name, text)| json!({ "name": name, "title": title(text) }));
        return Ok(Json(json!({ "ideas": all.collect::<Vec<_>>() })));
    };
    let text = ideas.get(&name).ok_or_else(|| {
        let known: Vec<&str> = ideas.keys().map(String::as_str).collect();
        ApiError::not_found(format!("there is no idea \"{name}\"; there are {}", known.join(", ")))
    })?;
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    Ok(Json(json!({ "name": name, "title": title(text), "html": markdown::to_html(body) })))
}

/// The first line, which is a heading.
fn title(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn every_idea_has_a_title_a_formula_a_source_and_a_command() {
        let logs = Logs::written(|_| {});
        let all = logs.get("/idea").json();
        let all = all["ideas"].as_array().unwrap();
        assert_eq!(all.len(), 11);
        for idea in all {
            let name = idea["name"].as_str().unwrap();
            let found = logs.get(&format!("/idea?name={name}")).json();
            assert_eq!(found["title"], idea["title"]);
            let html = found["html"].as_str().unwrap();
            for part in
                ["<h2>The formula</h2>", "<h2>What it means</h2>", "<h2>See it</h2>", "<h2>Source</h2>", "headwater "]
            {
                assert!(html.contains(part), "{name} lacks {part}");
            }
            assert!(assets::ideas()[name].lines().count() <= 60, "{name} is long");
        }
    }

    #[test]
    fn an_unknown_idea_is_not_found_and_the_known_ones_are_named() {
        let logs = Logs::written(|_| {});
        for name in ["phlogiston", "../index.html", ""] {
            let error = logs.get(&format!("/idea?name={name}")).error(404);
            assert!(error.contains("saturation"), "{error}");
        }
    }

    #[test]
    fn the_index_in_the_documentation_links_every_idea() {
        let index = include_str!("../../../../docs/ideas.md");
        for (name, text) in assets::ideas() {
            let link = format!("[{}](../crates/board/ui/ideas/{name}.md)", title(&text));
            assert!(index.contains(&link), "docs/ideas.md lacks {link}");
        }
    }
}
