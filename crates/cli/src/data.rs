//! `headwater data`: what can be trained on.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use headwater_data::{Availability, Description, Request, Source};

use crate::output;

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
    let mut table = new_table(&["data.source", "what it is", "samples", "classes", "inputs", "here?", "from where"]);
    let number = |number: Option<usize>| number.map_or_else(|| "any".to_owned(), |number| number.to_string());
    for entry in entries {
        table.add_row([
            entry.name.to_owned(),
            entry.about.to_owned(),
            number(entry.samples),
            number(entry.classes),
            number(entry.width),
            match entry.availability {
                Availability::InTheBox => "in the box",
                Availability::OnDisk => "on disk",
                Availability::NotInstalled => "not yet",
                Availability::Yours => "yours",
            }
            .to_owned(),
            entry.origin.to_owned(),
        ]);
    }
    Ok(output::line(&table.to_string())?)
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
    let mut table = new_table(&["split", "samples", "smallest class", "largest class"]);
    for split in splits {
        let (smallest, largest) = (split.per_class.iter().min(), split.per_class.iter().max());
        table.add_row([
            split.name.to_owned(),
            split.samples.to_string(),
            smallest.map_or_else(String::new, usize::to_string),
            largest.map_or_else(String::new, usize::to_string),
        ]);
    }
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!(
        "{name}: {classes} classes, {width} inputs{shape}\n{table}\n\
         Inputs from {} to {}, mean {:.4}; {:.1} % are zero, and give their weights no gradient.",
        inputs.min,
        inputs.max,
        inputs.mean,
        100.0 * inputs.zero
    )
}

fn new_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(100);
    table.set_header(header);
    table
}
