//! `headwater data`: what can be trained on.

use std::process::ExitCode;

use anyhow::Context;
use clap::{ArgAction, Args, Subcommand};
use headwater_data::{
    Availability, ColumnRole, Description, InputStatistics, Missing, Request, Scale, Separator, Source,
    TableDescription,
};
use headwater_lab::Experiment;

use crate::{output, table};

/// Datasets of at least this many bytes are announced, because loading them takes a while.
const LARGE: u64 = 32_000_000;
/// How many columns of a table are shown, and how many texts of a column.
const COLUMNS: usize = 20;
const TEXTS: usize = 6;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the datasets in the box, on this machine, and where to get the rest
    List {
        /// Print one JSON object for each dataset
        #[arg(long)]
        json: bool,
    },
    /// Read a whole dataset, and report what is in it and how it was understood
    Check(Check),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// mnist, blobs, circles, or a path: a folder of IDX files, a table (.csv, .tsv, .txt, .data) or an .npz file
    name: String,
    /// The column of a table that holds the label: its name, or its number from 1 without a header (data.label)
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// Leave out this column of a table; can be given several times (data.ignore)
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// The separator between the cells of a table: comma, semicolon, tab or pipe [default: detected] (data.separator)
    #[arg(long, value_name = "SEPARATOR")]
    separator: Option<Separator>,
    /// Whether the first row of a table names the columns: true or false [default: detected] (data.header)
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    header: Option<bool>,
    /// What to do with missing values: refuse, drop or mean (data.missing)
    #[arg(long, value_name = "HOW", default_value_t)]
    missing: Missing,
    /// Scale the inputs: none, minmax or standardise (data.scale)
    #[arg(long, value_name = "HOW", default_value_t)]
    scale: Scale,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List { json } => list(*json)?,
        Command::Check(arguments) => check(arguments)?,
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

/// Announces that the data of an experiment is being read, if that may take a while.
pub(crate) fn announce(experiment: &Experiment) {
    let mut told: Vec<&Source> = Vec::new();
    for source in experiment.scenarios.iter().map(|scenario| &scenario.config.data.source) {
        if !told.contains(&source) {
            announce_source(source);
            told.push(source);
        }
    }
}

fn announce_source(source: &Source) {
    let bytes = source.bytes_on_disk();
    if bytes >= LARGE {
        output::message(&format!("reading {source} ({} MB)", bytes / 1_000_000));
    }
}

fn check(arguments: &Check) -> anyhow::Result<()> {
    let Check { name, label, ignore, separator, header, missing, scale, json } = arguments;
    let source: Source = name.parse()?;
    announce_source(&source);
    let request = Request {
        label_column: label.clone(),
        ignore: ignore.clone(),
        separator: *separator,
        header: *header,
        missing: *missing,
        scale: *scale,
        ..Request::new(source)
    };
    let dataset = headwater_data::load(&request).with_context(|| format!("{name} cannot be trained on"))?;
    let description = dataset.describe();
    if *json { output::json(&description) } else { Ok(output::line(&in_words(&description))?) }
}

fn in_words(description: &Description) -> String {
    let Description { name, classes, width, image, splits, inputs, .. } = description;
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
    let (classes, width) = (output::count(*classes as u64, "class"), output::count(*width as u64, "input"));
    let mut text = format!("{name}: {classes}, {width}{shape}\n{}\n", table::aligned(table));
    if let Some(table) = &description.table {
        text.push_str(&table_in_words(table));
    }
    if description.dropped > 0 {
        let were = if description.dropped == 1 { "was" } else { "were" };
        let samples = output::count(description.dropped as u64, "sample");
        text.push_str(&format!("{samples} {were} dropped, because a value is missing.\n"));
    }
    if description.filled > 0 {
        let filled = output::count(description.filled, "missing value");
        text.push_str(&format!("{filled} became the mean of the training samples.\n"));
    }
    let scaled = match description.scale.as_str() {
        "minmax" => "Scaled to 0..1 over the training samples (minmax).\n",
        "standardise" => "Scaled to mean 0 and variance 1 over the training samples (standardise).\n",
        _ => "",
    };
    text.push_str(scaled);
    text.push_str(&format!(
        "Inputs from {} to {}, mean {:.4}; {:.1} % are zero, and give their weights no gradient.",
        inputs.min,
        inputs.max,
        mean(inputs),
        100.0 * inputs.zero
    ));
    if description.unscaled {
        text.push_str(&format!(
            "\nwarning: the inputs are about {} in size (root mean square), where about 1 is expected; scale them: \
             data.scale = \"standardise\"{}",
            figure(inputs.rms),
            if scaled.is_empty() { ", here --scale standardise" } else { "" }
        ));
    }
    text
}

/// Describes how a table was read and what became of its columns.
fn table_in_words(description: &TableDescription) -> String {
    let separator = match description.separator {
        Separator::Comma => "commas",
        Separator::Semicolon => "semicolons",
        Separator::Tab => "tabs",
        Separator::Pipe => "vertical bars",
    };
    let header = if description.header { "with a header" } else { "without a header (columns are numbered from 1)" };
    let encoding = serde_json::to_value(description.encoding).ok();
    let encoding = encoding.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    let comma = if description.decimal_comma { ", decimal commas" } else { "" };
    let mut text = format!("Table separated by {separator}, {header}, {encoding}{comma}.\n");

    let mut table = table::ruled();
    table.set_header(["column", "role", "missing", "min", "max", "mean"]);
    for column in description.columns.iter().take(COLUMNS) {
        let (role, statistics) = match &column.role {
            ColumnRole::Label if description.classes.is_empty() => ("label: class numbers".to_owned(), None),
            ColumnRole::Label => (format!("label: {}", listed(&description.classes)), None),
            ColumnRole::Ignored => ("ignored".to_owned(), None),
            ColumnRole::Number { statistics } => ("number".to_owned(), Some(statistics)),
            ColumnRole::OneHot { texts } => (format!("one-hot: {}", listed(texts)), None),
        };
        let of = |value: fn(&InputStatistics) -> f64| statistics.map_or_else(String::new, |all| figure(value(all)));
        table.add_row([
            output::plain(&column.name),
            role,
            column.missing.to_string(),
            of(|all| f64::from(all.min)),
            of(|all| f64::from(all.max)),
            of(mean),
        ]);
    }
    text.push_str(&table::aligned(table));
    text.push('\n');
    if let Some(more) = description.width.checked_sub(COLUMNS).filter(|more| *more > 0) {
        text.push_str(&format!("... and {}\n", output::count(more as u64, "more column")));
    }
    text
}

/// The first few texts, each on one line and shortened.
fn listed(texts: &[String]) -> String {
    let short = |text: &String| {
        let plain = output::plain(text);
        if plain.chars().count() > 20 { plain.chars().take(20).chain("...".chars()).collect() } else { plain }
    };
    let first = texts.iter().take(TEXTS).map(short).collect::<Vec<String>>().join(", ");
    if texts.len() > TEXTS { format!("{first}, ... ({} in all)", texts.len()) } else { first }
}

/// The mean, with 0 in place of the rounding error around 0.
fn mean(inputs: &InputStatistics) -> f64 {
    if inputs.mean.abs() < 1e-6 * inputs.rms { 0.0 } else { inputs.mean }
}

/// A number with about four digits.
fn figure(number: f64) -> String {
    let digits = match number.abs() {
        0.0 => return "0".to_owned(),
        size if !(1e-3..1e6).contains(&size) => return format!("{number:.2e}"),
        size if size >= 1000.0 => 0,
        size if size >= 10.0 => 1,
        _ => 3,
    };
    format!("{number:.digits$}")
}
