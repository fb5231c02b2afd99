//! Every gradient against central differences, in f64: `cargo test -p headwater-nn --features f64`.
#![cfg(feature = "f64")]

use headwater_nn::{Activation, Initialiser, LayerShape, Loss, Network, Norm, Residual, Targets, Workspace};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Largest error accepted, relative to the norm of the gradient.
const TOLERANCE: f64 = 1e-6;

struct Case {
    network: Network,
    x: Vec<f64>,
    labels: Vec<u32>,
}

impl Case {
    fn new(widths: &[usize], activation: Activation, loss: Loss, batch: usize, seed: u64) -> Self {
        let (inputs, widths) = widths.split_first().unwrap();
        let mut shapes: Vec<_> = widths.iter().map(|&outputs| LayerShape::new(outputs, activation)).collect();
        shapes.last_mut().unwrap().activation = Activation::Identity;
        Self::of_shapes(*inputs, &shapes, loss, batch, seed)
    }

    fn of_shapes(inputs: usize, shapes: &[LayerShape], loss: Loss, batch: usize, seed: u64) -> Self {
        let mut network = Network::new(inputs, shapes, loss).unwrap();
        network.initialise(Initialiser::GlorotUniform, Initialiser::Normal { std: 0.5 }, seed);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // Zeros among the inputs take the path that skips them.
        let x = (0..batch * inputs)
            .map(|_| if rng.random::<f64>() < 0.3 { 0.0 } else { 2.0 * rng.random::<f64>() - 1.0 })
            .collect();
        let outputs = network.outputs() as u32;
        let labels = (0..batch).map(|_| rng.random_range(0..outputs)).collect();
        Self { network, x, labels }
    }

    fn loss(&mut self, workspace: &mut Workspace) -> f64 {
        // Dropout must drop the same units in every pass that is compared.
        workspace.seed_dropout(5);
        let y = self.network.forward_training(&self.x, workspace);
        self.network.loss(y, Targets::Labels(&self.labels))
    }

    fn gradient(&mut self) -> Vec<f64> {
        let mut workspace = Workspace::new(&self.network, self.labels.len()).unwrap();
        let mut gradients = vec![f64::NAN; self.network.parameters().len()];
        self.loss(&mut workspace);
        self.network.backward(&self.x, Targets::Labels(&self.labels), &mut workspace, &mut gradients, &mut ());
        gradients
    }

    /// |analytic - numeric| / (|analytic| + |numeric|), over all parameters.
    fn error_of(&mut self, gradient: &[f64]) -> f64 {
        let mut workspace = Workspace::new(&self.network, self.labels.len()).unwrap();
        let h = 1e-5;
        let (mut difference, mut size) = (0.0, 0.0);
        for (index, analytic) in gradient.iter().enumerate() {
            let centre = self.network.parameters()[index];
            let mut at = |value| {
                self.network.parameters_mut()[index] = value;
                self.loss(&mut workspace)
            };
            let numeric = (at(centre + h) - at(centre - h)) / (2.0 * h);
            at(centre);
            difference += (analytic - numeric).powi(2);
            size += analytic.powi(2) + numeric.powi(2);
        }
        difference.sqrt() / size.sqrt().max(1e-12)
    }

    /// Whether a step of h can carry a pre-activation over a kink, where central differences are not the derivative.
    fn is_near_a_kink(&self) -> bool {
        struct Nearest(f64);
        impl headwater_nn::Hook for Nearest {
            fn layer(&mut self, view: &headwater_nn::LayerView<'_>) {
                for z in view.z {
                    self.0 = self.0.min(z.abs()).min((z.abs() - 1.0).abs());
                }
            }
        }
        let mut workspace = Workspace::new(&self.network, self.labels.len()).unwrap();
        let mut gradients = vec![0.0; self.network.parameters().len()];
        let mut nearest = Nearest(f64::INFINITY);
        self.network.forward(&self.x, &mut workspace);
        self.network.backward(&self.x, Targets::Labels(&self.labels), &mut workspace, &mut gradients, &mut nearest);
        nearest.0 < 1e-3
    }
}

/// The activations as one flat list, with a second slope.
fn activations() -> Vec<Activation> {
    Activation::ALL.into_iter().chain([Activation::LeakyRelu { slope: 0.01 }]).collect()
}

#[test]
fn every_activation_and_loss_has_the_gradient_of_central_differences() {
    for activation in activations() {
        for loss in [Loss::SoftmaxCrossEntropy, Loss::MeanSquaredError] {
            // The first seed whose pre-activations keep away from every kink.
            let mut case = (0..1000)
                .map(|seed| Case::new(&[5, 4, 3, 4], activation, loss, 3, seed))
                .find(|case| !case.is_near_a_kink())
                .unwrap();
            let gradient = case.gradient();
            let error = case.error_of(&gradient);
            assert!(error < TOLERANCE, "{activation}, {loss}: {error:e}");
        }
    }
}

#[test]
fn whatever_stands_around_a_product_has_the_gradient_of_central_differences() {
    let norms = [None, Some(Norm::Batch), Some(Norm::Layer)];
    let residuals =
        ["post(2)", "pre(2)", "pre(1)", "post_scaled(1)", "pre_scaled(2)", "post_rezero(2)", "pre_rezero(1)"];
    for norm in norms {
        for residual in std::iter::once(None).chain(residuals.map(Some)) {
            for dropout in [0.0, 0.3] {
                let hidden = [5; 5];
                let skips = residual.map_or(vec![None; 5], |text| text.parse::<Residual>().unwrap().skips(&hidden));
                let plain = |outputs| LayerShape::new(outputs, Activation::Tanh);
                let shapes: Vec<_> =
                    skips.into_iter().map(|skip| LayerShape { norm, skip, dropout, ..plain(5) }).collect();
                let output = LayerShape { activation: Activation::Identity, ..plain(3) };
                let shapes = [shapes, vec![output]].concat();
                let mut case = Case::of_shapes(4, &shapes, Loss::SoftmaxCrossEntropy, 6, 11);
                // Away from the values with which gamma, beta and alpha begin.
                for layer in case.network.layers().to_vec() {
                    for (i, index) in layer.norm().chain(layer.branch_scale()).enumerate() {
                        case.network.parameters_mut()[index] += 0.3 + 0.1 * i as f64;
                    }
                }
                let gradient = case.gradient();
                let error = case.error_of(&gradient);
                assert!(error < TOLERANCE, "{norm:?}, {residual:?}, dropout {dropout}: {error:e}");
            }
        }
    }
}

#[test]
fn every_f_prime_is_the_slope_of_its_f() {
    for activation in activations() {
        for step in -400..=400 {
            let z = f64::from(step) * 0.0213 + 0.0007;
            let h = 1e-5;
            let numeric = (activation.f(z + h) - activation.f(z - h)) / (2.0 * h);
            let error = (activation.df(z) - numeric).abs();
            assert!(error < TOLERANCE, "{activation} at {z}: {} not {numeric}", activation.df(z));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Widths on both sides of the one where the products change from rows to GEMM.
    #[test]
    fn any_shape_has_the_gradient_of_central_differences(
        widths in prop::collection::vec(prop_oneof![1_usize..6, 31_usize..36], 2..5),
        batch in 1_usize..5,
        seed in 0_u64..1000,
    ) {
        let mut case = Case::new(&widths, Activation::Tanh, Loss::MeanSquaredError, batch, seed);
        let gradient = case.gradient();
        let error = case.error_of(&gradient);
        prop_assert!(error < TOLERANCE, "{error:e}");
    }
}

#[test]
fn the_check_fails_on_a_wrong_gradient() {
    let mut case = Case::new(&[5, 4, 3], Activation::Tanh, Loss::SoftmaxCrossEntropy, 3, 0);
    let mut gradient = case.gradient();
    let largest = gradient.iter().map(|g| g.abs()).fold(0.0, f64::max);
    gradient[7] += 1e-4 * largest;
    assert!(case.error_of(&gradient) > TOLERANCE);
}
