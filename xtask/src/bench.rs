//! Training beside the frameworks that a user would take instead: the same networks, in one run, one after the other.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tools::{cargo, command, python, root, target};

/// A network: hidden widths, samples in a batch, and as many steps as we make in a few seconds.
struct Row {
    name: &'static str,
    hidden: &'static str,
    batch: &'static str,
    steps: &'static str,
}

const ROWS: [Row; 4] = [
    Row { name: "784-10x5-10, batch 30", hidden: "10x5", batch: "30", steps: "100000" },
    Row { name: "784-100x50-10, batch 100", hidden: "100x50", batch: "100", steps: "2000" },
    Row { name: "784-300x20-10, batch 128", hidden: "300x20", batch: "128", steps: "400" },
    Row { name: "784-512-512-10, batch 128", hidden: "512-512", batch: "128", steps: "1600" },
];

/// Who else: name, Python environment, program, and a last argument.
const PEERS: [(&str, &str, &str, &[&str]); 4] = [
    ("JAX, nothing recorded", "jax", "jax_scan.py", &["bare"]),
    ("JAX", "jax", "jax_scan.py", &[]),
    ("PyTorch", "torch", "torch_eager.py", &[]),
    ("TensorFlow 1", "tensorflow", "tensorflow_graph.py", &[]),
];

/// How long a peer is measured for, in seconds, after it has warmed up.
const SECONDS: &str = "3";

/// Measures every network in every program, `rounds` times in turn, on one core and with a process on every core, and
/// prints steps a second and how many times ours that is.
pub(crate) fn run(rounds: usize) -> Result<()> {
    cargo(&["build", "--release", "-p", "headwater"])?;
    let pythons = ["jax", "torch", "tensorflow"].map(|name| {
        let requirements = format!("bench/peers/{name}.txt");
        python(&format!("bench-{name}"), &["-r", &requirements]).map(|programs| (name, programs.join("python")))
    });
    let pythons = pythons.into_iter().collect::<Result<Vec<_>>>()?;
    let python_of = |wanted: &str| pythons.iter().find(|(name, _)| *name == wanted).map(|(_, path)| path);
    let cores = std::thread::available_parallelism()?.get();
    for processes in if cores > 1 { vec![1, cores] } else { vec![1] } {
        println!(
            "\n{}\n",
            if processes == 1 { "One core:".to_owned() } else { format!("{processes} processes, one a core:") }
        );
        println!("| network | program | steps/s: median (least to most) | ours over it |\n|---|---|---|---|");
        for row in &ROWS {
            let mut speeds = vec![Vec::new(); 1 + PEERS.len()];
            for round in 0..rounds {
                speeds[0].push(together(processes, |core| ours(row, core, round))?);
                for (speeds, (_, environment, program, arguments)) in speeds[1..].iter_mut().zip(PEERS) {
                    let python = python_of(environment).context("no such environment")?;
                    speeds.push(together(processes, |core| Ok(peer(row, core, python, program, arguments)))?);
                }
            }
            for (name, own) in ["Headwater"].into_iter().chain(PEERS.map(|peer| peer.0)).zip(&speeds) {
                let ratios: Vec<f64> = speeds[0].iter().zip(own).map(|(ours, theirs)| ours / theirs).collect();
                println!("| {} | {name} | {} | {} |", row.name, spread(own, 0), spread(&ratios, 2));
            }
        }
    }
    Ok(())
}

/// Starts a program on each of the first cores at once, and adds up their steps a second.
fn together(processes: usize, start: impl Fn(usize) -> Result<Command>) -> Result<f64> {
    let children: Vec<Result<Child>> = (0..processes)
        .map(|core| {
            let mut command = start(core)?;
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            child.with_context(|| format!("cannot start {command:?}"))
        })
        .collect();
    // All of them are waited for, whatever became of one.
    let speeds: Vec<Result<f64>> = children.into_iter().map(|child| steps_per_second(child?)).collect();
    speeds.into_iter().sum()
}

/// What a program says of itself in the first JSON object on its standard output.
fn steps_per_second(child: Child) -> Result<f64> {
    let output = child.wait_with_output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "a program failed: {}\n{error}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.starts_with('{')).context("a program printed no JSON")?;
    let answer: Value = serde_json::from_str(line)?;
    let number = |key: &str| answer[key].as_f64();
    let speed = number("steps_per_second").or_else(|| Some(number("steps")? / number("seconds")?));
    speed.with_context(|| format!("no speed in {line}"))
}

/// Our program as a user starts it: watched, with everything recorded every 200 steps. Held-out data, which the peers do
/// not look at, are left out.
fn ours(row: &Row, core: usize, round: usize) -> Result<Command> {
    let logdir = target().join(format!("bench/{core}-{round}"));
    if logdir.exists() {
        std::fs::remove_dir_all(&logdir)?;
    }
    let hidden: Vec<String> = row
        .hidden
        .split('-')
        .flat_map(|part| {
            let (width, count) = part.split_once('x').unwrap_or((part, "1"));
            std::iter::repeat_n(width.to_owned(), count.parse().unwrap_or(1))
        })
        .collect();
    let mut program = pinned(core, &target().join("release/headwater"));
    program.args(["train", "--json", "--threads", "1", "--set", "data.validation=0"]);
    for setting in [
        format!("network.hidden=[{}]", hidden.join(",")),
        "network.activation=sigmoid".to_owned(),
        format!("train.batch_size={}", row.batch),
        format!("train.steps={}", row.steps),
    ] {
        program.args(["--set", &setting]);
    }
    program.arg("--logdir").arg(logdir);
    Ok(program)
}

fn peer(row: &Row, core: usize, python: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = pinned(core, python);
    command.arg(root().join("bench/peers").join(program)).args([row.hidden, row.batch, SECONDS]).args(arguments);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A program that runs on one core only, and is not led to start more threads than that.
fn pinned(core: usize, program: &Path) -> Command {
    let mut command = command("taskset", &["-c", &core.to_string()]);
    command.arg::<PathBuf>(std::path::absolute(program).unwrap_or_else(|_| program.to_owned()));
    command.env("OMP_NUM_THREADS", "1");
    command
}

/// "123 (110 to 130)".
fn spread(values: &[f64], digits: usize) -> String {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let [least, median, most] = [0, values.len() / 2, values.len() - 1].map(|index| values[index]);
    format!("{median:.digits$} ({least:.digits$} to {most:.digits$})")
}
