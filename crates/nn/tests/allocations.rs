//! A training step allocates nothing, whatever the loss, the optimizer and the width.
#![cfg(not(feature = "f64"))]

use headwater_nn::{
    Activation, BranchScale, Clip, Initialiser, LayerShape, Loss, Network, Norm, OptimizerState, Place, Skip, Targets,
    Workspace,
};

#[test]
fn a_step_allocates_nothing() {
    for width in [10, 40] {
        for optimizer in ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"] {
            for loss in [Loss::SoftmaxCrossEntropy, Loss::MeanSquaredError] {
                let shape = |activation| LayerShape::new(width, activation);
                let shapes = [shape(Activation::Gelu), shape(Activation::Relu), shape(Activation::Identity)];
                let mut network = Network::new(20, &shapes, loss).unwrap();
                network.initialise(Initialiser::HeNormal, Initialiser::Zeros, 0);
                let mut workspace = Workspace::new(&network, 8).unwrap();
                let mut gradients = vec![0.0; network.parameters().len()];
                let mut state = OptimizerState::new(optimizer.parse().unwrap(), gradients.len()).unwrap();
                let clip = Clip { norm: Some(1.0), value: Some(0.1) };
                let (x, labels) = (vec![0.5; 8 * 20], [1; 8]);
                let step = || {
                    let y = network.forward(&x, &mut workspace);
                    network.loss(y, Targets::Labels(&labels));
                    network.backward(&x, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut ());
                    clip.apply(&mut gradients);
                    state.update(network.parameters_mut(), &gradients, 1e-3);
                };
                let counted = allocation_counter::measure(step);
                assert_eq!(counted.count_total, 0, "width {width}, {optimizer}, {loss}");
            }
        }
    }
}

#[test]
fn nor_does_one_with_normalisation_skip_connections_and_dropout() {
    for norm in [Norm::Batch, Norm::Layer] {
        for place in [Place::PreActivation, Place::PostActivation] {
            for scale in [BranchScale::One, BranchScale::InverseSqrtDepth, BranchScale::ReZero] {
                let hidden = LayerShape { norm: Some(norm), dropout: 0.1, ..LayerShape::new(10, Activation::Tanh) };
                let end = LayerShape { skip: Some(Skip { source: 0, place, scale }), ..hidden };
                let shapes = [hidden, hidden, end, LayerShape::new(3, Activation::Identity)];
                let mut network = Network::new(20, &shapes, Loss::SoftmaxCrossEntropy).unwrap();
                network.initialise(Initialiser::HeNormal, Initialiser::Zeros, 0);
                let mut workspace = Workspace::new(&network, 8).unwrap();
                workspace.seed_dropout(0);
                let mut gradients = vec![0.0; network.parameters().len()];
                let (x, labels) = (vec![0.5; 8 * 20], [1; 8]);
                let step = || {
                    network.forward_training(&x, &mut workspace);
                    network.backward(&x, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut ());
                };
                let counted = allocation_counter::measure(step);
                assert_eq!(counted.count_total, 0, "{norm:?}, {place:?}, {scale:?}");
            }
        }
    }
}

#[test]
fn the_count_sees_an_allocation() {
    assert!(allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 100]))).count_total > 0);
}
