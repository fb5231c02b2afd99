//! Which tags of a run say how a quantity goes through its layers.

use std::collections::HashMap;

use headwater_events::SeriesKind;
use headwater_probe::{
    foreign::{self, Measure},
    tags::{Quantity, Stage, Statistic},
};

use super::buckets::Moment;

/// How the numbers of one quantity are recorded, and how several are summed up in one.
#[derive(Debug)]
pub(crate) struct Flow {
    /// Its name in requests and answers.
    pub(crate) key: &'static str,
    /// The scalars that hold it.
    scalar: Measure,
    /// The histograms from which it can be computed, and what of them it is.
    whole: Option<(Quantity, Moment)>,
    /// Whether it is a size, which varies by factors: if a column has several steps, their mean is the geometric one.
    pub(crate) is_size: bool,
}

impl Flow {
    /// Whether its mean over the whole training is the geometric one. All others have the arithmetic mean: the weight
    /// gradient because the experiment defines it so, the gains because they are logarithms, whose sum then gives the
    /// factor by which delta falls.
    pub(crate) fn has_geometric_mean(&self) -> bool {
        self.scalar == Measure::Statistic(Quantity::Delta, Statistic::Rms)
    }

    /// What of a histogram it is, if it can be computed from one.
    pub(crate) fn moment(&self) -> Option<Moment> {
        self.whole.map(|(_, moment)| moment)
    }
}

const fn statistic(key: &'static str, quantity: Quantity, statistic: Statistic, moment: Moment) -> Flow {
    let scalar = Measure::Statistic(quantity, statistic);
    Flow { key, scalar, whole: Some((quantity, moment)), is_size: true }
}

const fn scalar(key: &'static str, scalar: Measure, is_size: bool) -> Flow {
    Flow { key, scalar, whole: None, is_size }
}

/// In the order in which the page offers them.
pub(crate) const FLOWS: [Flow; 15] = [
    statistic("gradient/mean_abs", Quantity::Gradient, Statistic::MeanAbs, Moment::MeanAbs),
    statistic("gradient/rms", Quantity::Gradient, Statistic::Rms, Moment::Rms),
    scalar("gradient/norm", Measure::Norm(Quantity::Gradient), true),
    scalar("gradient/value", Measure::Whole(Quantity::Gradient), false),
    statistic("delta/rms", Quantity::Delta, Statistic::Rms, Moment::Rms),
    statistic("weight/rms", Quantity::Weight, Statistic::Rms, Moment::Rms),
    scalar("update_ratio", Measure::UpdateRatio, true),
    scalar("units/dead", Measure::DeadUnits, false),
    scalar("units/saturated", Measure::SaturatedUnits, false),
    scalar("gain/weight", Measure::Gain(Stage::Weights), false),
    scalar("gain/activation", Measure::Gain(Stage::Activation), false),
    scalar("gain/norm", Measure::Gain(Stage::Norm), false),
    scalar("gain/skip", Measure::Gain(Stage::Skip), false),
    scalar("gain/dropout", Measure::Gain(Stage::Dropout), false),
    scalar("theory/delta", Measure::ExpectedDelta, false),
];

/// Where the numbers of a layer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) tag: String,
    /// Whether the tag is that of histograms, from which the numbers are to be computed.
    pub(crate) derived: bool,
}

/// The layers of each of [`FLOWS`], in network order, as far as these tags hold them. If two tags hold the same, a scalar
/// comes before a histogram, and the first of two before the second.
pub(crate) fn layers<'a>(tags: impl Iterator<Item = (&'a str, SeriesKind)>) -> [Vec<Layer>; FLOWS.len()] {
    let mut found: [HashMap<String, (&str, bool)>; FLOWS.len()] = std::array::from_fn(|_| HashMap::new());
    for (tag, kind) in tags {
        let is_histogram = match kind {
            SeriesKind::Scalar => false,
            SeriesKind::Histogram => true,
            _ => continue,
        };
        let Some(place) = foreign::read(tag) else { continue };
        for (flow, found) in FLOWS.iter().zip(&mut found) {
            let is_it = match (is_histogram, flow.whole) {
                (true, Some((quantity, _))) => place.measure == Measure::Whole(quantity),
                (true, None) => false,
                (false, _) => place.measure == flow.scalar,
            };
            if is_it {
                let known = found.entry(place.layer.clone()).or_insert((tag, is_histogram));
                if known.1 && !is_histogram {
                    *known = (tag, false);
                }
            }
        }
    }
    found.map(|found| {
        let layers: Vec<(String, (&str, bool))> = found.into_iter().collect();
        let names: Vec<&str> = layers.iter().map(|(name, _)| &**name).collect();
        let in_order = foreign::order(&names).into_iter().map(|index| {
            let (name, (tag, derived)) = &layers[index];
            Layer { name: name.clone(), tag: (*tag).to_owned(), derived: *derived }
        });
        in_order.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &[(&str, SeriesKind)]) -> Vec<(&'static str, Vec<Layer>)> {
        let layers = FLOWS.iter().map(|flow| flow.key).zip(layers(tags.iter().copied()));
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
