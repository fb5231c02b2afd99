//! What is recorded, when, and how the report follows from it.

use std::collections::BTreeMap;

use headwater_data::{Batches, Request, Source};
use headwater_events::proto::SessionStatus;
use headwater_lab::{Experiment, Status};
use headwater_nn::{Activation, LayerShape, Network, Stage, Targets, Workspace};
use headwater_probe::tags::{self, Quantity, Statistic};
use headwater_probe::{Measure, network};

use crate::recorded::{Recorded, manifest};
use crate::trained::{Extent, PLAIN, experiment, preset, train};

/// Inputs and outputs of the layers of [`small`].
const LAYERS: [(usize, usize); 3] = [(784, 5), (5, 4), (4, 10)];
const BATCH: usize = 7;
const STEPS: [i64; 4] = [0, 10, 20, 22];

fn small() -> Experiment {
    experiment(
        "name = 'small'
        [data]
        validation = 100
        test = 100
        [network]
        hidden = [5, 4]
        activation = 'tanh'
        [train]
        steps = 23
        batch_size = 7
        seed = 3
        [record]
        every = 10",
    )
}

#[test]
fn every_tag_is_recorded_for_every_layer_at_the_scheduled_steps_and_nothing_else_is() {
    let trained = train(&small(), PLAIN);
    let mut expected: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut expect = |tag: String, steps: &[i64]| expected.insert(tag, steps.to_vec());
    for tag in
        [Measure::Loss.tag(), Measure::Accuracy.tag(), Measure::ValidationLoss.tag(), Measure::ValidationAccuracy.tag()]
    {
        expect(tag.to_owned(), &STEPS);
    }
    expect(Measure::ChanceLoss.tag().to_owned(), &[0]);
    for layer in 0..LAYERS.len() {
        for quantity in Quantity::ALL {
            expect(Measure::Whole(quantity).at(layer), &STEPS);
            // The counts of NaN and infinities are recorded only when there are any.
            for statistic in [Statistic::MeanAbs, Statistic::Rms, Statistic::Min, Statistic::Max, Statistic::Zeros] {
                expect(Measure::Statistic(quantity, statistic).at(layer), &STEPS);
            }
        }
        expect(Measure::UpdateRatio.at(layer), &STEPS);
        expect(Measure::DeadUnits.at(layer), &STEPS);
        expect(Measure::SaturatedUnits.at(layer), &STEPS);
        expect(Measure::ExpectedDelta.at(layer), &[0]);
        expect(Measure::ExpectedSpread.at(layer), &[0]);
    }
    // What is below the last layer changes the gradient.
    for layer in 0..LAYERS.len() - 1 {
        expect(Measure::Gain(Stage::Weights).at(layer), &STEPS);
        expect(Measure::Gain(Stage::Activation).at(layer), &STEPS);
    }
    expect(Measure::ZeroInputs.tag().to_owned(), &STEPS);
    expect(Measure::CounterfactualRelu.tag().to_owned(), &STEPS);
    expect(Measure::CounterfactualWeights.tag().to_owned(), &STEPS);
    for tag in [
        Measure::FinalValidationAccuracy.tag(),
        Measure::TestAccuracy.tag(),
        Measure::TrainAccuracyLast200.tag(),
        Measure::Attenuation.tag(),
    ] {
        expect(tag.to_owned(), &[22]);
    }
    expect(tags::CONFIG.to_owned(), &[0]);
    expect(network::TAG.to_owned(), &[0]);
    for part in ["experiment", "session_start_info", "session_end_info"] {
        expect(format!("_hparams_/{part}"), &[0]);
    }
    expect(tags::FIRST_LAYER_WEIGHTS.to_owned(), &STEPS);
    expect(tags::MISCLASSIFIED.to_owned(), &[22]);
    expect(format!("{}_labels", tags::MISCLASSIFIED), &[22]);
    assert_eq!(Recorded::of(&trained.folder("small")).steps(), expected);
}

#[test]
fn a_histogram_counts_every_value() {
    let trained = train(&small(), PLAIN);
    let recorded = Recorded::of(&trained.folder("small"));
    for (layer, (inputs, outputs)) in LAYERS.into_iter().enumerate() {
        for quantity in Quantity::ALL {
            let values = match quantity {
                Quantity::Gradient | Quantity::Weight => inputs * outputs,
                Quantity::Preactivation | Quantity::Activation | Quantity::Delta => BATCH * outputs,
            };
            let tag = Measure::Whole(quantity).at(layer);
            let expected = STEPS.map(|step| (step, values as f64)).into();
            assert_eq!(recorded.histogram_count(&tag), expected, "{tag}");
        }
    }
}

#[test]
fn without_histograms_the_scalars_are_the_same() {
    let mut experiment = small();
    let with = train(&experiment, PLAIN);
    experiment.scenarios[0].config.record.histograms = false;
    let without = train(&experiment, PLAIN);
    let [with, without] = [with, without].map(|trained| Recorded::of(&trained.folder("small")));
    let mut scalars = with.steps();
    for layer in 0..LAYERS.len() {
        for quantity in Quantity::ALL {
            scalars.remove(&Measure::Whole(quantity).at(layer));
        }
    }
    assert_eq!(without.steps(), scalars);
    let gradient = Measure::Statistic(Quantity::Gradient, Statistic::MeanAbs).at(0);
    assert_eq!(without.scalar(&gradient), with.scalar(&gradient));
}

#[test]
fn what_is_done_to_the_gradients_before_the_update_is_not_in_their_record() {
    let recorded = |set: fn(&mut headwater_lab::TrainConfig)| {
        let mut experiment = small();
        experiment.scenarios[0].config.record.histograms = false;
        set(&mut experiment.scenarios[0].config.train);
        let trained = train(&experiment, PLAIN);
        Recorded::of(&trained.folder("small"))
    };
    let plain = recorded(|_| ());
    let sets: [fn(&mut headwater_lab::TrainConfig); 3] = [
        |train| train.clip_norm = Some(1e-4),
        |train| train.clip_value = Some(1e-6),
        |train| train.weight_decay = Some(0.5),
    ];
    for set in sets {
        let changed = recorded(set);
        for (quantity, layer) in [Quantity::Gradient, Quantity::Weight].into_iter().flat_map(|q| [(q, 0), (q, 2)]) {
            let tag = Measure::Statistic(quantity, Statistic::Rms).at(layer);
            assert_eq!(changed.scalar(&tag)[&0], plain.scalar(&tag)[&0], "{tag}");
            assert_ne!(changed.scalar(&tag)[&22], plain.scalar(&tag)[&22], "{tag}");
        }
    }
}

/// The root mean square over draws of the weights is what theory speaks of.
#[test]
fn what_theory_expects_of_delta_is_recorded_and_is_what_is_measured() {
    let mut experiment = preset(&[
        "train.steps=1",
        "train.batch_size=300",
        "record.histograms=false",
        "data.validation=10",
        "data.test=10",
    ]);
    experiment.scenarios.truncate(2);
    let trained = train(&experiment, Extent { seeds: 24, ..PLAIN });
    for scenario in experiment.scenarios {
        let reports = trained.reports().into_iter().filter(|report| report.scenario == scenario.name);
        let runs: Vec<_> = reports.map(|report| Recorded::of(&report.logdir)).collect();
        let rms = |recorded: &Recorded, layer| {
            f64::from(recorded.scalar(&Measure::Statistic(Quantity::Delta, Statistic::Rms).at(layer))[&0])
        };
        for layer in 0..5 {
            let squares = runs.iter().map(|run| (rms(run, layer) / rms(run, layer + 1)).powi(2));
            let measured = 0.5 * (squares.sum::<f64>() / runs.len() as f64).ln();
            let [here, above] =
                [layer, layer + 1].map(|layer| f64::from(runs[0].scalar(&Measure::ExpectedDelta.at(layer))[&0]));
            let off = measured - (here - above);
            assert!(off.abs() < 0.2, "{}, layer{}: {measured}, not {}", scenario.name, layer + 1, here - above);
        }
        assert_eq!(runs[0].scalar(&Measure::ExpectedDelta.at(5))[&0], 0.0);
    }
}

#[test]
fn where_theory_has_no_answer_nothing_is_expected() {
    let trained = train(&preset(&["train.steps=1", "data.source=blobs", "network.init=lsuv"]), PLAIN);
    let steps = Recorded::of(&trained.reports()[0].logdir).steps();
    assert!(steps.keys().all(|tag| !tag.starts_with("theory/")), "{steps:?}");
}

/// Equal up to the rounding of what was recorded as f32.
#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-6 * expected.abs(), "expected {expected}, found {found}");
}

#[test]
fn the_report_is_the_mean_over_the_records() {
    let trained = train(&preset(&["data.source=blobs", "train.steps=60", "record.every=10"]), PLAIN);
    for report in trained.reports() {
        let recorded = Recorded::of(&report.logdir);
        let mean = |quantity, statistic, layer| {
            let values = recorded.scalar(&Measure::Statistic(quantity, statistic).at(layer));
            assert_eq!(values.len(), 7);
            values.values().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64
        };
        assert_eq!((report.gradient_mean_abs.len(), report.delta_rms.len()), (6, 6));
        for layer in 0..6 {
            assert_close(report.gradient_mean_abs[layer], mean(Quantity::Gradient, Statistic::MeanAbs, layer));
            assert_close(report.delta_rms[layer], mean(Quantity::Delta, Statistic::Rms, layer));
        }
        let gains: f64 = [Stage::Weights, Stage::Activation]
            .into_iter()
            .flat_map(|gain| (0..5).map(move |layer| Measure::Gain(gain).at(layer)))
            .flat_map(|tag| recorded.scalar(&tag).into_values())
            .map(f64::from)
            .sum();
        assert_close(report.gains.values().sum(), gains / 7.0);
        let attenuation = report.attenuation.unwrap();
        assert_close(attenuation, report.gradient_mean_abs[5] / report.gradient_mean_abs[0]);
        assert_close(f64::from(recorded.scalar(Measure::Attenuation.tag())[&59]), attenuation);
        assert_close(f64::from(recorded.scalar(Measure::TestAccuracy.tag())[&59]), report.test_accuracy.unwrap());
    }
}

#[test]
fn the_training_accuracy_is_the_mean_over_the_last_200_batches() {
    for steps in [30, 230] {
        let steps_key = format!("train.steps={steps}");
        let set = ["data.source=blobs", "network.activation=relu", "record.every=1", "record.histograms=false"];
        let trained = train(&preset(&[&set[..], &[&steps_key]].concat()), PLAIN);
        let [report] = trained.reports()[..] else { panic!("expected one run") };
        let accuracies: Vec<f32> = Recorded::of(&report.logdir).scalar(Measure::Accuracy.tag()).into_values().collect();
        assert_eq!(accuracies.len(), steps);
        let last = &accuracies[steps.saturating_sub(200)..];
        let mean = last.iter().map(|accuracy| f64::from(*accuracy)).sum::<f64>() / last.len() as f64;
        assert_close(report.train_accuracy_last_200.unwrap(), mean);
    }
}

#[test]
fn the_first_record_is_of_the_first_batch_and_the_initial_weights() {
    let experiment = small();
    let config = &experiment.scenarios[0].config;
    let dataset =
        headwater_data::load(&Request { validation: Some(100), test: Some(100), ..Request::new(Source::Mnist) })
            .unwrap();
    let shapes = LAYERS.map(|(_, outputs)| {
        let output = outputs == 10;
        LayerShape::new(outputs, if output { Activation::Identity } else { config.network.activation })
    });
    let mut network = Network::new(784, &shapes, config.network.loss).unwrap();
    network.initialise(config.network.init, config.network.bias_init, config.train.seed);
    let (mut indices, mut inputs, mut labels) = ([0; BATCH], vec![0.0; BATCH * 784], [0; BATCH]);
    Batches::new(dataset.train.len(), config.train.seed).next(&mut indices);
    dataset.train.gather(&indices, &mut inputs, &mut labels);
    let (mut workspace, mut gradients) =
        (Workspace::new(&network, BATCH).unwrap(), vec![0.0; network.parameters().len()]);
    let loss = network.loss(network.forward(&inputs, &mut workspace), Targets::Labels(&labels));
    network.backward(&inputs, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut ());

    let trained = train(&experiment, PLAIN);
    let recorded = Recorded::of(&trained.folder("small"));
    assert_eq!(recorded.scalar(Measure::Loss.tag())[&0], loss);
    for (index, layer) in network.layers().iter().enumerate() {
        let gradient = &gradients[layer.weights()];
        let mean = gradient.iter().map(|gradient| f64::from(gradient.abs())).sum::<f64>() / gradient.len() as f64;
        let tag = Measure::Statistic(Quantity::Gradient, Statistic::MeanAbs).at(index);
        assert_close(f64::from(recorded.scalar(&tag)[&0]), mean);
    }
}

#[test]
fn a_run_that_went_through_says_so() {
    let trained = train(&small(), PLAIN);
    let folder = trained.folder("small");
    assert_eq!(Recorded::of(&folder).session_end(), Some(SessionStatus::Success));
    assert_eq!(manifest(&folder, "status"), "done");
    assert_eq!(manifest(&folder, "steps"), 23);
    assert_eq!(manifest(&folder, "config")["network"]["hidden"], serde_json::json!([5, 4]));
    let report = trained.reports()[0];
    assert_eq!((report.status, report.steps, report.diverged), (Status::Done, 23, false));
    assert_eq!(report.logdir, folder);
}
