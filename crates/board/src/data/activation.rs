//! `/api/activation`: an activation and its derivative, as a curve.

use axum::Json;
use headwater_probe::curve;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{error::ApiError, extract::Query, number::Number};

const MOST_POINTS: usize = 10_000;

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    name: String,
    #[serde(default = "default_low")]
    low: f64,
    #[serde(default = "default_high")]
    high: f64,
    #[serde(default = "default_points")]
    points: usize,
}

fn default_low() -> f64 {
    -6.0
}

fn default_high() -> f64 {
    6.0
}

fn default_points() -> usize {
    241
}

/// `GET /api/activation`.
pub(super) async fn activation(Query(params): Query<Params>) -> Result<Json<Value>, ApiError> {
    let Params { name, low, high, points } = params;
    if !(low < high && low.is_finite() && high.is_finite()) {
        return Err(ApiError::bad_request(format!(
            "\"low\" = {low} is to be less than \"high\" = {high}, both finite"
        )));
    }
    if !(2..=MOST_POINTS).contains(&points) {
        return Err(ApiError::bad_request(format!("\"points\" is a number from 2 to {MOST_POINTS}, not {points}")));
    }
    let curve = curve(&name, low, high, points).map_err(|error| ApiError::bad_request(error.to_string()))?;
    let numbers = |values: &[f64]| values.iter().copied().map(Number).collect::<Vec<Number>>();
    Ok(Json(json!({ "name": name, "z": numbers(&curve.z), "f": numbers(&curve.f), "df": numbers(&curve.df) })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn a_curve_is_given_by_name() {
        let logs = Logs::written(|_| {});
        let curve = logs.get("/activation?name=leaky_relu(0.5)&low=-2&high=2&points=5").json();
        assert_eq!(curve["z"], json!([-2.0, -1.0, 0.0, 1.0, 2.0]));
        assert_eq!(curve["df"], json!([0.5, 0.5, 0.5, 1.0, 1.0]));
        assert_eq!(logs.get("/activation?name=sigmoid").json()["f"].as_array().unwrap().len(), 241);
    }

    #[test]
    fn the_page_offers_every_activation() {
        let page = include_str!("../../ui/pages/activations.js");
        let (_, choices) = page.split_once("const CHOICES = [").unwrap();
        let (choices, _) = choices.split_once("];").unwrap();
        // An error names all that are known.
        let error = curve("none", 0.0, 1.0, 2).unwrap_err().to_string();
        let (_, known) = error.split_once("known: ").expect("names that are known");
        for activation in known.split(", ") {
            assert!(choices.contains(&format!("\"{activation}")), "ui/pages/activations.js lacks {activation}");
        }
    }

    #[test]
    fn a_wrong_request_is_told_what_would_be_right() {
        let logs = Logs::written(|_| {});
        assert!(logs.get("/activation?name=swoosh").error(400).contains("leaky_relu"));
        for query in ["low=1&high=1", "low=NaN", "high=inf", "points=1", "points=1000000000"] {
            logs.get(&format!("/activation?name=relu&{query}")).error(400);
        }
    }
}
