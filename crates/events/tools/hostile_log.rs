//! Writes logs whose names and texts try to be more than names and texts, for the tests of the board's page:
//!
//! ```text
//! cargo run -p headwater-events --example hostile_log -- FOLDER
//! ```
//!
//! Runs and tags are markup, addresses, templates, paths, very long, and in a script that runs from right to left. A
//! page that takes any of it for markup sets `pwned`, a global variable that the tests look for.

use std::{error::Error, path::PathBuf};

use headwater_events::{Bucket, Ending, Graph, HParamValue, HParams, Image, Node, Pixels, Writer};

/// Names of folders; none has a slash in it, since that would be another folder.
const RUNS: [&str; 6] = [
    "<img src=x onerror=pwned=1>",
    "javascript:pwned=1",
    "${pwned=1} & %3Cscript%3E",
    "\u{202e}gnp.exe \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "#flow?runs=*&page='\"",
    "..%2f..%2fetc",
];

const TAGS: [&str; 8] = [
    "<script>pwned=1</script>",
    "\"><svg onload=pwned=1>",
    "gradient/mean_abs/<x-evil>layer1</x-evil>",
    "gradient/mean_abs/../../layer2",
    "constructor",
    "__proto__",
    "a tag\twith\ncontrol \u{7} characters",
    "",
];

const TEXT: &str = "# A heading\n\n<script>pwned=1</script> <img src=x onerror=pwned=1>\n\n\
    [a link](javascript:pwned=1) ![a picture](http://elsewhere.invalid/beacon.png)\n\n\
    <style>body { display: none }</style> <iframe src=\"https://elsewhere.invalid\"></iframe>";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: hostile_log FOLDER")?);
    let long = "long/".repeat(200) + "end";
    for run in RUNS {
        let mut writer = Writer::create(&folder.join(run))?;
        writer.hparams(&HParams {
            group: run.to_owned(),
            values: vec![(TAGS[0].to_owned(), HParamValue::Text(TAGS[1].to_owned()))],
            metrics: vec![TAGS[0].to_owned()],
        })?;
        writer.graph(&graph())?;
        for step in 0..20 {
            for (index, tag) in TAGS.into_iter().chain([long.as_str()]).enumerate() {
                writer.scalar(step, tag, (step as f32 + 1.0) / (index as f32 + 1.0))?;
            }
            for layer in ["<x-evil>one</x-evil>", "<x-evil>two</x-evil>"] {
                let buckets = [
                    Bucket { left: -1.0, right: 0.0, count: step as f64 },
                    Bucket { left: 0.0, right: 1.0, count: 10.0 },
                ];
                writer.histogram(step, &format!("gradient/{layer}"), &buckets)?;
            }
        }
        writer.text(0, "<x-evil>text</x-evil>", TEXT)?;
        writer.image(
            0,
            "<x-evil>image</x-evil>",
            &Image { width: 2, height: 2, pixels: Pixels::Gray(vec![0, 90, 180, 255]) },
        )?;
        writer.session_end(Ending::Success)?;
        writer.close()?;
    }
    Ok(())
}

/// Nodes with hostile names, one of which takes its own output.
fn graph() -> Graph {
    let node = |name: &str, inputs: &[&str]| Node {
        name: name.to_owned(),
        op: TAGS[1].to_owned(),
        inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
        attributes: vec![(TAGS[0].to_owned(), TAGS[1].to_owned())],
        ..Node::default()
    };
    Graph { nodes: vec![node(TAGS[0], &[]), node("__proto__", &[TAGS[0]]), node("itself", &["itself", "nobody"])] }
}
