//! `headwater curves`: an activation and its derivative, as a picture.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use headwater_nn::Activation;
use textplots::{Chart, Plot, Shape};

use crate::{output, picture};

/// The pre-activations that are drawn.
pub(crate) const RANGE: f32 = 6.0;
/// Size of a curve in the terminal, in dots; a character holds 2 x 4.
const DOTS: (u32, u32) = (72, 44);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The activations to draw [default: those of the experiment]
    #[arg(value_name = "ACTIVATION")]
    activations: Vec<String>,
    /// Draw into this file instead, as SVG or PNG by its ending
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut activations = arguments.activations.iter().map(|name| name.parse()).collect::<Result<Vec<_>, _>>()?;
    if activations.is_empty() {
        activations = vec![Activation::Sigmoid, Activation::Relu, Activation::LeakyRelu { slope: 0.2 }];
    }
    match &arguments.out {
        Some(path) => {
            picture::curves(&activations, path)?;
            output::message(&format!("drawn to {}", path.display()));
        }
        None => {
            for activation in activations {
                output::line(&in_characters(activation))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// f and f' side by side.
fn in_characters(activation: Activation) -> String {
    let f = chart(&|z| activation.f(z));
    let df = chart(&|z| activation.df(z));
    let steepest = activation.steepest_slope();
    let width = f.iter().map(|line| line.chars().count()).max().unwrap_or(0) + 3;
    let title = format!("{activation}: f(z)");
    let mut text = format!("{title:width$}f'(z), at most {steepest}\n");
    for row in 0..f.len().max(df.len()) {
        let at = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
        let (left, right) = (at(&f), at(&df));
        text.push_str(format!("{left:width$}{right}").trim_end());
        text.push('\n');
    }
    text
}

fn chart(function: &dyn Fn(f32) -> f32) -> Vec<String> {
    let (least, most) = bounds(function);
    let mut chart = Chart::new_with_y_range(DOTS.0, DOTS.1, -RANGE, RANGE, least, most);
    let shape = Shape::Continuous(Box::new(function));
    let chart = chart.lineplot(&shape);
    chart.axis();
    chart.figures();
    chart.to_string().lines().map(str::to_owned).collect()
}

/// The smallest and the largest value over the range, a little apart from the frame.
pub(crate) fn bounds(function: &dyn Fn(f32) -> f32) -> (f32, f32) {
    let values = || (-100..=100).map(|i| function(RANGE * i as f32 / 100.0));
    let (least, most) = (values().fold(0.0, f32::min), values().fold(0.0, f32::max));
    let margin = 0.05 * (most - least).max(0.1);
    (least - margin, most + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activation_is_drawn_with_its_name_and_its_steepest_slope() {
        for activation in Activation::ALL {
            let text = in_characters(activation);
            assert!(text.starts_with(&activation.to_string()), "{text}");
            assert!(text.contains(&activation.steepest_slope().to_string()), "{text}");
            assert!(text.lines().count() > 10, "{text}");
        }
    }
}
