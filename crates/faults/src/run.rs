//! One case: trained, recorded, read, judged. Only its record is looked at.

use std::path::Path;

use anyhow::{Context, Result, bail};
use headwater_diagnose::{Diagnosis, Evidence, Severity, diagnose, evidence};
use headwater_events::{Datum, Run, SeriesKind, Store};
use headwater_probe::{Measure, tags};

use crate::case::{Case, Kind, Trick};
use crate::data::Datasets;
use crate::fault::Injected;
use crate::peers::{PEERS, Symptom, Watched};

/// The steps up to which the record is judged, as if one looked while it is trained.
pub(crate) const LOOKS: [i64; 8] = [0, 1, 25, 50, 100, 200, 400, 800];

/// What came of a case.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) case: Case,
    /// On the test data; none if the run diverged.
    pub(crate) accuracy: Option<f64>,
    /// The configuration as recorded.
    pub(crate) config: String,
    /// Of the whole record.
    pub(crate) diagnosis: Diagnosis,
    /// For each of [`LOOKS`] that is within the run, whether it was seen: a right finding of a fault, or any finding of
    /// a healthy run.
    pub(crate) looks: Vec<(i64, bool)>,
    /// Whether the fault was done to the network by hand, so that no configuration can undo it.
    pub(crate) by_hand: bool,
    /// What each of [`PEERS`] says.
    pub(crate) peers: Vec<Vec<Symptom>>,
}

/// Whether a diagnosis says of a case what it should, or, of a healthy one, what it should not.
pub(crate) fn speaks(case: &Case, diagnosis: &Diagnosis) -> bool {
    let loud = diagnosis.findings.iter().filter(|finding| finding.severity >= Severity::Warning);
    match case.fault() {
        Some(fault) => loud.into_iter().any(|finding| fault.rules().contains(&finding.rule)),
        None => loud.count() > 0,
    }
}

/// Trains a case, unless its record is there already, and judges it.
pub(crate) fn outcome(case: Case, datasets: &Datasets, logdir: &Path, keep: bool) -> Result<Outcome> {
    let folder = logdir.join(&case.id);
    // The session's end is written last.
    if !folder.join("done").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        case.train(datasets, &folder.join("run")).with_context(|| case.id.clone())?;
        std::fs::write(folder.join("done"), "")?;
    }
    let injected = case.injected(datasets)?;
    let outcome = judged(case, &folder, &injected)?;
    if !keep {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(outcome)
}

fn judged(case: Case, folder: &Path, injected: &Injected) -> Result<Outcome> {
    let store = Store::with_threads(folder, 1);
    store.load();
    let Some(run) = store.run("run") else { bail!("{}: nothing was recorded", case.id) };
    let accuracy = run.get(Measure::TestAccuracy.tag()).and_then(|series| Some(series.points(0..1).first()?.value));
    let config = config(&run).unwrap_or_default();
    let mut evidence = evidence(&store, &run).with_context(|| format!("{}: no evidence", case.id))?;
    match case.kind {
        Kind::Tricky(Trick::FrozenOnPurpose) => {
            evidence.configure(&format!("freeze = ['{}']\n{config}", tags::layer(case.frozen_on_purpose())));
        }
        Kind::Tricky(Trick::TinyLoss) => evidence = scaled(&run, &config),
        _ => {}
    }
    let last =
        run.get(Measure::Loss.tag()).and_then(|series| series.points(0..series.len()).last().map(|point| point.step));
    let looks = LOOKS.into_iter().filter(|step| Some(*step) <= last);
    let looks = looks.map(|step| (step, speaks(&case, &diagnose(&evidence.until(step))))).collect();
    let watched = Watched::read(&run, &injected.config, injected.output);
    let by_hand = injected.before.is_some() || !injected.frozen.is_empty() || injected.output.is_some();
    let peers = PEERS.iter().map(|peer| (peer.judge)(&watched)).collect();
    Ok(Outcome { accuracy, config, diagnosis: diagnose(&evidence), looks, by_hand, peers, case })
}

/// The configuration that a run recorded, in TOML.
fn config(run: &Run) -> Option<String> {
    let Datum::Text(text) = run.get(tags::CONFIG)?.read(0..1).pop()?.datum.ok()? else { return None };
    let text = text.texts.first()?;
    Some(text.trim().trim_start_matches("```toml").trim_end_matches("```").trim().to_owned())
}

/// The evidence as it would be of a loss that is divided by a million.
fn scaled(run: &Run, config: &str) -> Evidence {
    let mut evidence = Evidence::new(run.name());
    evidence.configure(config);
    for series in run.series() {
        if series.kind() == SeriesKind::Scalar {
            let tag = &**series.tag();
            let size = tag.contains("loss") || tag.starts_with("gradient/") || tag.starts_with("delta/");
            // Counts of elements are no sizes.
            let count = ["/zeros/", "/nans/", "/infinities/"].iter().any(|word| tag.contains(word));
            let factor = if size && !count { 1e-6 } else { 1.0 };
            evidence.add(tag, series.points(0..series.len()).iter().map(|point| (point.step, factor * point.value)));
        }
    }
    evidence
}
