//! Which tags of a run say how a quantity goes through its layers.

use std::collections::HashMap;

use headwater_events::SeriesKind;
use headwater_probe::{
    Measure, foreign,
    measures::{self, Axis, Definition},
    network::Modules,
    tags::{Quantity, Statistic},
};

use super::buckets::Moment;

/// The measures that are offered along the layers, in the order in which the page lists them.
pub(crate) fn profiles() -> impl Iterator<Item = &'static Definition> {
    measures::all().iter().filter(|definition| definition.is_profile)
}

/// Whether it is a size, which varies by factors: if a column has several steps, their mean is the geometric one.
pub(crate) fn is_size(flow: &Definition) -> bool {
    // What other programs log without saying what it is may have a sign.
    flow.axis == Axis::Log && !matches!(flow.measure, Measure::Whole(_))
}

/// What of a histogram a measure is, if it can be computed from one, and of which quantity.
pub(crate) fn moment(flow: &Definition) -> Option<(Quantity, Moment)> {
    match flow.measure {
        Measure::Statistic(quantity, Statistic::MeanAbs) => Some((quantity, Moment::MeanAbs)),
        Measure::Statistic(quantity, Statistic::Rms) => Some((quantity, Moment::Rms)),
        _ => None,
    }
}

/// Where the numbers of a layer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) tag: String,
    /// Whether the tag is that of histograms, from which the numbers are to be computed.
    pub(crate) derived: bool,
}

/// The layers of each of [`profiles`], as far as these tags hold them, in the order of `modules`, or else in that which their
/// names tell. If two tags hold the same, a scalar comes before a histogram, and the first of two before the second.
pub(crate) fn layers<'a>(
    tags: impl Iterator<Item = (&'a str, SeriesKind)>,
    modules: Option<&Modules>,
) -> Vec<(&'static Definition, Vec<Layer>)> {
    // By the layer's name: the tag, and whether it is that of histograms.
    type Sources<'a> = HashMap<String, (&'a str, bool)>;
    let mut found: Vec<(&Definition, Sources<'a>)> = profiles().map(|flow| (flow, HashMap::new())).collect();
    for (tag, kind) in tags {
        let is_histogram = match kind {
            SeriesKind::Scalar => false,
            SeriesKind::Histogram => true,
            _ => continue,
        };
        let Some(place) = foreign::read(tag) else { continue };
        for (flow, found) in &mut found {
            let measure = match (is_histogram, moment(flow)) {
                (true, Some((quantity, _))) => Measure::Whole(quantity),
                (true, None) => continue,
                (false, _) => flow.measure,
            };
            if place.measure == measure {
                let known = found.entry(place.layer.clone()).or_insert((tag, is_histogram));
                if known.1 && !is_histogram {
                    *known = (tag, false);
                }
            }
        }
    }
    let in_order = |found: Sources<'a>| {
        let layers: Vec<(String, (&str, bool))> = found.into_iter().collect();
        let names: Vec<&str> = layers.iter().map(|(name, _)| &**name).collect();
        let layer = |index: usize| {
            let (name, (tag, derived)) = &layers[index];
            Layer { name: name.clone(), tag: (*tag).to_owned(), derived: *derived }
        };
        let order = modules.and_then(|modules| modules.order(&names));
        order.unwrap_or_else(|| foreign::order(&names)).into_iter().map(layer).collect()
    };
    found.into_iter().map(|(flow, found)| (flow, in_order(found))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &[(&str, SeriesKind)]) -> Vec<(&'static str, Vec<Layer>)> {
        let layers = layers(tags.iter().copied(), None).into_iter().map(|(flow, layers)| (&*flow.key, layers));
        layers.filter(|(_, layers)| !layers.is_empty()).collect()
    }

    fn layer(name: &str, tag: &str, derived: bool) -> Layer {
        Layer { name: name.to_owned(), tag: tag.to_owned(), derived }
    }

    #[test]
    fn layers_of_our_own_tags_stand_in_network_order() {
        let tags: Vec<String> = (0..12)
            .flat_map(|index| {
                [format!("gradient/mean_abs/layer{}", index + 1), format!("units/dead/layer{}", index + 1)]
            })
            .collect();
        let tags: Vec<(&str, SeriesKind)> = tags.iter().rev().map(|tag| (&**tag, SeriesKind::Scalar)).collect();
        let found = found(&tags);
        assert_eq!(found.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["gradient/mean_abs", "units/dead"]);
        let names: Vec<&str> = found[0].1.iter().map(|layer| &*layer.name).collect();
        assert_eq!((names[0], names[1], names[11]), ("layer1", "layer2", "layer12"));
    }

    #[test]
    fn a_histogram_stands_in_where_there_is_no_scalar() {
        let tags = [
            ("gradient/layer1", SeriesKind::Histogram),
            ("gradient/layer2", SeriesKind::Histogram),
            ("gradient/mean_abs/layer1", SeriesKind::Scalar),
        ];
        let expected =
            vec![layer("layer1", "gradient/mean_abs/layer1", false), layer("layer2", "gradient/layer2", true)];
        assert_eq!(found(&tags)[0], ("gradient/mean_abs", expected));
    }

    #[test]
    fn pytorch_histograms_give_gradients_and_weights() {
        let tags = ["fc1.bias.grad", "fc1.weight", "fc1.weight.grad", "fc2.weight", "fc2.weight.grad", "loss"];
        let found = found(&tags.map(|tag| (tag, SeriesKind::Histogram)));
        let keys: Vec<&str> = found.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["gradient/mean_abs", "gradient/rms", "weight/rms"]);
        assert_eq!(found[0].1, [layer("fc1", "fc1.weight.grad", true), layer("fc2", "fc2.weight.grad", true)]);
    }

    #[test]
    fn scalars_of_lightning_and_by_hand_are_offered_as_what_they_are() {
        let tags = [("grad_2.0_norm/layers.0.weight", SeriesKind::Scalar), ("grads/fc1", SeriesKind::Scalar)];
        let expected = [
            ("gradient/norm", vec![layer("layers.0", "grad_2.0_norm/layers.0.weight", false)]),
            ("gradient/value", vec![layer("fc1", "grads/fc1", false)]),
        ];
        assert_eq!(found(&tags), expected);
    }

    #[test]
    fn other_kinds_of_series_are_no_flow() {
        assert_eq!(found(&[("gradient/layer1", SeriesKind::Image), ("weight/rms/layer1", SeriesKind::Text)]), []);
    }
}
