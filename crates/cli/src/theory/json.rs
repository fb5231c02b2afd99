//! A forecast as a JSON object. Logarithms are natural; what is infinite or not known is null.

use headwater_lab::{Forecast, Scenario};
use headwater_probe::theory::{FixedPoint, TheoryError};
use serde_json::{Value, json};

use super::words;

/// The object of a scenario.
pub(crate) fn scenario(scenario: &Scenario, forecast: &Result<Forecast, TheoryError>) -> Value {
    match forecast {
        Ok(forecast) => {
            json!({
                "scenario": scenario.name,
                "activation": scenario.config.network.activation.to_string(),
                "init": scenario.config.network.init.to_string(),
                "input": { "mean_square": forecast.input.mean_square, "correlation": forecast.input.correlation },
                "layers": layers(forecast),
                "born_dead": forecast.prediction.born_dead,
                "endless": endless(forecast),
                "remedies": forecast.remedies.iter().map(|remedy| json!({
                    "activation": remedy.activation.to_string(),
                    "init": remedy.init.to_string(),
                    "ln_delta": remedy.ln_delta,
                })).collect::<Vec<_>>(),
                "sentences": words::sentences(scenario, forecast),
            })
        }
        Err(error) => json!({ "scenario": scenario.name, "error": error.to_string() }),
    }
}

fn layers(Forecast { layers, prediction, .. }: &Forecast) -> Vec<Value> {
    let layer = |(number, (layer, expected)): (usize, (&headwater_probe::theory::LayerTheory, _))| {
        let expected: &headwater_probe::theory::LayerPrediction = expected;
        json!({
            "layer": format!("layer{number}"),
            "fan_in": layer.fan_in,
            "units": layer.fan_out,
            "weight_variance": layer.weight_variance,
            "ln_q": expected.ln_q,
            "correlation": expected.correlation,
            "ln_slope_square": expected.ln_slope_square,
            "ln_chi_1": expected.ln_chi_1,
            "gains": expected.gains.map(|gains| json!({
                "weight": gains.weight,
                "activation": gains.activation,
                "norm": gains.norm,
                "skip": gains.skip,
                "dropout": gains.dropout,
            })),
            "ln_delta_rms": expected.ln_delta_rms,
            "ln_delta_deviation": expected.ln_delta_deviation,
            "ln_gradient_rms": expected.ln_gradient_rms,
            "dead_units": expected.dead_units,
        })
    };
    (1..).zip(layers.iter().zip(&prediction.layers)).map(layer).collect()
}

fn endless(forecast: &Forecast) -> Option<Value> {
    let endless = forecast.endless.as_ref()?;
    let q_star = match endless.fixed_point {
        FixedPoint::Zero => json!(0),
        FixedPoint::At(q) => json!(q),
        FixedPoint::Anywhere => json!("anywhere"),
        FixedPoint::Infinity => json!("infinity"),
    };
    Some(json!({
        "sigma_w2": endless.map.sigma_w2,
        "sigma_b2": endless.map.sigma_b2,
        "q_star": q_star,
        "chi_1": endless.chi_1,
        "xi_q": endless.scales.map(|scales| scales.xi_q),
        "xi_c": endless.scales.map(|scales| scales.xi_c),
        "critical_sigma_w2": endless.critical.map(|edge| edge.sigma_w2),
    }))
}
