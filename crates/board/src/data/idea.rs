//! `/api/idea`: why something is seen, with its formula and its source; and the glossary.

use axum::Json;
use serde_json::Value;

use super::named_texts::{Params, Text, answer};
use crate::{assets, error::ApiError, extract::Query};

/// `GET /api/idea`: an idea as HTML; without a name, the names and titles of all.
pub(super) async fn idea(Query(params): Query<Params>) -> Result<Json<Value>, ApiError> {
    let mut ideas: Vec<Text> = assets::ideas().iter().map(|(name, text)| idea_of(name, text)).collect();
    ideas.push(idea_of("glossary", headwater_probe::glossary::MARKDOWN));
    answer("idea", &ideas, &params)
}

/// The first line is a heading.
fn idea_of(name: &str, text: &str) -> Text {
    let (title, body) = text.split_once('\n').unwrap_or((text, ""));
    let title = title.trim_start_matches('#').trim();
    Text { name: name.to_owned(), title: title.to_owned(), body: body.to_owned() }
}

#[cfg(test)]
mod tests {
    use headwater_diagnose::RULES;

    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn every_idea_has_a_title_a_formula_a_source_and_a_command() {
        let logs = Logs::written(|_| {});
        let all = logs.get("/idea").json();
        let all = all["ideas"].as_array().unwrap();
        assert_eq!(all.len(), 12);
        for idea in all {
            let name = idea["name"].as_str().unwrap();
            if name == "glossary" {
                continue;
            }
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
    fn the_glossary_is_a_table() {
        let logs = Logs::written(|_| {});
        let found = logs.get("/idea?name=glossary").json();
        assert_eq!(found["title"], "Glossary");
        assert!(found["html"].as_str().unwrap().contains("<td>delta</td>"), "{found}");
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
            let link = format!("[{}](../crates/board/ui/ideas/{name}.md)", idea_of("", &text).title);
            assert!(index.contains(&link), "docs/ideas.md lacks {link}");
        }
    }

    #[test]
    fn every_idea_of_a_rule_is_there() {
        let ideas = assets::ideas();
        for rule in RULES.iter() {
            let is_there = rule.idea.is_none_or(|idea| ideas.contains_key(idea));
            assert!(is_there, "{}: there is no page ui/ideas/{}.md", rule.name, rule.idea.unwrap_or_default());
        }
    }

    #[test]
    fn every_idea_that_the_page_opens_is_there() {
        let (ideas, modules) = (assets::ideas(), assets::modules());
        let opened = |text: &str| -> Vec<String> {
            let names = text.split("<${Why} of=\"").skip(1).filter_map(|rest| rest.split_once('"'));
            names.map(|(name, _)| name.to_owned()).collect()
        };
        let opened: Vec<(&String, String)> =
            modules.iter().flat_map(|(path, text)| opened(text).into_iter().map(move |idea| (path, idea))).collect();
        assert!(opened.len() > 3, "{opened:?}");
        for (path, idea) in opened {
            assert!(ideas.contains_key(&idea), "{path}.js: there is no page ui/ideas/{idea}.md");
        }
    }
}
