//! What recording costs: `cargo bench -p headwater-lab --bench recording -- [HIDDEN BATCH STEPS]`.
//!
//! The same run, one thread, by `headwater_lab::run`, without validation data: with the first and the last step recorded, with
//! every scalar of every layer at every step, and with the histograms every tenth step.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

use std::num::NonZero;
use std::sync::atomic::AtomicBool;

use headwater_lab::{Experiment, Overrides, Runner};

/// Runs of each kind, in turns.
const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [hidden, batch, steps] = match &arguments[..] {
        [hidden, batch, steps] => [hidden, batch, steps].map(String::as_str),
        // Long enough that the pictures and the counterfactuals, about ten times a run whatever its length, hardly count.
        _ => ["10,10,10,10,10", "30", "50000"],
    };
    let kinds = [
        ("first and last step", steps, "false"),
        ("scalars at every step", "1", "false"),
        ("histograms every 10 steps", "10", "true"),
    ];
    let mut seconds = kinds.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (seconds, (_, every, histograms)) in seconds.iter_mut().zip(kinds) {
            let set = [
                format!("network.hidden=[{hidden}]"),
                format!("train.batch_size={batch}"),
                format!("train.steps={steps}"),
                format!("record.every={every}"),
                format!("record.histograms={histograms}"),
                "network.activation=sigmoid".to_owned(),
                "data.validation=0".to_owned(),
                "data.test=1".to_owned(),
            ];
            seconds.push(trained(&Overrides { set: set.into(), ..Overrides::default() }));
        }
    }
    let medians = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[ROUNDS / 2]
    });
    let steps: f64 = steps.parse().expect("the steps are a number");
    for ((name, ..), median) in kinds.iter().zip(medians) {
        let more = 100.0 * (median / medians[0] - 1.0);
        println!("{name:<26} {:>9.0} steps/s, {:>8.2} us a step, {more:>+6.1} %", steps / median, 1e6 * median / steps);
    }
}

/// The seconds that a run took.
fn trained(overrides: &Overrides) -> f64 {
    let experiment = Experiment::load("vanishing", overrides).expect("the settings are right");
    let logdir = tempfile::tempdir().expect("there is a temporary folder");
    let one = NonZero::<usize>::MIN;
    let runner = Runner {
        experiment: &experiment,
        seeds: NonZero::<u32>::MIN,
        threads: Some(one),
        logdir: logdir.path(),
        watching: None,
    };
    let results = headwater_lab::run(&runner, &AtomicBool::new(false), &|_| ()).expect("the folder can be written");
    results[0].as_ref().expect("the run goes through").seconds
}
