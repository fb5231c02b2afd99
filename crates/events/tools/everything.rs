//! Writes one of everything, with known numbers, for a check against `TensorBoard`:
//!
//! ```text
//! cargo run -p headwater-events --example everything -- FOLDER
//! tests/tensorboard/check.py FOLDER/log --expected FOLDER/expected.json
//! ```
//!
//! `FOLDER/log` must not exist yet. `FOLDER/expected.json` says what a reader should find, run by run.

use std::{error::Error, f32::consts::TAU, fs, path::PathBuf};

use headwater_events::{Audio, Bucket, Ending, Graph, HParamValue, HParams, Image, Node, Pixels, Writer};
use serde_json::{Value, json};

/// More than the 1000 scalars that `TensorBoard` keeps of a series if it is not told otherwise.
const SCALARS: i64 = 1500;
/// More than the 500 histograms.
const HISTOGRAMS: i64 = 600;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: everything FOLDER")?);
    let log = folder.join("log");
    fs::create_dir_all(&folder)?;
    fs::create_dir(&log).map_err(|error| format!("{}: {error}; give a fresh folder", log.display()))?;
    let mut expected = serde_json::Map::new();
    for (run, slope) in [("sigmoid/seed-0", 0.25), ("relu/seed-0", 1.0)] {
        let mut writer = Writer::create(&log.join(run))?;
        expected.insert(run.to_owned(), write_run(&mut writer, run, slope)?);
        writer.session_end(Ending::Success)?;
        writer.close()?;
    }
    fs::write(folder.join("expected.json"), serde_json::to_string_pretty(&expected)?)?;
    Ok(())
}

/// Writes a run and returns what is in it.
fn write_run(writer: &mut Writer, run: &str, slope: f32) -> Result<Value, Box<dyn Error>> {
    let (activation, _) = run.split_once('/').ok_or("a run is activation/seed")?;
    writer.hparams(&HParams {
        group: activation.to_owned(),
        values: vec![
            ("activation".to_owned(), HParamValue::Text(activation.to_owned())),
            ("slope".to_owned(), HParamValue::Number(f64::from(slope))),
            ("bias".to_owned(), HParamValue::Bool(true)),
        ],
        metrics: vec!["loss".to_owned()],
    })?;
    writer.graph(&graph(activation))?;
    writer.text(0, "config", &format!("activation **{activation}**"))?;

    let mut loss = Vec::new();
    for step in 0..SCALARS {
        let value = slope / (step + 1) as f32;
        writer.scalar(step, "loss", value)?;
        loss.push(json!([step, value]));
    }
    // JSON has no such numbers; TensorBoard's answers spell them like this.
    let odd = [(0, f32::NAN, "NaN"), (1, f32::INFINITY, "Infinity"), (2, f32::NEG_INFINITY, "-Infinity")];
    for (step, value, _) in odd {
        writer.scalar(step, "gradient/mean_abs/layer1", value)?;
    }
    let odd: Vec<Value> = odd.iter().map(|(step, _, name)| json!([step, name])).collect();

    let mut histograms = Vec::new();
    for step in 0..HISTOGRAMS {
        let buckets = buckets(f64::from(slope) * (step + 1) as f64);
        writer.histogram(step, "gradient/layer1", &buckets)?;
        let rows: Vec<_> = buckets.iter().map(|bucket| [bucket.left, bucket.right, bucket.count]).collect();
        histograms.push(json!([step, rows]));
    }

    let gray: Vec<u8> = (0..28 * 14).map(|i| (i % 256) as u8).collect();
    let rgb: Vec<u8> = (0..3 * 4 * 2).map(|i| (i * 10) as u8).collect();
    writer.image(3, "weight/layer1", &Image { width: 28, height: 14, pixels: Pixels::Gray(gray.clone()) })?;
    writer.image(3, "curve", &Image { width: 4, height: 2, pixels: Pixels::Rgb(rgb.clone()) })?;
    let samples: Vec<f32> = (0..800).map(|i| (i as f32 * TAU * 440.0 / 8000.0).sin()).collect();
    writer.audio(3, "loss as a tone", &Audio { sample_rate: 8000, samples: &samples })?;

    Ok(json!({
        "scalars": { "loss": loss, "gradient/mean_abs/layer1": odd },
        "histograms": { "gradient/layer1": histograms },
        "text": { "config": [[0, format!("<p>activation <strong>{activation}</strong></p>")]] },
        "images": {
            "weight/layer1": { "step": 3, "width": 28, "height": 14, "mode": "L", "pixels": gray },
            "curve": { "step": 3, "width": 4, "height": 2, "mode": "RGB", "pixels": rgb },
        },
        "audio": { "loss as a tone": { "step": 3, "sample_rate": 8000, "samples": 800 } },
        "hparams": { "activation": activation, "slope": slope, "bias": true },
        "group": activation,
        "status": "STATUS_SUCCESS",
        "graph": { "input": [], "layer1/dense": ["input"], format!("layer1/{activation}"): ["layer1/dense"] },
    }))
}

/// Three buckets that touch, around zero.
fn buckets(scale: f64) -> [Bucket; 3] {
    [
        Bucket { left: -scale, right: 0.0, count: 3.0 },
        Bucket { left: 0.0, right: scale / 3.0, count: 2.5 },
        Bucket { left: scale / 3.0, right: scale, count: 0.0 },
    ]
}

fn graph(activation: &str) -> Graph {
    Graph {
        nodes: vec![
            Node {
                name: "input".to_owned(),
                op: "Input".to_owned(),
                output_shape: Some(vec![-1, 784]),
                ..Node::default()
            },
            Node {
                name: "layer1/dense".to_owned(),
                op: "Dense".to_owned(),
                inputs: vec!["input".to_owned()],
                output_shape: Some(vec![-1, 10]),
                attributes: vec![("parameters".to_owned(), "7850".to_owned())],
            },
            Node {
                name: format!("layer1/{activation}"),
                op: activation.to_owned(),
                inputs: vec!["layer1/dense".to_owned()],
                output_shape: Some(vec![-1, 10]),
                ..Node::default()
            },
        ],
    }
}
