//! `headwater data`: what can be trained on.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use headwater_data::{Availability, Description, Request, Source};

use crate::{output, table};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the datasets in the box, on this machine, and where to get the rest
    List {
        /// Print one JSON object for each dataset
        #[arg(long)]
        json: bool,
    },
    /// Read a dataset whole and say what is in it
    Check {
        /// mnist, blobs, circles, or a path: a folder of IDX files, a .csv file, an .npz file
        name: String,
        /// The column of a CSV file that holds the label
        #[arg(long, value_name = "COLUMN")]
        label: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { json } => list(*json)?,
        Command::Check { name, label, json } => check(name, label.clone(), *json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool) -> anyhow::Result<()> {
    let entries = headwater_data::catalogue();
    if json {
        return entries.iter().try_for_each(output::json);
    }
    let mut text = String::from("Choose one with --set data.source=NAME\n");
    for entry in entries {
        let here = match entry.availability {
            Availability::InTheBox => "in the box",
            Availability::OnDisk => "on this machine",
            Availability::NotInstalled => "not on this machine",
            Availability::Yours => "a file of yours",
        };
        text.push_str(&format!("\n{} ({here})\n    {}\n", entry.name, entry.about));
        if let (Some(samples), Some(classes), Some(width)) = (entry.samples, entry.classes, entry.width) {
            text.push_str(&format!("    {samples} samples, {classes} classes, {width} inputs\n"));
        }
        text.push_str(&format!("    from: {}\n", entry.origin));
    }
    Ok(output::line(text.trim_end())?)
}

fn check(name: &str, label: Option<String>, json: bool) -> anyhow::Result<()> {
    let source: Source = name.parse()?;
    let request = Request { label_column: label, ..Request::new(source) };
    let dataset = headwater_data::load(&request).with_context(|| format!("{name} cannot be trained on"))?;
    let description = dataset.describe();
    if json { output::json(&description) } else { Ok(output::line(&in_words(&description))?) }
}

fn in_words(description: &Description) -> String {
    let Description { name, classes, width, image, splits, inputs } = description;
    let shape = image.map_or_else(String::new, |image| format!(" ({} x {} pixels)", image.height, image.width));
    let mut table = table::ruled();
    table.set_header(["split", "samples", "smallest class", "largest class"]);
    for split in splits {
        let (smallest, largest) = (split.per_class.iter().min(), split.per_class.iter().max());
        table.add_row([
            split.name.to_owned(),
            split.samples.to_string(),
            smallest.map_or_else(String::new, usize::to_string),
            largest.map_or_else(String::new, usize::to_string),
        ]);
    }
    let table = table::aligned(table);
    format!(
        "{name}: {classes} classes, {width} inputs{shape}\n{table}\n\
         Inputs from {} to {}, mean {:.4}; {:.1} % are zero, and give their weights no gradient.",
        inputs.min,
        inputs.max,
        inputs.mean,
        100.0 * inputs.zero
    )
}
