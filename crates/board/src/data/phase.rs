//! The predicted border of a phase diagram: the depth down to which networks can be trained, over the variance of their
//! weights.
//!
//! Schoenholz et al., 2017: information about the input reaches about 6 xi layers deep, and networks that are deeper do not
//! train; xi grows without bound at the edge of chaos.

use std::sync::Mutex;

use headwater_threads::Unpoisoned as _;

use headwater_probe::theory::{FixedPoint, VarianceMap};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::number::Number;

/// Variances of the weights for which the depth is computed.
const POINTS: usize = 97;
/// Layers in one xi that networks can have.
const DEPTHS: f64 = 6.0;

const ACTIVATION: &str = "network.activation";
const INIT: &str = "network.init";
const NORM: [&str; 2] = ["network.norm", "network.residual"];

/// A border in the plane of two parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Border {
    /// The parameter across.
    x: &'static str,
    /// The parameter up.
    y: &'static str,
    /// What it is, in a few words.
    name: &'static str,
    /// Ascending in x. Infinite at the edge of chaos.
    points: Vec<[Number; 2]>,
}

/// What the runs have in common on which the border depends, and from where to where their weights' variance goes.
#[derive(Debug, Clone, PartialEq)]
struct Family {
    activation: String,
    sigma_b2: f64,
    range: [f64; 2],
}

/// The border that was asked for last: while runs are recorded it is asked for again and again.
static LAST: Mutex<Option<(Family, Border)>> = Mutex::new(None);

/// Adds the numbers that stand by name in the text of `network.init`, such as `network.init.sigma_w2`, so that runs can be
/// compared by them.
pub(super) fn spread(params: &mut Map<String, Value>) {
    let Some(Value::String(text)) = params.get(INIT) else { return };
    let Some(inside) = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')) else { return };
    let named = inside.split(',').filter_map(|argument| {
        let (name, value) = argument.split_once('=')?;
        Some((format!("{INIT}.{}", name.trim()), value.trim().parse::<f64>().ok()?))
    });
    let named: Vec<_> = named.collect();
    for (name, value) in named {
        params.entry(name).or_insert_with(|| serde_json::json!(Number(value)));
    }
}

/// The border for runs of these parameters: if they are plain networks of one activation and one variance of the biases, and
/// differ in the weights' variance.
pub(super) fn border<'a>(params: impl Iterator<Item = &'a Map<String, Value>>) -> Option<Border> {
    let mut family: Option<Family> = None;
    for params in params {
        let Some(Value::Number(sigma_w2)) = params.get("network.init.sigma_w2") else { continue };
        let sigma_w2 = sigma_w2.as_f64()?;
        if NORM.iter().any(|name| params.contains_key(*name)) {
            return None;
        }
        let activation = params.get(ACTIVATION)?.as_str()?;
        let sigma_b2 = params.get("network.init.sigma_b2").and_then(Value::as_f64).unwrap_or(0.0);
        match &mut family {
            None => family = Some(Family { activation: activation.to_owned(), sigma_b2, range: [sigma_w2; 2] }),
            Some(known) if known.activation == activation && known.sigma_b2 == sigma_b2 => {
                known.range = [known.range[0].min(sigma_w2), known.range[1].max(sigma_w2)];
            }
            Some(_) => return None,
        }
    }
    let family = family.filter(|family| family.range[0] < family.range[1])?;
    let mut last = LAST.lock().unpoisoned();
    if let Some((known, border)) = &*last
        && *known == family
    {
        return Some(border.clone());
    }
    let border = family.border()?;
    *last = Some((family, border.clone()));
    Some(border)
}

impl Family {
    fn border(&self) -> Option<Border> {
        let [from, to] = self.range;
        let point = |index: usize| {
            let sigma_w2 = from + (to - from) * index as f64 / (POINTS - 1) as f64;
            let map = VarianceMap { activation: self.activation.parse().ok()?, sigma_w2, sigma_b2: self.sigma_b2 };
            let FixedPoint::At(q) = map.fixed_point() else { return None };
            Some([Number(sigma_w2), Number(DEPTHS * map.xi_c(q))])
        };
        let points = (0..POINTS).map(point).collect::<Option<Vec<_>>>()?;
        Some(Border { x: "network.init.sigma_w2", y: "network.depth", name: "6 ξ", points })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(activation: &str, init: &str) -> Map<String, Value> {
        let mut params = Map::new();
        params.insert(ACTIVATION.to_owned(), json!(activation));
        params.insert(INIT.to_owned(), json!(init));
        spread(&mut params);
        params
    }

    fn scaled(sigma_w2: f64, sigma_b2: f64) -> Map<String, Value> {
        params("tanh", &format!("normal(sigma_w2 = {sigma_w2}, sigma_b2 = {sigma_b2})"))
    }

    #[test]
    fn numbers_by_name_are_parameters_of_their_own() {
        let scaled = scaled(1.5, 0.05);
        assert_eq!(scaled["network.init.sigma_w2"], json!(1.5));
        assert_eq!(scaled["network.init.sigma_b2"], json!(0.05));
        assert_eq!(params("tanh", "orthogonal(1.5)").len(), 2);
        assert_eq!(params("tanh", "normal(sigma_w2 = many").len(), 2);
    }

    #[test]
    fn the_border_goes_through_the_published_depths() {
        let runs = [scaled(1.0, 0.05), scaled(2.5, 0.05)];
        let border = border(runs.iter()).unwrap();
        let depth = |wanted: f64| {
            let near = border.points.iter().min_by(|a, b| (a[0].0 - wanted).abs().total_cmp(&(b[0].0 - wanted).abs()));
            near.unwrap()[1].0
        };
        // Schoenholz et al., 2017: 22 at sigma_w^2 = 1, 95 at 1.5; without bound at 1.761.
        assert!((depth(1.0) - 22.0).abs() < 0.5, "{}", depth(1.0));
        assert!((depth(1.5) - 95.0).abs() < 0.5, "{}", depth(1.5));
        assert!(depth(1.765) > 1000.0, "{}", depth(1.765));
        assert!(depth(2.5) < depth(2.0), "{}", depth(2.5));
    }

    #[test]
    fn runs_of_different_kinds_have_no_common_border() {
        assert_eq!(border([scaled(1.0, 0.05)].iter()), None);
        assert_eq!(border([scaled(1.0, 0.05), scaled(2.0, 0.1)].iter()), None);
        let mut relu = scaled(2.0, 0.05);
        relu.insert(ACTIVATION.to_owned(), json!("relu"));
        assert_eq!(border([scaled(1.0, 0.05), relu].iter()), None);
        let mut normalised = scaled(2.0, 0.05);
        normalised.insert("network.norm".to_owned(), json!("batch"));
        assert_eq!(border([scaled(1.0, 0.05), normalised].iter()), None);
    }
}
