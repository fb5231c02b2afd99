//! The table itself.

use std::borrow::Cow;
use std::sync::LazyLock;

use headwater_nn::Stage;

use super::{LayerStep, Measure, Source};
use crate::Statistics;
use crate::tags::{Quantity, Statistic};

/// What a measure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The whole run.
    Run,
    /// One layer: its tag ends in the layer's name.
    Layer,
}

/// How a measure's numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// From its smallest number to its largest.
    Linear,
    /// By powers of ten: magnitudes.
    Log,
    /// From 0 to 1.
    Share,
    /// Natural logarithms of factors: below 0 what shrinks, above 0 what grows.
    LnFactor,
}

impl Axis {
    /// As the catalogue and the docs name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
            Self::Share => "share",
            Self::LnFactor => "ln_factor",
        }
    }
}

/// How the numbers of several recorded steps become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mean {
    /// The sum over the count. Of the weight gradient, because the experiment defines it so; of gains, because the mean
    /// of logarithms then gives the factor by which delta falls.
    Arithmetic,
    /// The exponential of the mean logarithm, over the steps that are not 0.
    Geometric,
}

/// An entry of the table.
#[derive(Debug)]
pub struct Definition {
    /// The measure.
    pub measure: Measure,
    /// The tag, or for a layer's measure the part of the tag before the layer's name.
    pub path: Cow<'static, str>,
    /// Its name in requests to the board. It is the path, except for numbers that other programs log under the path of our
    /// histograms.
    pub key: Cow<'static, str>,
    /// Whether it belongs to the run or to a layer.
    pub of: Subject,
    /// How it is drawn.
    pub axis: Axis,
    /// How its numbers at several steps are averaged.
    pub mean: Mean,
    /// Its label in a list: "saturated units".
    pub label: Cow<'static, str>,
    /// Its label in symbols: "rms(dC/dW)".
    pub symbol: Cow<'static, str>,
    /// Its name within a sentence: "the norm of dC/dW". For a gain, what changes delta: "the weights".
    pub noun: &'static str,
    /// Whether the noun takes a plural verb.
    pub is_plural: bool,
    /// Whether it says how much of the gradient arrives at a layer.
    pub is_gradient: bool,
    /// Whether the board can show it layer by layer.
    pub is_profile: bool,
    /// Its definition, in Markdown. Measures with the same definition and axis share a row of the docs.
    pub meaning: Cow<'static, str>,
    /// How it is read, and when it is recorded.
    pub source: Source,
}

impl Definition {
    fn new(measure: Measure, of: Subject, path: impl Into<Cow<'static, str>>, source: Source) -> Self {
        let path = path.into();
        Self {
            measure,
            key: path.clone(),
            label: path.clone(),
            path,
            of,
            axis: Axis::Linear,
            mean: Mean::Arithmetic,
            symbol: Cow::Borrowed(""),
            noun: "",
            is_plural: false,
            is_gradient: false,
            is_profile: false,
            meaning: Cow::Borrowed(""),
            source,
        }
    }

    fn run(measure: Measure, tag: &'static str, source: Source) -> Self {
        Self::new(measure, Subject::Run, tag, source)
    }

    fn layer(measure: Measure, path: impl Into<Cow<'static, str>>, source: Source) -> Self {
        Self::new(measure, Subject::Layer, path, source)
    }

    /// A number of a layer that is always there.
    fn of_layer(measure: Measure, path: &'static str, read: fn(&LayerStep<'_>) -> Option<f64>) -> Self {
        Self::layer(measure, path, Source::Layer(Box::new(read)))
    }

    fn on(self, axis: Axis) -> Self {
        Self { axis, ..self }
    }

    fn means(self, meaning: impl Into<Cow<'static, str>>) -> Self {
        Self { meaning: meaning.into(), ..self }
    }

    fn called(self, label: impl Into<Cow<'static, str>>, symbol: impl Into<Cow<'static, str>>) -> Self {
        Self { label: label.into(), symbol: symbol.into(), ..self }
    }

    /// Offers it along the layers, under this name in sentences.
    fn profiled(self, noun: &'static str) -> Self {
        Self { noun, is_profile: true, ..self }
    }

    fn plural(self) -> Self {
        Self { is_plural: true, ..self }
    }

    fn of_gradient(self) -> Self {
        Self { is_gradient: true, ..self }
    }

    /// The tag of a layer's measure at the layer with this name: `gain/weight/layer1`.
    pub fn tag_of(&self, layer: &str) -> String {
        format!("{}/{layer}", self.path)
    }

    /// Whether it is one of the gains, which add up to what happens to delta.
    pub fn is_gain(&self) -> bool {
        matches!(self.measure, Measure::Gain(_))
    }
}

/// All measures, in the order in which they are recorded and listed.
pub fn all() -> &'static [Definition] {
    static TABLE: LazyLock<Vec<Definition>> =
        LazyLock::new(|| run().chain(profiles()).chain(gains()).chain(theory()).chain(statistics()).collect());
    &TABLE
}

/// Of the whole run.
fn run() -> impl Iterator<Item = Definition> {
    let last = "validation and test accuracy after the last update, and mean training accuracy over the last 200 steps; once, \
                at the end";
    let otherwise = "about ten times in a run: ln of the factor by which delta of layer1 would change if f were ReLU at the \
                     same z, or if all weights had the variance at which theory has neither vanishing nor explosion";
    [
        Definition::run(Measure::Loss, "loss", Source::Step(|step| Some(step.loss))).means("loss of the training batch").called("loss", "C"),
        Definition::run(Measure::Accuracy, "accuracy", Source::Step(|step| Some(step.accuracy)))
            .on(Axis::Share)
            .means("share of the training batch that is classified correctly"),
        Definition::run(Measure::ValidationLoss, "validation/loss", Source::Step(|step| Some(step.validation?.0)))
            .means("loss on the validation samples")
            .called("validation loss", "C"),
        Definition::run(
            Measure::ValidationAccuracy,
            "validation/accuracy",
            Source::Step(|step| Some(step.validation?.1)),
        )
        .on(Axis::Share)
        .means("accuracy on the validation samples")
        .called("validation accuracy", ""),
        Definition::run(Measure::ChanceLoss, "chance/loss", Source::Start(|start| Some(start.chance_loss)))
            .means(
                "the loss of a guess that knows the class frequencies of the training samples and does not look at the \
                 input: their entropy (for MNIST ln 10, to two digits); once, at step 0. The diagnosis measures learning \
                 from this loss",
            )
            .called("loss of a guess", "C"),
        Definition::run(
            Measure::ZeroInputs,
            "inputs/zero/layer1",
            Source::Step(|step| Some(step.layers.first()?.zero_inputs)),
        )
        .on(Axis::Share)
        .means("share of inputs that are 0 in the whole batch: their rows of dC/dW are 0, whatever delta is")
        .called("inputs that are 0", ""),
        Definition::run(
            Measure::CounterfactualRelu,
            "counterfactual/relu",
            Source::Counterfactual(|answers| answers.relu),
        )
        .on(Axis::LnFactor)
        .means(otherwise)
        .called("delta of layer1 if f were ReLU (ln)", ""),
        Definition::run(
            Measure::CounterfactualWeights,
            "counterfactual/critical_weights",
            Source::Counterfactual(|answers| answers.critical_weights),
        )
        .on(Axis::LnFactor)
        .means(otherwise)
        .called("delta of layer1 with critical weights (ln)", ""),
        Definition::run(
            Measure::TrainAccuracyLast200,
            "final/train_accuracy_last_200",
            Source::End(|results| results.train_accuracy_last_200),
        )
        .on(Axis::Share)
        .means(last)
        .called("training accuracy of the last 200 steps", ""),
        Definition::run(
            Measure::FinalValidationAccuracy,
            "final/validation_accuracy",
            Source::End(|results| results.validation_accuracy),
        )
        .on(Axis::Share)
        .means(last)
        .called("final validation accuracy", ""),
        Definition::run(Measure::TestAccuracy, "final/test_accuracy", Source::End(|results| results.test_accuracy))
            .on(Axis::Share)
            .means(last)
            .called("test accuracy", ""),
        Definition::run(Measure::Attenuation, "final/attenuation", Source::End(|results| results.attenuation))
            .on(Axis::Log)
            .means(
                "mean |dC/dW| of the last layer over that of the first (in double precision where single does not hold \
                 it); once, at the end",
            )
            .called("attenuation", ""),
    ]
    .into_iter()
}

/// What the board shows along the layers, the gains and theory apart.
fn profiles() -> impl Iterator<Item = Definition> {
    let size = |quantity, statistic, label: &'static str, symbol: &'static str, noun| {
        Definition { label: label.into(), symbol: symbol.into(), ..of_tensor(quantity, statistic) }.profiled(noun)
    };
    let gradient = Quantity::Gradient;
    let delta = size(Quantity::Delta, Statistic::Rms, "RMS of delta", "rms(delta)", "the RMS of delta");
    [
        size(gradient, Statistic::MeanAbs, "mean |dC/dW|", "mean |dC/dW|", "mean |dC/dW|").of_gradient(),
        size(gradient, Statistic::Rms, "RMS of dC/dW", "rms(dC/dW)", "the RMS of dC/dW").of_gradient(),
        Definition::layer(Measure::Norm(gradient), "gradient/norm", Source::Elsewhere)
            .on(Axis::Log)
            .called("norm of dC/dW", "|dC/dW|")
            .profiled("the norm of dC/dW")
            .of_gradient()
            .means("norm of dC/dW, as other programs record it"),
        Definition {
            key: Cow::Borrowed("gradient/value"),
            ..whole(gradient)
                .on(Axis::Log)
                .called("dC/dW as logged", "dC/dW")
                .profiled("the logged dC/dW")
                .of_gradient()
        },
        Definition { mean: Mean::Geometric, ..delta }.of_gradient(),
        size(Quantity::Weight, Statistic::Rms, "RMS of the weights", "rms(W)", "the RMS of the weights"),
        Definition::of_layer(Measure::UpdateRatio, "update_ratio", |step| {
            // Of weights that are next to nothing it may be more than an f32 holds.
            let ratio = Some(step.layer.update_ratio).filter(|ratio| ratio.is_finite());
            ratio.map(|ratio| ratio.min(f64::from(f32::MAX)))
        })
        .on(Axis::Log)
        .called("update ÷ weights", "|update| / |W|")
        .profiled("the update ratio")
        .means("norm of the step's update over the norm of W before it"),
        Definition::of_layer(Measure::DeadUnits, "units/dead", |step| Some(step.layer.dead_units))
            .on(Axis::Share)
            .called("dead units", "")
            .profiled("dead units")
            .plural()
            .means("share of units whose f' is 0 for every sample of the batch"),
        Definition::of_layer(Measure::SaturatedUnits, "units/saturated", |step| Some(step.layer.saturated_units))
            .on(Axis::Share)
            .called("saturated units", "")
            .profiled("saturated units")
            .plural()
            .means(
                "share of units whose root mean square of f' over the batch is below a twentieth of its largest possible \
                 value",
            ),
    ]
    .into_iter()
}

/// What the parts of a layer do to delta, the activation first, as the sentences tell them.
fn gains() -> impl Iterator<Item = Definition> {
    let parts = [
        (Stage::Activation, "gain of f' (ln)", "f'", false),
        (Stage::Weights, "gain of the weights (ln)", "the weights", true),
        (Stage::Norm, "gain of normalisation (ln)", "normalisation", false),
        (Stage::Skip, "gain of the skip connections (ln)", "the skip connections", true),
        (Stage::Dropout, "gain of dropout (ln)", "dropout", false),
    ];
    parts.into_iter().map(|(stage, label, noun, is_plural)| {
        let read = move |step: &LayerStep<'_>| step.gains.of(stage);
        let gain = Definition::layer(Measure::Gain(stage), format!("gain/{stage}"), Source::Layer(Box::new(read)))
            .on(Axis::LnFactor)
            .called(label, format!("ln g({stage})"))
            .profiled(noun)
            .means(
                "natural logarithm of what W of the layer above, f' of this one, and normalisation, skip connections and \
                 dropout where there are such, multiplied the norm of the gradient by; together ln(delta of this layer / \
                 delta of the layer above), in Euclidean norms over the batch",
            );
        Definition { is_plural, ..gain }
    })
}

/// What theory predicts.
fn theory() -> impl Iterator<Item = Definition> {
    [
        Definition::layer(
            Measure::ExpectedDelta,
            "theory/delta",
            Source::Theory(|layer| Some(layer.ln_delta_rms).filter(|number| number.is_finite())),
        )
        .called("delta as theory expects it (ln)", "ln(rms(delta) / rms(delta_L))")
        .profiled("the delta that theory expects")
        .means(
            "what [theory](ideas.md) expects before the first step: natural logarithm of delta's root mean square over the \
             last layer's; once, at step 0, unless theory has no answer (`headwater theory` says why)",
        ),
        Definition::layer(
            Measure::ExpectedSpread,
            "theory/spread",
            Source::Theory(|layer| layer.ln_delta_deviation.filter(|number| number.is_finite())),
        )
        .called("spread of delta as theory expects it (ln)", "")
        .means(
            "spread over random initialisations: the standard deviation of the natural logarithm of delta's norm over the \
             last layer's, over draws of networks of these widths; once, at step 0, where theory has an answer",
        ),
    ]
    .map(|definition| definition.on(Axis::LnFactor))
    .into_iter()
}

/// The statistics and histograms that the board does not show along the layers.
fn statistics() -> impl Iterator<Item = Definition> {
    let known: Vec<Measure> = profiles().map(|definition| definition.measure).collect();
    let numbers =
        Statistic::ALL.into_iter().flat_map(|statistic| Quantity::ALL.map(|quantity| of_tensor(quantity, statistic)));
    let all: Vec<Definition> = numbers.chain(Quantity::ALL.map(whole)).collect();
    all.into_iter().filter(move |definition| !known.contains(&definition.measure))
}

/// A statistic of a tensor.
fn of_tensor(quantity: Quantity, statistic: Statistic) -> Definition {
    let read = move |step: &LayerStep<'_>| value_of(statistic, &step.layer.tensor(quantity).statistics);
    let source = Source::Layer(Box::new(read));
    let (axis, meaning) = match statistic {
        Statistic::MeanAbs => (Axis::Log, "mean absolute value"),
        Statistic::Rms => (Axis::Log, "root mean square"),
        Statistic::Min => (Axis::Linear, "smallest value"),
        Statistic::Max => (Axis::Linear, "largest value"),
        Statistic::Zeros => (Axis::Linear, "number of exact zeros"),
        Statistic::Nans => (Axis::Linear, "number of NaN, where there are any"),
        Statistic::Infinities => (Axis::Linear, "number of infinities, where there are any"),
    };
    Definition::layer(Measure::Statistic(quantity, statistic), format!("{quantity}/{statistic}"), source)
        .on(axis)
        .called(format!("{meaning} of {}", quantity.symbol()), format!("{statistic}({})", quantity.symbol()))
        .means(meaning)
}

/// All values of a tensor.
fn whole(quantity: Quantity) -> Definition {
    Definition::layer(Measure::Whole(quantity), quantity.to_string(), Source::Histogram(quantity))
        .called(quantity.symbol(), quantity.symbol())
        .means("all values, in exponential buckets (each edge 1.1 times the one before)")
}

/// The value to record, if the statistic is worth recording.
fn value_of(statistic: Statistic, statistics: &Statistics) -> Option<f64> {
    let some_if_any = |count: u64| (count > 0).then_some(count as f64);
    match statistic {
        Statistic::MeanAbs => Some(statistics.mean_abs),
        Statistic::Rms => Some(statistics.rms),
        Statistic::Min => Some(statistics.min),
        Statistic::Max => Some(statistics.max),
        Statistic::Zeros => Some(statistics.zeros as f64),
        Statistic::Nans => some_if_any(statistics.nans),
        Statistic::Infinities => some_if_any(statistics.infinities),
    }
}
