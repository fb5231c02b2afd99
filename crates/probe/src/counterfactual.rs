//! What would have reached the first layer if one thing had been otherwise.
//!
//! The gains say which part took how much from the gradient; these say what the network would gain by another part. The
//! batch, the loss and everything that is not swapped stay.

use std::sync::atomic::AtomicBool;

use headwater_nn::{Activation, Interrupted, Network, ShapeError, Stage, Subnormals, Targets, Workspace};
use thiserror::Error;

use crate::Blame;
use crate::theory::{self, Critical};

/// Why a counterfactual was not computed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unanswered {
    /// The interrupt flag was raised.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// There is not enough memory for a second network.
    #[error(transparent)]
    Memory(#[from] ShapeError),
}

/// The batch of a step and room to work in.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The network as it was in the forward pass.
    pub network: &'a Network,
    /// What the forward pass computed; the gradients in it are overwritten.
    pub workspace: &'a mut Workspace,
    /// The input, `[batch, inputs]`.
    pub x: &'a [f32],
    /// The labels.
    pub targets: Targets<'a>,
    /// Overwritten: as many numbers as the network has parameters.
    pub scratch: &'a mut [f32],
    /// Raised when the result is no longer needed.
    pub interrupt: &'a AtomicBool,
}

/// ln of the factor by which |`delta_1`| changes if the hidden layers had f = `ReLU` at the same pre-activations z:
/// forward is not repeated, so weights and z are the same, and only f' is swapped.
///
/// # Errors
/// [`Unanswered`] if it was interrupted or memory is short. The workspace may then hold the activations of `ReLU`.
pub fn relu(scene: &mut Scene<'_>) -> Result<f64, Unanswered> {
    let before = first_delta(scene)?;
    let other = scene.network.with_hidden_activation(Activation::Relu)?;
    scene.workspace.reactivate(&other);
    let after = first_delta(&mut Scene {
        network: &other,
        workspace: scene.workspace,
        x: scene.x,
        targets: scene.targets,
        scratch: scene.scratch,
        interrupt: scene.interrupt,
    })?;
    scene.workspace.reactivate(scene.network);
    Ok(after - before)
}

/// The weights at which theory has neither vanishing nor exploding gradients in a network of this activation, without
/// biases ([`theory::critical`]). None if the activation has none such. It takes milliseconds: a run asks once.
pub fn edge_of_chaos(network: &Network) -> Option<Critical> {
    theory::critical(network.layers()[0].activation(), 0.0)
}

/// ln of the factor by which |`delta_1`| changes if each hidden layer's weights, and the last one's, were scaled to the
/// variance of the [edge of chaos](edge_of_chaos). The forward pass is repeated, because z changes with the weights.
///
/// # Errors
/// [`Unanswered`] if it was interrupted or memory is short.
pub fn critical_weights(scene: &mut Scene<'_>, edge: Critical) -> Result<f64, Unanswered> {
    let before = first_delta(scene)?;
    let mut other = scene.network.try_clone()?;
    // Tiny weights may be subnormal, and the factor of such beyond f32.
    let exact = Subnormals::keep();
    for layer in scene.network.layers() {
        let weights = &mut other.parameters_mut()[layer.weights()];
        let square = weights.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>();
        let sigma_w2 = square / layer.outputs() as f64;
        if sigma_w2 > 0.0 {
            let factor = (edge.sigma_w2 / sigma_w2).sqrt();
            for w in weights {
                *w = (f64::from(*w) * factor) as f32;
            }
        }
    }
    drop(exact);
    let mut workspace = scene.workspace.another(&other)?;
    other.forward_training_interruptible(scene.x, &mut workspace, scene.interrupt)?;
    let after = first_delta(&mut Scene {
        network: &other,
        workspace: &mut workspace,
        x: scene.x,
        targets: scene.targets,
        scratch: scene.scratch,
        interrupt: scene.interrupt,
    })?;
    Ok(after - before)
}

/// ln |`delta_1`|, computed with subnormal numbers even where the rest of the thread flushes them.
fn first_delta(scene: &mut Scene<'_>) -> Result<f64, Unanswered> {
    let _exact = Subnormals::keep();
    let mut blame = Blame::new(scene.network.layers().len())?;
    let visit = |index, stage: Stage, ln_norm| blame.visit(index, stage, ln_norm);
    scene.network.trace_interruptible(
        scene.x,
        scene.targets,
        scene.workspace,
        scene.scratch,
        visit,
        scene.interrupt,
    )?;
    Ok(blame.first_delta())
}

#[cfg(test)]
mod tests {
    use headwater_nn::{Initialiser, LayerShape, Loss};

    use super::*;

    fn with_scene<T>(activation: Activation, weights: &str, ask: impl FnOnce(&mut Scene<'_>) -> T) -> T {
        let mut shapes = vec![LayerShape::new(10, activation); 6];
        shapes[5].activation = Activation::Identity;
        let mut network = Network::new(16, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
        network.initialise(weights.parse().unwrap(), Initialiser::Zeros, 3);
        let mut workspace = Workspace::new(&network, 8).unwrap();
        let x: Vec<f32> = (0..128).map(|i| ((i * 37) % 64) as f32 / 32.0 - 1.0).collect();
        network.forward_training(&x, &mut workspace);
        let mut scratch = vec![0.0; network.parameters().len()];
        let (network, workspace, scratch) = (&network, &mut workspace, &mut scratch[..]);
        let interrupt = &AtomicBool::new(false);
        ask(&mut Scene { network, workspace, x: &x, targets: Targets::Labels(&[1; 8]), scratch, interrupt })
    }

    fn at_the_edge(scene: &mut Scene<'_>) -> f64 {
        let edge = edge_of_chaos(scene.network).unwrap();
        critical_weights(scene, edge).unwrap()
    }

    #[test]
    fn relu_in_place_of_sigmoid_lets_much_more_through_and_in_place_of_itself_the_same() {
        assert!(with_scene(Activation::Sigmoid, "glorot_uniform", relu).unwrap() > 2.0);
        assert_eq!(with_scene(Activation::Relu, "he_normal", relu), Ok(0.0));
    }

    #[test]
    fn after_a_counterfactual_the_scene_is_as_before() {
        let (before, after) = with_scene(Activation::Sigmoid, "glorot_uniform", |scene| {
            let before = first_delta(scene);
            relu(scene).unwrap();
            at_the_edge(scene);
            (before, first_delta(scene))
        });
        assert_eq!(before, after);
    }

    #[test]
    fn tanh_with_weights_that_are_too_small_gains_by_critical_ones() {
        let gain = with_scene(Activation::Tanh, "normal(0.05)", at_the_edge);
        assert!(gain > 5.0, "{gain}");
    }

    #[test]
    fn a_question_is_given_up_when_the_flag_is_raised() {
        let given_up = Err(Unanswered::Interrupted(Interrupted));
        let asked = with_scene(Activation::Tanh, "normal(0.05)", |scene| {
            scene.interrupt.store(true, std::sync::atomic::Ordering::Relaxed);
            let edge = edge_of_chaos(scene.network).unwrap();
            [relu(scene), critical_weights(scene, edge)]
        });
        assert_eq!(asked, [given_up.clone(), given_up]);
    }
}
