//! How many training steps a second one core makes, and where the time goes:
//! `cargo bench -p headwater-lab --bench steps -- [HIDDEN BATCH STEPS ACTIVATION]`, for instance `512,512 128 1 relu`;
//! `STEPS` is the steps of one round.
//! Without arguments, four networks on MNIST.
//!
//! A step gathers its batch, computes the outputs, the loss and the accuracy, goes back, and updates with Adam: what
//! `headwater train` does between two records.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use headwater_data::{Batches, Dataset, Request, Samples, Source, load};
use headwater_nn::{
    Activation, Initialiser, InstructionSet, LayerShape, Loss, Network, OptimizerState, Targets, Workspace,
    count_correct,
};

/// Rounds of a measurement. They are short, so that others on the machine disturb only some of them.
const ROUNDS: usize = 101;
/// Processor time that a figure of whole steps is taken over.
const WHOLE: Duration = Duration::from_millis(1500);
const PHASES: [&str; 4] = ["gather", "forward", "backward", "update"];

struct Case {
    hidden: Vec<usize>,
    batch: usize,
    steps: usize,
    activation: Activation,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let cases = match &arguments[..] {
        [hidden, batch, steps, activation] => vec![Case {
            hidden: hidden.split(',').map(|width| width.parse().expect("widths are numbers")).collect(),
            batch: batch.parse().expect("the batch is a number"),
            steps: steps.parse().expect("the steps are a number"),
            activation: activation.parse().expect("an activation"),
        }],
        _ => {
            [([10].repeat(5), 30, 5), ([100].repeat(50), 100, 1), ([300].repeat(20), 128, 1), ([512].repeat(2), 128, 1)]
                .map(|(hidden, batch, steps)| Case { hidden, batch, steps, activation: Activation::Sigmoid })
                .into()
        }
    };
    let dataset = load(&Request::new(Source::Mnist)).expect("the box has MNIST");
    println!(
        "{}, one thread; steps/s in processor time, phases: lower quartile of {ROUNDS} rounds",
        InstructionSet::detected()
    );
    for case in cases {
        measure(&case, &dataset);
    }
}

fn measure(case: &Case, dataset: &Dataset) {
    let mut run = Run::new(case, dataset);
    run.steps(case.steps);
    let started = processor_time();
    let mut made = 0;
    while processor_time().saturating_sub(started) < WHOLE {
        run.steps(case.steps);
        made += case.steps;
    }
    let whole = processor_time().saturating_sub(started) / made as u32 * case.steps as u32;
    let mut phases: [Vec<Duration>; PHASES.len()] = Default::default();
    for _ in 0..ROUNDS {
        for (times, time) in phases.iter_mut().zip(run.phases(case.steps)) {
            times.push(time);
        }
    }
    let per_step = |time: Duration| 1e6 * time.as_secs_f64() / case.steps as f64;
    let widths: Vec<String> = case.hidden.iter().map(usize::to_string).collect();
    println!("784-{}-10, {}, batch {}", widths.join("-"), case.activation, case.batch);
    println!("    {:>8.0} steps/s, {:.1} us a step", 1e6 / per_step(whole), per_step(whole));
    for (name, times) in PHASES.iter().zip(&mut phases) {
        println!("    {name:<9}{:>9.2} us", per_step(quartile(times)));
    }
}

/// The time that this thread was on a processor; where the system does not say, the time that went by.
fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let nanoseconds = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn quartile(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 4]
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// What a training run holds between its steps.
struct Run<'a> {
    samples: &'a Samples,
    batches: Batches,
    indices: Vec<u32>,
    inputs: Vec<f32>,
    labels: Vec<u32>,
    network: Network,
    workspace: Workspace,
    gradients: Vec<f32>,
    optimizer: OptimizerState,
}

impl<'a> Run<'a> {
    fn new(case: &Case, dataset: &'a Dataset) -> Self {
        let mut shapes: Vec<_> = case.hidden.iter().map(|&width| LayerShape::new(width, case.activation)).collect();
        shapes.push(LayerShape::new(dataset.classes, Activation::Identity));
        let width = dataset.train.width();
        let mut network = Network::new(width, &shapes, Loss::SoftmaxCrossEntropy).expect("the shapes fit");
        network.initialise(Initialiser::GlorotUniform, Initialiser::Zeros, 0);
        Self {
            samples: &dataset.train,
            batches: Batches::new(dataset.train.len(), 0),
            indices: vec![0; case.batch],
            inputs: vec![0.0; case.batch * width],
            labels: vec![0; case.batch],
            workspace: Workspace::new(&network, case.batch).expect("the batch fits"),
            gradients: vec![0.0; network.parameters().len()],
            optimizer: OptimizerState::new("adam".parse().expect("an optimizer"), network.parameters().len())
                .expect("the memory"),
            network,
        }
    }

    fn gather(&mut self) {
        self.batches.next(&mut self.indices);
        self.samples.gather(&self.indices, &mut self.inputs, &mut self.labels);
    }

    fn forward(&mut self) {
        let outputs = self.network.forward_training(&self.inputs, &mut self.workspace);
        let correct = count_correct(outputs, self.network.outputs(), &self.labels);
        std::hint::black_box((correct, self.network.loss(outputs, Targets::Labels(&self.labels))));
    }

    fn backward(&mut self) {
        let targets = Targets::Labels(&self.labels);
        self.network.backward(&self.inputs, targets, &mut self.workspace, &mut self.gradients, &mut ());
    }

    fn update(&mut self) {
        self.optimizer.update(self.network.parameters_mut(), &self.gradients, 1e-3);
    }

    fn steps(&mut self, count: usize) {
        for _ in 0..count {
            self.gather();
            self.forward();
            self.backward();
            self.update();
        }
    }

    /// The time in each phase of so many steps.
    fn phases(&mut self, steps: usize) -> [Duration; 4] {
        let mut times = [Duration::ZERO; 4];
        for _ in 0..steps {
            for (time, phase) in times.iter_mut().zip([Self::gather, Self::forward, Self::backward, Self::update]) {
                *time += timed(|| phase(self));
            }
        }
        times
    }
}
