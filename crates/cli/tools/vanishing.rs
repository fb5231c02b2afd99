//! Draws the picture in the README from the output of `headwater train --json`. Run it with `cargo xtask picture`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use headwater_lab::Quantiles;
use plotters::prelude::*;
use plotters::style::FontStyle;
use serde_json::Value;

const SIZE: (u32, u32) = (760, 400);
/// Blue, orange and green. All kinds of colour vision can tell them apart.
const COLOURS: [RGBColor; 3] = [RGBColor(33, 102, 172), RGBColor(230, 97, 1), RGBColor(27, 158, 119)];

type ByScenario<T> = BTreeMap<String, T>;

/// Reads the lines from standard input and draws into the file named by the first argument.
fn main() -> Result<()> {
    let path = std::env::args_os().nth(1).context("expected the name of the file to draw into")?;
    draw(&io::read_to_string(io::stdin())?, Path::new(&path))
}

/// Draws mean |gradient| by layer: the median over seeds, and the range from 5 to 95 %.
fn draw(lines: &str, path: &Path) -> Result<()> {
    let Measured { seeds, profiles, falls } = measured(lines)?;
    let font = include_bytes!("../assets/DejaVuSans-subset.ttf");
    ensure!(plotters::style::register_font("sans-serif", FontStyle::Normal, font).is_ok(), "the font cannot be read");
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let layers = profiles.values().map(Vec::len).max().unwrap_or(1);
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("mean |gradient| of each layer's weights, {seeds} seeds"), ("sans-serif", 17))
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(64)
        .build_cartesian_2d(0.75..layers as f64 + 0.25, (2e-4..0.2).log_scale())?;
    chart
        .configure_mesh()
        .x_labels(layers)
        .x_label_formatter(&|layer| format!("layer{layer:.0}"))
        .y_label_formatter(&|size| format!("{size:.0e}"))
        .light_line_style(WHITE)
        .label_style(("sans-serif", 13))
        .draw()?;
    // The order of the experiment, not alphabetical order.
    for (name, colour) in ["sigmoid", "relu", "leaky_relu"].into_iter().zip(COLOURS) {
        let profile = profiles.get(name).with_context(|| format!("no runs of {name}"))?;
        let at = |value: fn(&Quantiles) -> f64| (1..).zip(profile).map(move |(layer, q)| (f64::from(layer), value(q)));
        let band: Vec<_> = at(|q| q.p5).chain(at(|q| q.p95).collect::<Vec<_>>().into_iter().rev()).collect();
        chart.draw_series([Polygon::new(band, colour.mix(0.15))])?;
        let fall = falls.get(name).with_context(|| format!("no attenuation of {name}"))?.median;
        chart
            .draw_series(LineSeries::new(at(|q| q.median), colour.stroke_width(2)))?
            .label(format!("{name}: falls {fall:.0}-fold"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .label_font(("sans-serif", 13))
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(area.present()?)
}

/// What the lines contain.
struct Measured {
    /// Runs per scenario.
    seeds: usize,
    /// Quantiles, over the runs, of each layer's mean |gradient|.
    profiles: ByScenario<Vec<Quantiles>>,
    /// Quantiles, over the runs, of the attenuation.
    falls: ByScenario<Quantiles>,
}

fn measured(lines: &str) -> Result<Measured> {
    let mut runs: ByScenario<Vec<Vec<f64>>> = BTreeMap::new();
    let mut falls: ByScenario<Vec<f64>> = BTreeMap::new();
    for line in lines.lines() {
        let report: Value = serde_json::from_str(line)?;
        if let (Some(scenario), Some(layers)) = (report["scenario"].as_str(), report["gradient_mean_abs"].as_array()) {
            let layers = layers.iter().filter_map(Value::as_f64).collect();
            runs.entry(scenario.to_owned()).or_default().push(layers);
            falls.entry(scenario.to_owned()).or_default().extend(report["attenuation"].as_f64());
        }
    }
    let seeds = runs.values().map(Vec::len).max().unwrap_or(0);
    let quantiles = |runs: Vec<Vec<f64>>| {
        (0..runs[0].len()).filter_map(|layer| Quantiles::of(runs.iter().map(|run| run[layer]))).collect()
    };
    let falls = falls.into_iter().filter_map(|(scenario, falls)| Some((scenario, Quantiles::of(falls)?)));
    let profiles = runs.into_iter().map(|(scenario, runs)| (scenario, quantiles(runs))).collect();
    Ok(Measured { seeds, profiles, falls: falls.collect() })
}
