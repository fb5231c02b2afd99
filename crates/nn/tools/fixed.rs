//! A short training that is always the same, for counting its instructions: `cargo xtask instructions`.
//!
//! Four fifths of the inputs are 0, as of MNIST; layers of ten units, of a hundred, and wide ones.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

use headwater_nn::{
    Activation, Initialiser, LayerShape, Loss, Network, Optimizer, OptimizerState, Real, Targets, Workspace,
    count_correct,
};

const INPUTS: usize = 784;
const CLASSES: usize = 10;

fn main() {
    for (width, hidden, batch, steps) in [(10, 5, 30, 30), (100, 5, 100, 3), (512, 2, 128, 1)] {
        for activation in [Activation::Sigmoid, Activation::Relu] {
            let (loss, correct) = train(width, hidden, batch, steps, activation);
            println!("{hidden} layers of {width}, {activation}: loss {loss}, {correct} of {batch} right");
        }
    }
}

fn train(width: usize, hidden: usize, batch: usize, steps: usize, activation: Activation) -> (Real, usize) {
    let mut shapes = vec![LayerShape::new(width, activation); hidden];
    shapes.push(LayerShape::new(CLASSES, Activation::Identity));
    let mut network = Network::new(INPUTS, &shapes, Loss::SoftmaxCrossEntropy).expect("the shapes are sound");
    network.initialise(Initialiser::GlorotUniform, Initialiser::Zeros, 0);
    let mut workspace = Workspace::new(&network, batch).expect("the batch is small");
    let mut gradients = vec![0.0; network.parameters().len()];
    let adam = Optimizer::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut optimizer = OptimizerState::new(adam, network.parameters().len()).expect("the memory");
    // A linear congruential generator (Knuth's MMIX): the same numbers everywhere.
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as Real / (1_u64 << 24) as Real
    };
    let x: Vec<Real> = (0..batch * INPUTS).map(|_| if draw() < 0.8 { 0.0 } else { draw() }).collect();
    let labels: Vec<u32> = (0..batch as u32).map(|sample| sample % CLASSES as u32).collect();
    let targets = Targets::Labels(&labels);
    let mut result = (0.0, 0);
    for _ in 0..steps {
        let outputs = network.forward_training(&x, &mut workspace);
        result = (network.loss(outputs, targets), count_correct(outputs, CLASSES, &labels));
        network.backward(&x, targets, &mut workspace, &mut gradients, &mut ());
        optimizer.update(network.parameters_mut(), &gradients, 1e-3);
    }
    result
}
