//! Trains a small network to tell points inside of a circle from those outside: `cargo run -p headwater-nn --example train`.

use headwater_nn::{
    Activation, Initialiser, LayerShape, Loss, Network, OptimizerState, Real, Targets, Workspace, count_correct,
};

/// Trains for so many steps on a batch of 400 points, and returns the share that is classified correctly.
pub(crate) fn train(steps: usize) -> Result<f64, Box<dyn std::error::Error>> {
    // Two inputs, two layers of 16 units, and an output for each class.
    let hidden = LayerShape::new(16, Activation::Relu);
    let output = LayerShape::new(2, Activation::Identity);
    let mut network = Network::new(2, &[hidden, hidden, output], Loss::SoftmaxCrossEntropy)?;
    network.initialise(Initialiser::HeNormal, Initialiser::Zeros, 1);

    // A grid of points, as rows.
    let points: Vec<Real> =
        (0..400).flat_map(|i| [(i % 20) as Real / 10.0 - 0.95, (i / 20) as Real / 10.0 - 0.95]).collect();
    let labels: Vec<u32> = points.chunks(2).map(|p| u32::from(p[0] * p[0] + p[1] * p[1] < 0.5)).collect();

    // All memory is allocated before the first step.
    let mut workspace = Workspace::new(&network, labels.len())?;
    let mut gradients = vec![0.0; network.parameters().len()];
    let mut adam = OptimizerState::new("adam".parse()?, gradients.len())?;
    for _ in 0..steps {
        network.forward_training(&points, &mut workspace);
        // The empty hook `()` looks at nothing. A hook of yours sees every layer's gradient here.
        network.backward(&points, Targets::Labels(&labels), &mut workspace, &mut gradients, &mut ());
        adam.update(network.parameters_mut(), &gradients, 0.01);
    }
    let outputs = network.forward(&points, &mut workspace);
    Ok(count_correct(outputs, 2, &labels) as f64 / labels.len() as f64)
}

#[expect(clippy::print_stdout, reason = "an example for the terminal")]
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:.1} % of the points are classified correctly", 100.0 * train(300)?);
    Ok(())
}
