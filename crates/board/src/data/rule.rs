//! `/api/rule`: what a rule of the diagnosis sees, why that is bad, what to do, and where its thresholds come from.

use axum::Json;
use headwater_diagnose::{RULES, Rule};
use serde_json::Value;

use super::named_texts::{Params, Text, answer};
use crate::{error::ApiError, extract::Query};

/// `GET /api/rule`: a rule as HTML; without a name, the names and titles of all.
pub(super) async fn rule(Query(params): Query<Params>) -> Result<Json<Value>, ApiError> {
    answer("rule", &RULES.iter().map(text).collect::<Vec<_>>(), &params)
}

fn text(rule: &Rule) -> Text {
    let (title, body) = parts(&rule.documentation());
    Text { name: rule.name.to_owned(), title, body }
}

/// What stands above the first heading, in one line, and the rest.
fn parts(text: &str) -> (String, String) {
    let at = text.find("\n## ").map_or(text.len(), |at| at + 1);
    (text[..at].split_whitespace().collect::<Vec<_>>().join(" "), text[at..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn every_rule_says_in_html_what_it_sees_and_why_it_is_bad() {
        let logs = Logs::written(|_| {});
        let all = logs.get("/rule").json();
        let all = all["rules"].as_array().unwrap();
        assert_eq!(all.len(), RULES.len());
        for rule in all {
            let found = logs.get(&format!("/rule?name={}", rule["name"].as_str().unwrap())).json();
            assert_eq!(found["title"], rule["title"]);
            assert!(!found["title"].as_str().unwrap().contains(['\n', '#']), "{found}");
            let html = found["html"].as_str().unwrap();
            for part in ["<h2>What it sees</h2>", "<h2>Why it is bad</h2>", "<h2>What to do</h2>"] {
                assert!(html.contains(part), "{part} in {html}");
            }
        }
    }

    #[test]
    fn an_unknown_rule_is_not_found_and_the_known_ones_are_named() {
        let logs = Logs::written(|_| {});
        for name in ["phlogiston", "", "../vanishing"] {
            let error = logs.get(&format!("/rule?name={name}")).error(404);
            assert!(error.contains("vanishing"), "{error}");
        }
    }
}
