//! Blame: what each part of each layer does to the gradient on its way down.
//!
//! With `delta_l` = `dC/dy_l` of the product `y_l` = x `W_l` + `b_l`, and for a plain network
//! `delta_l` = f'(`z_l`) * (delta_{l+1} W_{l+1}^T),
//!
//! ```text
//! ln(|delta_l| / |delta_{l+1}|) = ln(|delta_{l+1} W^T| / |delta_{l+1}|)           the weights' gain
//!                               + ln(|f' * delta_{l+1} W^T| / |delta_{l+1} W^T|)  the activation's gain
//! ```
//!
//! in Euclidean norms over the whole batch. Normalisation, skip connections and dropout each add a term of the same
//! form. Every term ends where the next begins, so the sum over a layer is the whole change, and the sum over layers
//! the whole attenuation: nothing is approximated. The last layer's way from the loss to its own product is no part of
//! it.

use headwater_nn::{ShapeError, Stage, try_filled};

use crate::probe::MEASUREMENTS;

/// Below this norm, the f32 numbers of the gradient may have lost digits to underflow.
const FAITHFUL: f64 = 1e-28;
/// Above this norm, numbers of the gradient may have become infinite.
const LARGEST: f64 = 1e37;

/// Natural logarithms of what the parts of one layer, the one below its successor, multiplied the gradient by.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gains {
    of: [Option<f64>; Stage::ALL.len()],
}

impl Gains {
    /// The gain of a part; none if the layer has no such part, or nothing is left of the gradient to be changed.
    pub fn of(&self, stage: Stage) -> Option<f64> {
        self.of[stage as usize]
    }

    /// `ln(|delta_l| / |delta_{l+1}|)`.
    pub fn sum(&self) -> f64 {
        self.of.iter().flatten().sum()
    }
}

/// What was seen of one pass of the gradient through a network.
#[derive(Debug, Clone)]
pub struct Blame {
    /// First layer to last; the last one's are all none.
    gains: Vec<Gains>,
    /// ln |delta|, first layer to last.
    deltas: Vec<f64>,
    /// ln of the norm after the last step that was seen.
    before: f64,
    smallest: f64,
    largest: f64,
}

impl Blame {
    /// For a network of this many layers.
    ///
    /// # Errors
    /// [`ShapeError::NoMemory`] if there is not enough memory.
    pub fn new(layers: usize) -> Result<Self, ShapeError> {
        let nothing = f64::NEG_INFINITY;
        Ok(Self {
            gains: try_filled(Gains::default(), layers, MEASUREMENTS)?,
            deltas: try_filled(nothing, layers, MEASUREMENTS)?,
            before: nothing,
            smallest: 0.0,
            largest: 0.0,
        })
    }

    /// Takes in a step of the gradient's way: what [`headwater_nn::Network::trace`] tells, from the last layer to the first.
    pub fn visit(&mut self, index: usize, stage: Stage, ln_norm: f64) {
        let last = self.gains.len() - 1;
        if stage == Stage::Weights {
            self.gains[index] = Gains::default();
            if index == last {
                (self.before, self.smallest, self.largest) = (ln_norm, ln_norm, ln_norm);
            }
        }
        if index < last && self.before > f64::NEG_INFINITY {
            let gain = &mut self.gains[index].of[stage as usize];
            *gain = Some(gain.unwrap_or(0.0) + ln_norm - self.before);
        }
        self.before = ln_norm;
        self.smallest = self.smallest.min(ln_norm);
        self.largest = self.largest.max(ln_norm);
        // The last step of a layer leaves its delta.
        self.deltas[index] = ln_norm;
    }

    /// Whether f32 held the gradient all the way. If not, [`headwater_nn::Network::trace`] follows it where f32 ends.
    pub fn is_faithful(&self) -> bool {
        self.smallest > FAITHFUL.ln() && self.largest < LARGEST.ln()
    }

    /// The gains of every layer, first to last.
    pub fn gains(&self) -> &[Gains] {
        &self.gains
    }

    /// `ln(|delta_1| / |delta_L|)`: below 0 if the gradient falls on its way to the first layer.
    pub fn attenuation(&self) -> f64 {
        self.deltas[0] - self.deltas[self.deltas.len() - 1]
    }

    /// ln |`delta_1`|.
    pub fn first_delta(&self) -> f64 {
        self.deltas[0]
    }
}

#[cfg(test)]
mod tests {
    use headwater_nn::{Activation, Initialiser, LayerShape, Loss, Network, Norm, Residual, Targets, Workspace};

    use super::*;

    /// The blame of a network of these shapes, followed beyond f32.
    fn blame(shapes: &[LayerShape], weights: &str) -> Blame {
        let mut network = Network::new(16, shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network.initialise(weights.parse().unwrap(), Initialiser::Zeros, 3);
        let mut workspace = Workspace::new(&network, 8).unwrap();
        let x: Vec<f32> = (0..128).map(|i| ((i * 37) % 64) as f32 / 32.0 - 1.0).collect();
        network.forward_training(&x, &mut workspace);
        let mut blame = Blame::new(shapes.len()).unwrap();
        let mut scratch = vec![0.0; network.parameters().len()];
        network.trace(&x, Targets::Labels(&[0; 8]), &mut workspace, &mut scratch, |index, stage, ln_norm| {
            blame.visit(index, stage, ln_norm);
        });
        blame
    }

    #[test]
    fn the_gains_close_on_the_whole_attenuation() {
        let plain = LayerShape::new(16, Activation::Tanh);
        let with = |norm, residual: &str, dropout| -> Vec<LayerShape> {
            let skips = residual.parse::<Residual>().unwrap().skips(&[16; 9]);
            skips.into_iter().map(|skip| LayerShape { norm, skip, dropout, ..plain }).collect()
        };
        for shapes in [
            vec![plain; 9],
            with(Some(Norm::Batch), "post(2)", 0.2),
            with(Some(Norm::Layer), "pre_scaled(1)", 0.0),
            vec![LayerShape::new(16, Activation::Sigmoid); 400],
        ] {
            let blame = blame(&shapes, "glorot_uniform");
            let sum: f64 = blame.gains().iter().map(Gains::sum).sum();
            let whole = blame.attenuation();
            assert!((sum / whole - 1.0).abs() < 1e-5, "{sum} is not {whole}");
        }
    }

    #[test]
    fn a_part_that_is_not_there_has_no_gain_and_a_linear_activation_none_to_speak_of() {
        let blame = blame(&[LayerShape::new(16, Activation::Identity); 5], "orthogonal");
        for gains in &blame.gains()[..4] {
            assert!(gains.of(Stage::Weights).is_some_and(|gain| gain.abs() < 1e-6), "{gains:?}");
            assert_eq!(gains.of(Stage::Activation), Some(0.0));
            assert_eq!(gains.of(Stage::Norm), None);
        }
        assert_eq!(blame.gains()[4], Gains::default());
    }

    #[test]
    fn sigmoids_loss_is_blamed_on_its_slope_and_weights_that_are_too_small_on_the_weights() {
        let total = |activation, weights: &str, stage| -> f64 {
            let mut shapes = vec![LayerShape::new(16, activation); 6];
            shapes[5].activation = Activation::Identity;
            blame(&shapes, weights).gains().iter().filter_map(|gains| gains.of(stage)).sum()
        };
        // f' is at most 1/4, and ln 4 = 1.39; weights of variance 1 / 16 keep the norm.
        assert!(total(Activation::Sigmoid, "lecun_normal", Stage::Activation) < -5.0 * 1.38);
        assert!(total(Activation::Sigmoid, "lecun_normal", Stage::Weights).abs() < 2.0);
        assert!(total(Activation::Tanh, "normal(0.025)", Stage::Activation) > -0.1);
        assert!(total(Activation::Tanh, "normal(0.025)", Stage::Weights) < -8.0);
    }

    #[test]
    fn a_gradient_that_was_stopped_leaves_no_gain_below() {
        let mut blame = Blame::new(3).unwrap();
        for (index, stage, ln_norm) in [
            (2, Stage::Weights, 0.0),
            (2, Stage::Activation, 0.0),
            (1, Stage::Weights, -1.0),
            (1, Stage::Activation, f64::NEG_INFINITY),
            (0, Stage::Weights, f64::NEG_INFINITY),
        ] {
            blame.visit(index, stage, ln_norm);
        }
        assert_eq!(blame.gains()[1].of(Stage::Activation), Some(f64::NEG_INFINITY));
        assert_eq!(blame.gains()[0].of(Stage::Weights), None);
        assert!(!blame.is_faithful());
    }

    #[test]
    fn a_gradient_that_overflows_is_followed_again_as_one_that_vanishes_is() {
        let faithful = |ln_norm: f64| {
            let mut blame = Blame::new(2).unwrap();
            blame.visit(1, Stage::Weights, 0.0);
            blame.visit(0, Stage::Weights, ln_norm);
            blame.is_faithful()
        };
        assert_eq!([-100.0, 0.0, 80.0, 90.0, f64::INFINITY].map(faithful), [false, true, true, false, false]);
    }
}
