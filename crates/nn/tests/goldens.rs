//! Values, gradients and training steps against PyTorch's, made by `goldens/make.py`.
#![cfg(not(feature = "f64"))]

use std::collections::BTreeMap;

use headwater_nn::{
    Activation, Clip, Hook, LayerShape, LayerView, Loss, Network, OptimizerState, Residual, Targets, Workspace,
};
use serde::Deserialize;

/// Knuth's MMIX generator, as in `goldens/make.py`.
struct Lcg(u64);

impl Lcg {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / f64::from(1 << 24)
    }

    fn fill(&mut self, values: &mut [f32], scale: f64) {
        for value in values {
            *value = ((2.0 * self.unit() - 1.0) * scale) as f32;
        }
    }

    fn batch(&mut self, size: usize, inputs: usize, classes: f64) -> (Vec<f32>, Vec<u32>) {
        let (mut x, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..size {
            for _ in 0..inputs {
                let u = self.unit();
                x.push(if u < 0.8 { 0.0 } else { ((u - 0.8) * 5.0) as f32 });
            }
            labels.push((self.unit() * classes) as u32);
        }
        (x, labels)
    }
}

fn network(widths: &[usize], activation: Activation, loss: Loss) -> Network {
    let mut shapes: Vec<_> = widths[1..].iter().map(|&outputs| LayerShape::new(outputs, activation)).collect();
    shapes.last_mut().unwrap().activation = Activation::Identity;
    filled(Network::new(widths[0], &shapes, loss).unwrap())
}

/// With the weights and biases of `goldens/make.py`.
fn filled(mut network: Network) -> Network {
    let mut rng = Lcg(1);
    for layer in network.layers().to_vec() {
        let scale = if layer.inputs() > 100 { 0.0625 } else { 0.5 };
        rng.fill(&mut network.parameters_mut()[layer.weights()], scale);
        rng.fill(&mut network.parameters_mut()[layer.bias()], 0.125);
    }
    network
}

/// The parts of a flat vector in PyTorch's order (W, b, layer by layer), thinned as in `goldens/make.py`.
fn thinned(network: &Network, flat: &[f32]) -> Vec<Vec<f32>> {
    network
        .layers()
        .iter()
        .flat_map(|layer| [layer.weights(), layer.bias()])
        .map(|range| {
            let stride = if range.len() > 500 { 37 } else { 1 };
            flat[range].iter().copied().step_by(stride).collect()
        })
        .collect()
}

/// |ours - theirs| / |theirs| in the Euclidean norm.
fn relative_error(ours: &[f32], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let norm = |squares: f64| squares.sqrt();
    let difference = ours.iter().zip(theirs).map(|(o, t)| (f64::from(*o) - t).powi(2)).sum();
    norm(difference) / norm(theirs.iter().map(|t| t * t).sum()).max(1e-30)
}

fn assert_close(ours: &[Vec<f32>], theirs: &[Vec<f64>], what: &str) {
    assert_within(1e-5, ours, theirs, what);
}

fn assert_within(tolerance: f64, ours: &[Vec<f32>], theirs: &[Vec<f64>], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let error = relative_error(ours, theirs);
        assert!(error < tolerance, "{what}, part {index}: relative error {error:e}");
    }
}

#[derive(Deserialize)]
struct ActivationGoldens {
    z: Vec<f64>,
    activations: BTreeMap<String, ValueAndSlope>,
}

#[derive(Deserialize)]
struct ValueAndSlope {
    f: Vec<f64>,
    df: Vec<f64>,
}

#[test]
fn every_activation_and_its_slope_are_pytorchs() {
    let goldens: ActivationGoldens = serde_json::from_str(include_str!("goldens/activations.json")).unwrap();
    let mut seen = Vec::new();
    for (name, golden) in &goldens.activations {
        let activation: Activation = name.parse().unwrap();
        seen.push(activation);
        for ((&z, &f), &df) in goldens.z.iter().zip(&golden.f).zip(&golden.df) {
            let (ours, slope) = (f64::from(activation.f(z as f32)), f64::from(activation.df(z as f32)));
            assert!((ours - f).abs() <= 1e-5 * f.abs().max(0.02), "{name}({z}) is {ours}, not {f}");
            assert!((slope - df).abs() <= 1e-5 * df.abs().max(0.02), "{name}'({z}) is {slope}, not {df}");
        }
    }
    assert!(Activation::ALL.iter().all(|activation| seen.contains(activation)));
}

#[derive(Deserialize)]
struct GradientGolden {
    widths: Vec<usize>,
    activation: String,
    loss_function: String,
    loss: f64,
    gradients: Vec<Vec<f64>>,
    deltas: Vec<Vec<f64>>,
}

#[test]
fn every_gradient_and_delta_is_pytorchs() {
    struct Deltas(Vec<Vec<f32>>);
    impl Hook for Deltas {
        fn layer(&mut self, view: &LayerView<'_>) {
            self.0.insert(0, view.delta.to_vec());
        }
    }
    let goldens: Vec<GradientGolden> = serde_json::from_str(include_str!("goldens/gradients.json")).unwrap();
    for golden in goldens {
        let what = format!("{}, {}", golden.activation, golden.loss_function);
        let network =
            network(&golden.widths, golden.activation.parse().unwrap(), golden.loss_function.parse().unwrap());
        let (x, labels) = Lcg(2).batch(8, 12, 5.0);
        let mut workspace = Workspace::new(&network, 8).unwrap();
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut deltas = Deltas(Vec::new());
        let loss = network.loss(network.forward(&x, &mut workspace), Targets::Labels(&labels));
        network.backward(&x, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut deltas);
        assert!((f64::from(loss) / golden.loss - 1.0).abs() < 1e-5, "{what}: {loss} not {}", golden.loss);
        assert_close(&thinned(&network, &gradients), &golden.gradients, &what);
        assert_close(&deltas.0, &golden.deltas, &what);
    }
}

#[derive(Deserialize)]
struct TrainingGolden {
    optimizer: String,
    learning_rate: f64,
    losses: Vec<f64>,
    first_gradients: Vec<Vec<f64>>,
    parameters: Vec<Vec<f64>>,
}

#[test]
fn ten_steps_of_the_experiments_network_are_pytorchs_with_every_optimizer() {
    let goldens: Vec<TrainingGolden> = serde_json::from_str(include_str!("goldens/training.json")).unwrap();
    assert_eq!(goldens.len(), 6);
    for golden in goldens {
        let mut network = network(&[784, 10, 10, 10, 10, 10, 10], Activation::Sigmoid, Loss::SoftmaxCrossEntropy);
        let mut workspace = Workspace::new(&network, 30).unwrap();
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut state = OptimizerState::new(golden.optimizer.parse().unwrap(), gradients.len()).unwrap();
        let mut rng = Lcg(3);
        for (step, &expected) in golden.losses.iter().enumerate() {
            let (x, labels) = rng.batch(30, 784, 10.0);
            let loss = network.loss(network.forward(&x, &mut workspace), Targets::Labels(&labels));
            network.backward(&x, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut ());
            let what = format!("{}, step {step}", golden.optimizer);
            assert!((f64::from(loss) / expected - 1.0).abs() < 1e-5, "{what}: {loss} not {expected}");
            if step == 0 {
                assert_close(&thinned(&network, &gradients), &golden.first_gradients, &what);
            }
            state.update(network.parameters_mut(), &gradients, golden.learning_rate);
        }
        assert_close(&thinned(&network, network.parameters()), &golden.parameters, &golden.optimizer);
    }
}

#[derive(Deserialize)]
struct BlockGolden {
    norm: Option<String>,
    residual: Option<String>,
    losses: Vec<f64>,
    parameters: Vec<Vec<f64>>,
    norms: Vec<Vec<f64>>,
    alphas: Vec<f64>,
    outputs: Vec<f64>,
}

#[test]
fn five_steps_through_normalisation_and_residual_blocks_and_the_outputs_in_evaluation_are_pytorchs() {
    /// Five steps divide by standard deviations again and again, each time rounded to f32.
    const ROUNDING: f64 = 3e-5;
    let goldens: Vec<BlockGolden> = serde_json::from_str(include_str!("goldens/blocks.json")).unwrap();
    assert_eq!(goldens.len(), 14);
    for golden in goldens {
        let what = format!("{:?}, {:?}", golden.norm, golden.residual);
        let norm = golden.norm.as_deref().map(|text| text.parse().unwrap());
        let skips = match &golden.residual {
            // Four blocks of one layer are scaled by 1 / sqrt(4), which make.py has as a number.
            Some(text) => text.parse::<Residual>().unwrap().skips(&[6; 5]),
            None => vec![None; 5],
        };
        let mut shapes: Vec<_> =
            skips.into_iter().map(|skip| LayerShape { norm, skip, ..LayerShape::new(6, Activation::Tanh) }).collect();
        shapes.push(LayerShape::new(5, Activation::Identity));
        let mut network = filled(Network::new(12, &shapes, Loss::SoftmaxCrossEntropy).unwrap());
        let mut workspace = Workspace::new(&network, 8).unwrap();
        let mut gradients = vec![0.0; network.parameters().len()];
        let mut state = OptimizerState::new("sgd".parse().unwrap(), gradients.len()).unwrap();
        let mut rng = Lcg(3);
        for (step, &expected) in golden.losses.iter().enumerate() {
            let (x, labels) = rng.batch(8, 12, 5.0);
            let outputs = network.forward_training(&x, &mut workspace);
            let loss = network.loss(outputs, Targets::Labels(&labels));
            network.backward(&x, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut ());
            assert!((f64::from(loss) / expected - 1.0).abs() < 1e-5, "{what}, step {step}: {loss} not {expected}");
            state.update(network.parameters_mut(), &gradients, 0.02);
        }
        assert_within(ROUNDING, &thinned(&network, network.parameters()), &golden.parameters, &what);
        let norms: Vec<Vec<f32>> = network
            .layers()
            .iter()
            .map(|l| network.parameters()[l.norm()].to_vec())
            .filter(|n| !n.is_empty())
            .collect();
        assert_within(ROUNDING, &norms, &golden.norms, &what);
        let alphas: Vec<f32> = network
            .layers()
            .iter()
            .filter_map(headwater_nn::Layer::branch_scale)
            .map(|index| network.parameters()[index])
            .collect();
        assert_within(ROUNDING, &[alphas], &[golden.alphas], &what);
        let (x, _) = rng.batch(8, 12, 5.0);
        assert_within(ROUNDING, &[network.forward(&x, &mut workspace).to_vec()], &[golden.outputs], &what);
    }
}

#[derive(Deserialize)]
struct ClippingGoldens {
    norm: Vec<f64>,
    value: Vec<f64>,
}

#[test]
fn clipping_is_pytorchs() {
    let goldens: ClippingGoldens = serde_json::from_str(include_str!("goldens/clipping.json")).unwrap();
    for (clip, expected) in
        [(Clip { norm: Some(1.5), value: None }, goldens.norm), (Clip { norm: None, value: Some(0.75) }, goldens.value)]
    {
        let mut gradient = vec![0.0; 50];
        Lcg(4).fill(&mut gradient, 3.0);
        clip.apply(&mut gradient);
        assert!(relative_error(&gradient, &expected) < 1e-6);
    }
}
