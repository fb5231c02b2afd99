//! Theory against published numbers, against closed forms, and against networks.

use std::f64::consts::PI;

use headwater_nn::{
    Activation, Hook, Initialiser, LayerShape, LayerView, Loss, Network, Norm, Place, Targets, Workspace,
};
use headwater_probe::theory::{Concern, Input, LayerPrediction, LayerTheory, Prediction, Skip, TheoryError, predict};

const INPUT: Input = Input { mean_square: 1.0, correlation: 0.0, samples: 1, directions: 1 };

/// `depth` layers of `width` units and inputs, and an output layer without activation as wide.
fn stack(activation: Activation, weights: Initialiser, width: usize, depth: usize) -> Vec<LayerTheory> {
    let layer = |activation| LayerTheory::dense(width, width, activation, weights, Initialiser::Zeros).unwrap();
    let mut layers = vec![layer(activation); depth];
    layers.push(layer(Activation::Identity));
    layers
}

fn close(ours: f64, exact: f64) -> bool {
    (ours - exact).abs() <= 1e-9 * (1.0 + exact.abs())
}

/// ln |delta| of every layer of each of so many networks shaped like [`stack`], fed with one sample.
fn draws(activation: Activation, weights: Initialiser, width: usize, depth: usize, seeds: u64) -> Vec<Vec<f64>> {
    struct Norms(Vec<f64>);
    impl Hook for Norms {
        fn layer(&mut self, view: &LayerView<'_>) {
            self.0[view.index] = 0.5 * view.delta.iter().map(|d| f64::from(*d).powi(2)).sum::<f64>().ln();
        }
    }
    let mut shapes = vec![LayerShape::new(width, activation); depth];
    shapes.push(LayerShape::new(width, Activation::Identity));
    let mut network = Network::new(width, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
    let mut workspace = Workspace::new(&network, 1).unwrap();
    let mut gradients = vec![0.0; network.parameters().len()];
    let x: Vec<f32> = (0..width).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect();
    let draw = |seed| {
        network.initialise(weights, Initialiser::Zeros, seed);
        network.forward(&x, &mut workspace);
        let mut norms = Norms(vec![0.0; depth + 1]);
        network.backward(&x, Targets::Labels(&[0]), &mut workspace, &mut gradients, &mut norms);
        norms.0
    };
    (0..seeds).map(draw).collect()
}

/// By how much the measured change of |delta| is off, root mean square over draws, as a mean over layers.
fn off(prediction: &Prediction, draws: &[Vec<f64>]) -> f64 {
    let layers = prediction.layers.len() - 1;
    let ln_off = (0..layers).map(|layer| {
        let squares: Vec<f64> = draws
            .iter()
            .map(|draw| (2.0 * (draw[layer] - draw[layer + 1])).exp())
            .filter(|square| square.is_finite())
            .collect();
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        0.5 * mean.ln() - prediction.layers[layer].gains.unwrap().total()
    });
    (ln_off.sum::<f64>() / layers as f64).exp() - 1.0
}

/// The whole grid is the example `theory_grid`.
#[test]
fn wide_networks_do_what_theory_says_within_five_percent() {
    for activation in [Activation::Sigmoid, Activation::Relu, Activation::Gelu, Activation::HardTanh] {
        for weights in [Initialiser::GlorotUniform, Initialiser::Orthogonal { gain: 1.0 }] {
            let prediction = predict(INPUT, &stack(activation, weights, 256, 4)).unwrap();
            let off = off(&prediction, &draws(activation, weights, 256, 4, 3));
            assert!(off.abs() < 0.05, "{activation}, {weights}: {off}");
        }
    }
}

#[test]
fn narrow_networks_do_so_in_the_mean_square_over_draws_within_ten_percent() {
    for activation in [Activation::Sigmoid, Activation::Tanh, Activation::Relu, Activation::Silu] {
        for weights in [Initialiser::GlorotUniform, Initialiser::HeNormal] {
            let prediction = predict(INPUT, &stack(activation, weights, 10, 5)).unwrap();
            let off = off(&prediction, &draws(activation, weights, 10, 5, 200));
            assert!(off.abs() < 0.1, "{activation}, {weights}: {off}");
        }
    }
}

#[test]
fn the_median_narrow_network_lies_below_the_mean_square_as_far_as_the_spread_says() {
    for activation in [Activation::Identity, Activation::Tanh, Activation::Relu] {
        let prediction = predict(INPUT, &stack(activation, Initialiser::GlorotNormal, 10, 8)).unwrap();
        let first = &prediction.layers[0];
        let mut whole: Vec<f64> = draws(activation, Initialiser::GlorotNormal, 10, 8, 400)
            .iter()
            .map(|draw| draw[0] - draw[8])
            .filter(|ln| ln.is_finite())
            .collect();
        whole.sort_by(f64::total_cmp);
        let (median, typical) = (whole[whole.len() / 2], first.ln_delta_typical().unwrap());
        assert!((median - typical).abs() < 0.3, "{activation}: {median}, not {typical}");
        assert!(typical < first.ln_delta - 0.35, "{activation}: {typical}");
        // Half of the draws lie between the quartiles, 1.349 standard deviations apart.
        let spread = (whole[3 * whole.len() / 4] - whole[whole.len() / 4]) / 1.349;
        let deviation = first.ln_delta_deviation.unwrap();
        assert!((spread / deviation - 1.0).abs() < 0.25, "{activation}: {spread}, not {deviation}");
    }
}

/// Hanin, 2018; Hanin and Nica, 2019: the variance of ln |J|^2 of a rectifier network is near 5 times the sum of 1 / n.
#[test]
fn the_spread_of_a_rectifier_network_is_hanins() {
    let prediction = predict(INPUT, &stack(Activation::Relu, Initialiser::HeNormal, 100, 50)).unwrap();
    let variance = (2.0 * prediction.layers[0].ln_delta_deviation.unwrap()).powi(2);
    assert!(close(variance, 2.5), "{variance}");
}

#[test]
fn deltas_of_many_directions_stray_less_and_turn_towards_each_other_on_the_way_down() {
    let variances = |directions| {
        let input = Input { directions, ..INPUT };
        let layers = predict(input, &stack(Activation::Identity, Initialiser::LecunNormal, 10, 4)).unwrap().layers;
        layers.iter().map(|layer| (2.0 * layer.ln_delta_deviation.unwrap()).powi(2)).collect::<Vec<_>>()
    };
    let (one, nine) = (variances(1), variances(9));
    assert!(close(one[3], 2.0 / 10.0) && close(one[0], 8.0 / 10.0));
    assert!(close(nine[3], 2.0 / 90.0));
    // 1 / K goes from 1 / 9 to 1 / 9 + 8 / 9 / 10 in the layer below.
    assert!(close(nine[2] - nine[3], 2.0 / 10.0 * (1.0 / 9.0 + 8.0 / 90.0)), "{nine:?}");
    assert!(nine[0] - nine[1] > nine[2] - nine[3]);
}

/// Saxe, McClelland and Ganguli, 2013: all singular values stay 1, so no draw strays.
#[test]
fn a_deep_linear_orthogonal_network_hands_every_delta_down_unchanged() {
    let orthogonal = Initialiser::Orthogonal { gain: 1.0 };
    let prediction = predict(INPUT, &stack(Activation::Identity, orthogonal, 64, 500)).unwrap();
    assert!(close(prediction.layers[0].ln_delta, 0.0));
    assert!(close(prediction.layers[0].ln_delta_deviation.unwrap(), 0.0));
}

/// Lu et al., 2019: 1 - (1 - 2^-N)^L.
#[test]
fn a_narrow_deep_rectifier_network_is_born_dead_as_often_as_lu_says() {
    for (width, depth) in [(1, 1), (2, 10), (4, 30)] {
        let prediction = predict(INPUT, &stack(Activation::Relu, Initialiser::HeNormal, width, depth)).unwrap();
        let exact = 1.0 - (1.0 - 0.5_f64.powf(width as f64)).powf(depth as f64);
        assert!(close(prediction.born_dead, exact), "{}", prediction.born_dead);
    }
    let prediction = predict(INPUT, &stack(Activation::Relu, Initialiser::HeNormal, 4, 30)).unwrap();
    let draws = draws(Activation::Relu, Initialiser::HeNormal, 4, 30, 400);
    let dead = draws.iter().filter(|draw| draw[0] == f64::NEG_INFINITY).count() as f64 / 400.0;
    assert!((dead - prediction.born_dead).abs() < 0.06, "{dead}, not {}", prediction.born_dead);
    let tanh = predict(INPUT, &stack(Activation::Tanh, Initialiser::HeNormal, 4, 30)).unwrap();
    assert_eq!((tanh.born_dead, tanh.layers[3].dead_units), (0.0, Some(0.0)));
}

/// One unit in two where all samples are alike; hardly one where they are many and unrelated.
#[test]
fn the_share_of_dead_rectifiers_follows_from_how_alike_the_samples_are() {
    let dead = |correlation, samples| {
        let input = Input { correlation, samples, ..INPUT };
        predict(input, &stack(Activation::Relu, Initialiser::HeNormal, 50, 1)).unwrap().layers[0].dead_units.unwrap()
    };
    assert!(close(dead(1.0, 100), 0.5));
    assert!(close(dead(0.0, 3), 0.125));
    // Two of correlation c are both negative with probability 1/4 + arcsin(c) / (2 pi).
    assert!(close(dead(0.5, 2), 0.25 + 0.5_f64.asin() / (2.0 * PI)));
    assert!(dead(0.9, 100) > dead(0.5, 100) && dead(0.5, 100) > dead(0.1, 100));
}

#[test]
fn a_thousand_layers_are_answered_in_numbers_beyond_all_floats() {
    for activation in Activation::ALL {
        for std in [0.0001, 0.03, 1.0, 300.0] {
            let layers = stack(activation, Initialiser::Normal { std }, 100, 1000);
            let prediction = predict(Input { correlation: 0.3, ..INPUT }, &layers).unwrap();
            for layer in &prediction.layers {
                let numbers = [layer.ln_q, layer.correlation, layer.ln_delta, layer.ln_gradient_rms, layer.ln_chi_1];
                assert!(numbers.iter().all(|n| n.is_finite()), "{activation}, {std}: {layer:?}");
                assert!(layer.ln_delta_deviation.unwrap().is_finite(), "{activation}, {std}: {layer:?}");
            }
        }
    }
    let layers = stack(Activation::Sigmoid, Initialiser::GlorotNormal, 100, 1000);
    let ln_delta = predict(INPUT, &layers).unwrap().layers[0].ln_delta;
    assert!(ln_delta < -1400.0, "{ln_delta}");
}

#[test]
fn the_gains_add_up_to_the_whole_with_every_kind_of_layer() {
    let mut layers = stack(Activation::Tanh, Initialiser::HeNormal, 30, 8);
    layers[0] = LayerTheory::dense(7, 30, Activation::Tanh, Initialiser::HeNormal, Initialiser::Zeros).unwrap();
    layers[1].norm = Some(Norm::Batch);
    layers[2].norm = Some(Norm::Layer);
    layers[3].skip = Some(Skip { source: 1, place: Place::PostActivation, scale: 0.5 });
    layers[4].dropout = 0.3;
    layers[6].skip = Some(Skip { source: 4, place: Place::PreActivation, scale: 0.7 });
    layers[6].bias_mean = 0.1;
    layers[7].fan_out = 12;
    layers[8] = LayerTheory { fan_in: 12, fan_out: 3, ..layers[8] };
    let prediction = predict(INPUT, &layers).unwrap();
    let mut sum = 0.0;
    for layer in prediction.layers.iter().rev() {
        sum += layer.gains.map_or(0.0, |gains| gains.total());
        assert!(close(layer.ln_delta, sum), "{layer:?}");
    }
    let [first, last] = [0, 8].map(|index| prediction.layers[index]);
    assert!(close(first.ln_delta_rms, first.ln_delta - 0.5 * (30.0_f64 / 3.0).ln()));
    assert!(last.gains.is_none() && last.ln_delta == 0.0 && last.ln_gradient_rms == 0.0);
    assert_eq!(first.ln_delta_deviation, None);
}

#[test]
fn weights_change_norms_by_fan_in_and_root_mean_squares_by_fan_out() {
    let mut layers = stack(Activation::Relu, Initialiser::HeNormal, 100, 2);
    layers[1].fan_out = 25;
    layers[2] = LayerTheory::dense(25, 10, Activation::Identity, Initialiser::HeNormal, Initialiser::Zeros).unwrap();
    let prediction = predict(INPUT, &layers).unwrap();
    assert!(close(prediction.layers[1].gains.unwrap().weight, 0.5 * 2.0_f64.ln()));
    assert!(close(prediction.layers[0].ln_delta, 0.0));
    assert!(close(prediction.layers[0].ln_delta_rms, -0.5 * 10.0_f64.ln()));
}

/// Yang et al., 2019: with rectifiers the squared gradient grows by pi / (pi - 1) in each batch-normalised layer, and
/// in a linear network not at all, in the limit of large batches.
#[test]
fn batch_normalisation_makes_the_gradient_explode_by_yangs_factor() {
    let growth = |activation, norm| {
        let mut layers = stack(activation, Initialiser::LecunNormal, 100, 20);
        for layer in &mut layers {
            layer.norm = Some(norm);
        }
        let prediction = predict(INPUT, &layers).unwrap();
        2.0 * prediction.layers[5].gains.unwrap().total()
    };
    assert!(close(growth(Activation::Relu, Norm::Batch), (PI / (PI - 1.0)).ln()));
    assert!(close(growth(Activation::Identity, Norm::Batch), 0.0));
    // By the inequality of Poincaré, E[f'^2] is never less than the variance of f.
    assert!(Activation::ALL.iter().all(|activation| growth(*activation, Norm::Batch) > -1e-9));
    assert!(close(growth(Activation::Relu, Norm::Layer), 0.0));
}

/// Yang and Schoenholz, 2017: a residual branch adds to the gradient instead of multiplying it. With rectifiers under
/// He every branch doubles the square; weighted by 1 / sqrt(L), all L of them make it (1 + 1 / L)^L < e.
#[test]
fn skip_connections_turn_decay_into_growth_and_scaling_bounds_the_growth() {
    let through = |place, scale, weights| {
        let mut layers = stack(Activation::Relu, weights, 64, 101);
        for (source, layer) in layers[1..101].iter_mut().enumerate() {
            layer.skip = Some(Skip { source, place, scale });
        }
        predict(INPUT, &layers).unwrap().layers
    };
    let growth = |layers: &[LayerPrediction]| 2.0 * (layers[1].ln_delta - layers[100].ln_delta);
    let sum = Place::PreActivation;
    assert!(close(growth(&through(sum, 1.0, Initialiser::HeNormal)), 99.0 * 2.0_f64.ln()));
    assert!(close(growth(&through(sum, 0.1, Initialiser::HeNormal)), 99.0 * 1.01_f64.ln()));
    // Glorot lets a plain rectifier network decay by sqrt(2) a layer.
    assert!(close(growth(&through(sum, 1.0, Initialiser::GlorotNormal)), 99.0 * 1.5_f64.ln()));
    let rezero = through(sum, 0.0, Initialiser::HeNormal);
    assert!(close(rezero[0].ln_q, rezero[100].ln_q));
    assert_eq!(rezero[50].ln_delta, f64::NEG_INFINITY);
    // The sum of activations of one rectifier after another is cut by fewer and fewer of them.
    let rezero = through(Place::PostActivation, 0.0, Initialiser::HeNormal);
    assert!(rezero[100].ln_output_gradient - rezero[0].ln_output_gradient < 2.0_f64.ln());
}

/// Schoenholz et al., 2017: dropout acts on the variance as larger weights do, and tells equal samples apart.
#[test]
fn dropout_adds_to_signal_and_gradient_by_the_share_it_keeps() {
    let mut layers = stack(Activation::Relu, Initialiser::HeNormal, 64, 10);
    for layer in &mut layers[..10] {
        layer.dropout = 0.2;
    }
    let prediction = predict(Input { correlation: 0.9, ..INPUT }, &layers).unwrap();
    assert!(close(prediction.layers[9].ln_q - prediction.layers[8].ln_q, -0.8_f64.ln()));
    assert!(close(prediction.layers[8].gains.unwrap().total(), -0.5 * 0.8_f64.ln()));
    assert!(prediction.layers[9].correlation < 0.9);
}

#[test]
fn what_makes_no_network_is_refused_with_the_layer_named() {
    let good = stack(Activation::Relu, Initialiser::HeNormal, 4, 2);
    let error = |change: fn(&mut Vec<LayerTheory>)| {
        let mut layers = good.clone();
        change(&mut layers);
        predict(INPUT, &layers).unwrap_err()
    };
    assert_eq!(error(Vec::clear), TheoryError::Empty);
    assert_eq!(error(|layers| layers[1].fan_in = 5), TheoryError::Fans { number: 2, fan_in: 5, below: 4 });
    assert_eq!(error(|layers| layers[2].weight_variance = f64::NAN), TheoryError::Numbers { number: 3 });
    assert_eq!(error(|layers| layers[0].dropout = 1.0), TheoryError::Numbers { number: 1 });
    let upwards = error(|layers| layers[0].skip = Some(Skip { source: 0, place: Place::PreActivation, scale: 1.0 }));
    assert_eq!(upwards, TheoryError::Skip { number: 1 });
    assert_eq!(predict(Input { mean_square: 0.0, ..INPUT }, &good), Err(TheoryError::Input));
    let constant = Initialiser::Constant(0.1);
    let refused = LayerTheory::dense(4, 4, Activation::Relu, constant, Initialiser::Zeros);
    assert_eq!(refused, Err(TheoryError::NotRandom { initialiser: constant }));
}

#[test]
fn concerns_name_what_is_wrong_and_where() {
    let concerns = |activation, weights, width, depth| {
        predict(Input { samples: 30, ..INPUT }, &stack(activation, weights, width, depth)).unwrap().concerns()
    };
    assert_eq!(concerns(Activation::Relu, Initialiser::HeNormal, 256, 6), []);
    assert_eq!(concerns(Activation::Tanh, Initialiser::LecunNormal, 256, 6), []);
    let vanishing = concerns(Activation::Sigmoid, Initialiser::GlorotUniform, 256, 200);
    assert!(matches!(vanishing[0], Concern::Vanishes { number: 1, ln_delta_rms } if ln_delta_rms < -280.0));
    // 0.236 a layer reaches the end of single precision 60 layers below the last.
    assert!(matches!(vanishing[1], Concern::DeltaOutOfRange { number: 130..150 }), "{vanishing:?}");
    assert!(vanishing.iter().any(|c| matches!(c, Concern::SamplesAlike { number: 2..8, .. })), "{vanishing:?}");
    let exploding = concerns(Activation::Identity, Initialiser::HeNormal, 256, 300);
    assert!(matches!(exploding[0], Concern::Explodes { number: 1, .. }), "{exploding:?}");
    assert!(exploding.iter().any(|c| matches!(c, Concern::SignalOutOfRange { number: 250..260 })), "{exploding:?}");
    let narrow = concerns(Activation::Relu, Initialiser::HeNormal, 5, 20);
    assert!(matches!(narrow[..], [Concern::BornDead { .. }, Concern::Spread { .. }]), "{narrow:?}");
    let alike = Input { correlation: 1.0, samples: 30, ..INPUT };
    let alike = predict(alike, &stack(Activation::Relu, Initialiser::HeNormal, 256, 3)).unwrap().concerns();
    assert!(matches!(alike[..], [Concern::SamplesAlike { number: 1, .. }, Concern::DeadUnits { .. }]), "{alike:?}");
}
