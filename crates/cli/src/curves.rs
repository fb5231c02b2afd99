//! `headwater curves`: an activation and its derivative, as a picture.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use headwater_nn::Activation;

use crate::{braille, output, picture};

/// The pre-activations that are drawn.
pub(crate) const RANGE: f32 = 6.0;

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
    let (f, f_range) = chart(&|z| activation.f(z));
    let (df, df_range) = chart(&|z| activation.df(z));
    let width = f.iter().map(|line| line.chars().count()).max().unwrap_or(0) + 3;
    let mut text = format!("{activation}, z from -{RANGE} to {RANGE}\n");
    let titles = [(format!("f(z) {f_range}"), format!("f'(z) {df_range}"))];
    for (left, right) in titles.into_iter().chain(f.into_iter().zip(df)) {
        text.push_str(format!("{left:width$}{right}").trim_end());
        text.push('\n');
    }
    text
}

/// The lines of a curve, and the range of its values.
fn chart(function: &dyn Fn(f32) -> f32) -> (Vec<String>, String) {
    let (least, most) = extremes(function);
    let rounded = |value: f32| (value * 10_000.0).round() / 10_000.0;
    let range = format!("from {} to {}", rounded(least), rounded(most));
    (braille::curve(function, (-RANGE, RANGE), window(function)), range)
}

/// The smallest and the largest value over the range.
fn extremes(function: &dyn Fn(f32) -> f32) -> (f32, f32) {
    let values = || (-600..=600).map(|i| function(RANGE * i as f32 / 600.0));
    (values().fold(f32::INFINITY, f32::min), values().fold(f32::NEG_INFINITY, f32::max))
}

/// The values that are drawn: those of the curve and 0.
pub(crate) fn window(function: &dyn Fn(f32) -> f32) -> (f32, f32) {
    let (least, most) = extremes(function);
    (least.min(0.0), most.max(f32::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activation_is_drawn_with_its_name_and_its_ranges() {
        for activation in Activation::ALL {
            let text = in_characters(activation);
            assert!(text.starts_with(&format!("{activation}, z from -6 to 6\n")), "{text}");
            assert!(text.lines().count() > 10, "{text}");
        }
        assert!(in_characters(Activation::Sigmoid).contains("f'(z) from 0.0025 to 0.25"));
    }
}
