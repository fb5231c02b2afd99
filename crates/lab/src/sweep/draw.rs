//! From the section `[sweep]` to the configurations of the trials.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::axis::Axis;
use super::config::{MOST_RUNS, Method, SweepConfig};
use super::sample;
use crate::detail::Detail;
use crate::overrides::merge;
use crate::{Config, experiment};

/// Lays `sweep.KEY=VALUE` over the section.
pub(crate) fn set(section: &mut Value, assignment: &str) -> Result<(), String> {
    let (key, text) = assignment.split_once('=').ok_or("expected KEY=VALUE")?;
    let text = text.trim();
    let value = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut table| table.remove("value"));
    let value = value.unwrap_or_else(|| Value::String(text.to_owned()));
    let Value::Table(section) = section else { return Ok(()) };
    let key = key.trim().trim_start_matches("sweep.");
    match key.strip_prefix("keys.") {
        None => section.insert(key.to_owned(), value),
        Some(swept) => {
            let keys = section.entry("keys").or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(keys) = keys else { return Ok(()) };
            // It may be there in either of the two ways to write it.
            if let Some((section, key)) = swept.split_once('.')
                && let Some(Value::Table(section)) = keys.get_mut(section)
            {
                section.remove(key);
            }
            keys.insert(swept.to_owned(), value)
        }
    };
    Ok(())
}

/// Values of the keys for each trial of one scenario.
pub(crate) fn points(config: &SweepConfig, axes: &BTreeMap<String, Axis>) -> Result<Vec<Vec<Value>>, String> {
    let keys: Vec<String> = axes.keys().cloned().collect();
    let trials = config.trials.unwrap_or(0);
    if trials > MOST_RUNS {
        return Err(format!("sweep.trials: expected at most {MOST_RUNS}, found {trials}"));
    }
    let places = match config.method {
        Method::Grid => return grid(axes),
        Method::Random => sample::random(config.seed, &keys, trials),
        Method::LatinHypercube => sample::latin_hypercube(config.seed, &keys, trials),
    };
    Ok(places.into_iter().map(|row| axes.values().zip(row).map(|(axis, place)| axis.at(place)).collect()).collect())
}

/// Every combination; the last key changes first.
fn grid(axes: &BTreeMap<String, Axis>) -> Result<Vec<Vec<Value>>, String> {
    let mut points = vec![Vec::new()];
    for (key, axis) in axes {
        let values = axis.grid().map_err(|fault| format!("sweep.keys.{key}: {fault}"))?;
        let count = points.len() as u128 * values.len() as u128;
        if count > MOST_RUNS as u128 {
            return Err(format!("sweep.keys: the grid has {count} combinations or more; expected at most {MOST_RUNS}"));
        }
        points = points
            .iter()
            .flat_map(|point| values.iter().map(move |value| [&point[..], std::slice::from_ref(value)].concat()))
            .collect();
    }
    Ok(points)
}

/// The configuration of a trial.
pub(crate) fn resolve(base: &Config, keys: &[String], values: &[Value], detail: Detail) -> Result<Config, String> {
    let mut table = Table::try_from(base).map_err(|error| error.to_string())?;
    for (key, value) in keys.iter().zip(values) {
        let (section, name) = key.split_once('.').ok_or_else(|| format!("there is no key {key:?}"))?;
        let overlay = |value: &Value| {
            let inner = Table::from_iter([(name.to_owned(), value.clone())]);
            Table::from_iter([(section.to_owned(), Value::Table(inner))])
        };
        // Alone first, so that the error names the key.
        experiment::config(overlay(value)).map_err(|message| {
            let hint = if value.is_float() { "; { integers = [a, b] } gives whole numbers" } else { "" };
            let hint = if message.contains("expected a whole number") { hint } else { "" };
            format!("{message}{hint}")
        })?;
        merge(&mut table, overlay(value));
    }
    let mut config = experiment::config(table)?;
    config.fault().map_or(Ok(()), Err)?;
    config.record.histograms &= detail == Detail::All;
    Ok(config)
}
