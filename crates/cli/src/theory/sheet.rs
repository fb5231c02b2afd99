//! A forecast as a table, a profile and sentences.

use std::f64::consts::LN_10;

use headwater_lab::{Forecast, Scenario};
use headwater_nn::Norm;

use super::factor::factor;
use super::words;
use crate::{braille, output, table};

/// The most columns of a sentence, if the terminal is wide enough.
const WIDTH: usize = 80;
/// Layers that are shown at each end when there are more than can be.
const ENDS: usize = 8;

/// What is told of a scenario.
pub(crate) fn text(scenario: &Scenario, forecast: &Forecast) -> String {
    let mut parts = vec![layers(forecast)];
    if forecast.layers.len() > 2 {
        parts.extend(profile(forecast));
    }
    parts
        .extend(words::sentences(scenario, forecast).iter().map(|sentence| output::paragraph(sentence, WIDTH, "", "")));
    parts.join("\n")
}

/// The table: a line for each layer, first to last.
fn layers(Forecast { layers, prediction, .. }: &Forecast) -> String {
    let norm = layers.iter().any(|layer| layer.norm.is_some());
    let skip = layers.iter().any(|layer| layer.skip.is_some());
    let dropout = layers.iter().any(|layer| layer.dropout > 0.0);
    let deviation = prediction.layers.iter().any(|layer| layer.ln_delta_deviation.is_some());
    let dead = prediction.layers.iter().any(|layer| layer.dead_units.is_some_and(|share| share > 0.0));
    let mut table = table::ruled();
    let optional = [
        (norm, "\nnorm"),
        (skip, "\nskip"),
        (dropout, "\ndropout"),
        (true, "delta\n/ last"),
        (deviation, "\nx or /"),
        (dead, "\ndead"),
    ];
    let shown = |columns: &[(bool, &str)]| {
        columns.iter().filter(|(shown, _)| *shown).map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>()
    };
    let mut header =
        ["\nlayer", "\nfan-in", "\nunits", "\nq", "\nE[f'^2]", "gain\nof W", "\nof f'"].map(str::to_owned).to_vec();
    header.extend(shown(&optional));
    let columns = header.len();
    table.set_header(header);
    let count = layers.len();
    for (index, (layer, expected)) in layers.iter().zip(&prediction.layers).enumerate() {
        if count > 2 * ENDS + 1 && (ENDS..count - ENDS).contains(&index) {
            if index == ENDS {
                let mut row = vec![format!("... {}", count - 2 * ENDS)];
                row.resize(columns, "...".to_owned());
                table.add_row(row);
            }
            continue;
        }
        // What a layer does not have is empty, what it has no number for a dash.
        let gain = |has: bool, gain: Option<f64>| match gain {
            Some(gain) if has => factor(gain),
            _ => "-".to_owned(),
        };
        let gains = expected.gains;
        let is_last = index + 1 == count;
        let share =
            |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", 100.0 * share));
        let spread = expected.ln_delta_deviation.map_or_else(|| "-".to_owned(), factor);
        let mut row = vec![
            format!("layer{}", index + 1),
            layer.fan_in.to_string(),
            layer.fan_out.to_string(),
            factor(expected.ln_q),
            factor(expected.ln_slope_square),
            gain(true, gains.map(|gains| gains.weight)),
            gain(true, gains.map(|gains| gains.activation)),
        ];
        let cells = [
            (norm, gain(layer.norm.is_some(), gains.map(|gains| gains.norm))),
            (skip, gain(true, gains.map(|gains| gains.skip))),
            (dropout, gain(layer.dropout > 0.0, gains.map(|gains| gains.dropout))),
            (true, factor(expected.ln_delta_rms)),
            (deviation, if is_last { "-".to_owned() } else { spread }),
            (dead, share(expected.dead_units)),
        ];
        row.extend(cells.into_iter().filter(|(shown, _)| *shown).map(|(_, text)| text));
        table.add_row(row);
    }
    let mut text = table::aligned(table);
    if count > 2 * ENDS + 1 {
        text.push_str(&format!("\n{} layers in the middle are left out; --json has them all.", count - 2 * ENDS));
    }
    text
}

/// delta over the layers, on a logarithmic axis.
fn profile(Forecast { prediction, .. }: &Forecast) -> Option<String> {
    let powers: Vec<f32> = prediction.layers.iter().map(|layer| (layer.ln_delta_rms / LN_10) as f32).collect();
    let finite = || powers.iter().copied().filter(|power| power.is_finite());
    let (low, high) = (finite().fold(0.0, f32::min), finite().fold(0.0, f32::max));
    // Less than a tenth of a power of ten is a level line, and said so by the table.
    if high - low < 0.1 {
        return None;
    }
    let last = powers.len() - 1;
    let height = |at: f32| {
        let below = (at.floor() as usize).min(last - 1);
        let share = at - below as f32;
        powers[below] * (1.0 - share) + powers[below + 1] * share
    };
    let top = factor(f64::from(high) * LN_10);
    let bottom = factor(f64::from(low) * LN_10);
    let lines = braille::curve(height, (0.0, last as f32), (low, high));
    let mut text = format!("delta / last, from layer1 to layer{}, log scale from {bottom} to {top}", last + 1);
    for line in lines {
        text.push('\n');
        text.push_str(line.trim_end_matches('⠀'));
    }
    Some(text)
}

/// Whether some layer normalises over the batch.
pub(super) fn has_batch_norm(forecast: &Forecast) -> bool {
    forecast.layers.iter().any(|layer| layer.norm == Some(Norm::Batch))
}
