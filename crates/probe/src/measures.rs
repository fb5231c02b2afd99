//! The measures: every number that is recorded of a run, in one table.
//!
//! Each entry gives a measure's tag, whether it belongs to the run or to a layer, its axis, its label, and the function that
//! reads it from what was measured. The recorder, the watch, the diagnosis, the board and the tag table of
//! `docs/configuration.md` use this table. A new measure is a variant of [`Measure`] and an entry of [`all`].

mod documentation;
mod sources;
mod table;

pub use documentation::documentation;
pub use sources::{Counterfactuals, LayerReader, LayerStep, Results, Source, Start, Step};
pub use table::{Axis, Definition, Mean, Subject, all};

use headwater_nn::Stage;

use crate::tags::{self, Quantity, Statistic};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Loss of the training batch.
    Loss,
    /// Accuracy on the training batch.
    Accuracy,
    /// Loss on held-out data.
    ValidationLoss,
    /// Accuracy on held-out data.
    ValidationAccuracy,
    /// Loss of a guess that uses the class frequencies of the training samples and ignores the input. A network has learned
    /// something only if its loss is lower.
    ChanceLoss,
    /// Share of the network's inputs that are 0 in every sample of the batch. Their rows of dC/dW are 0, whatever delta is.
    ZeroInputs,
    /// ln of the factor by which |`delta_1`| would change with f = `ReLU` at the same z.
    CounterfactualRelu,
    /// ln of the factor by which |`delta_1`| would change with weights of critical variance.
    CounterfactualWeights,
    /// Mean training accuracy over the last 200 steps.
    TrainAccuracyLast200,
    /// Accuracy on the held-out data after the last update. A sweep is judged by it unless it names another measure.
    FinalValidationAccuracy,
    /// Accuracy on the test data after the last update.
    TestAccuracy,
    /// Mean |dC/dW| of the last layer over that of the first, each a mean over the recorded steps.
    Attenuation,

    /// All values of a quantity, if it is recorded as a histogram. As a scalar: some number whose tag names only the quantity.
    Whole(Quantity),
    /// A statistic of a quantity.
    Statistic(Quantity, Statistic),
    /// Norm of a quantity, mostly the Euclidean one.
    Norm(Quantity),
    /// Mean of a quantity, whose tag does not say whether it is of absolute values.
    Mean(Quantity),
    /// Norm of a step's update over the norm of W before it.
    UpdateRatio,
    /// Share of units that pass no gradient at all.
    DeadUnits,
    /// Share of units that pass almost none.
    SaturatedUnits,
    /// ln of the factor by which a part of the network changes the norm of delta; see [`crate::Blame`].
    Gain(Stage),
    /// ln of what theory expects of delta's root mean square, over the last layer's; see [`crate::theory`].
    ExpectedDelta,
    /// Standard deviation, over draws of the weights, of ln of delta's norm over the last layer's.
    ExpectedSpread,
}

impl Measure {
    /// Its entry in the table. There is none for the mean of a quantity, or for the norm of anything but the gradient: only other
    /// programs record them, and no page shows them.
    pub fn definition(self) -> Option<&'static Definition> {
        all().iter().find(|definition| definition.measure == self)
    }

    /// The whole tag of a run's measure, such as `loss`, or the part before the layer's name of a layer's measure, such as
    /// `gain/weight`. Empty if the table has no entry.
    pub fn tag(self) -> &'static str {
        self.definition().map_or("", |definition| &definition.path)
    }

    /// The tag of a measure of the layer with this name: `gain/weight/layer1`.
    pub fn of(self, layer: &str) -> String {
        format!("{}/{layer}", self.tag())
    }

    /// The tag of a measure of our own layer at `index`, from 0.
    pub fn at(self, index: usize) -> String {
        self.of(&tags::layer(index))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_measure_has_one_entry_and_every_entry_a_tag_a_key_and_words_of_its_own() {
        let mut known = [HashSet::new(), HashSet::new(), HashSet::new()];
        for definition in all() {
            let entry = [format!("{:?}", definition.measure), definition.path.to_string(), definition.key.to_string()];
            for (known, name) in known.iter_mut().zip(entry) {
                assert!(known.insert(name.clone()), "{name} stands twice");
            }
            assert!(!definition.label.is_empty() && !definition.meaning.is_empty(), "{}", definition.path);
        }
        for quantity in Quantity::ALL {
            assert!(Measure::Whole(quantity).definition().is_some());
            for statistic in Statistic::ALL {
                assert!(Measure::Statistic(quantity, statistic).definition().is_some());
            }
        }
        for stage in Stage::ALL {
            assert_eq!(Measure::Gain(stage).at(0), format!("gain/{stage}/layer1"));
        }
    }

    #[test]
    fn tags_are_those_of_the_vocabulary() {
        let of = |measure: Measure| measure.at(0);
        assert_eq!(of(Measure::Statistic(Quantity::Gradient, Statistic::MeanAbs)), "gradient/mean_abs/layer1");
        assert_eq!(Measure::Whole(Quantity::Preactivation).at(5), "preactivation/layer6");
        assert_eq!(of(Measure::UpdateRatio), "update_ratio/layer1");
        assert_eq!(of(Measure::ExpectedDelta), "theory/delta/layer1");
        assert_eq!(of(Measure::ExpectedSpread), "theory/spread/layer1");
        assert_eq!(of(Measure::DeadUnits), "units/dead/layer1");
        assert_eq!(of(Measure::SaturatedUnits), "units/saturated/layer1");
        assert_eq!(Measure::Gain(Stage::Activation).of("blocks.3.mlp"), "gain/activation/blocks.3.mlp");
        assert_eq!(Measure::ZeroInputs.tag(), "inputs/zero/layer1");
        assert_eq!(Measure::TestAccuracy.tag(), "final/test_accuracy");
    }
}
