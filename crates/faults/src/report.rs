//! The figures, as Markdown.

use std::fmt::Write;

use anyhow::{Result, ensure};
use headwater_diagnose::RULES;

use crate::data::TASKS;
use crate::fault::Fault;
use crate::peers::PEERS;
use crate::remedy::Tried;
use crate::tally::Judged;
use crate::verdict::{Scale, Verdict};

/// Confidences that are counted together.
const BINS: [f64; 6] = [0.0, 0.5, 0.7, 0.8, 0.9, 1.01];

/// A figure of some runs.
type Measure = fn(&[&Judged<'_>]) -> String;

/// Whether the suite itself works: loose bounds, of few runs.
pub(crate) fn check(judged: &[Judged<'_>]) -> Result<()> {
    let of = |verdict| judged.iter().filter(move |run| run.verdict == verdict);
    let (sick, healthy) = (of(Verdict::Sick).count(), of(Verdict::Healthy).count());
    let named = of(Verdict::Sick).filter(|run| run.speaks()).count();
    let alarms = of(Verdict::Healthy).filter(|run| run.speaks()).count();
    ensure!(sick >= 20 && healthy >= 10, "{sick} faulty and {healthy} healthy runs are too few to tell anything");
    ensure!(named * 10 >= sick * 8, "{named} of {sick} faults are named; expected at least eight of ten");
    ensure!(alarms * 10 <= healthy, "{alarms} of {healthy} healthy runs are called sick; expected at most one of ten");
    Ok(())
}

/// All tables.
pub(crate) fn text(judged: &[Judged<'_>], scale: &Scale, tried: &Tried) -> String {
    let mut text = String::new();
    let count = |verdict| judged.iter().filter(|run| run.verdict == verdict).count();
    let _ = writeln!(
        text,
        "{} healthy and {} faulty runs. Left out: {} candidates that were meant to be healthy and did not learn well enough, \
         {} faults with which the network learned about as well, {} whose healthy twin did not learn.\n",
        count(Verdict::Healthy),
        count(Verdict::Sick),
        count(Verdict::NotHealthy),
        count(Verdict::DidNotBite),
        count(Verdict::NoTwin)
    );
    let bests: Vec<String> = scale.bests().map(|(task, best)| format!("{task} {:.1} %", 100.0 * best)).collect();
    let _ = writeln!(text, "Test accuracy of a good configuration: {}.\n", bests.join(", "));
    text += "| | architectures that were not fitted on | those that were |\n|---|---|---|\n";
    let rows: [(&str, Measure); 7] = [
        ("faults named (recall)", recall),
        ("false alarms on healthy runs", false_alarms),
        ("first finding's cause is right", causes),
        ("layer within one", layers),
        ("faults of the start seen before step 1", born),
        ("others seen within 50 steps", dynamic),
        ("healthy runs with an alarm at some look", live_alarms),
    ];
    for (what, measure) in rows {
        let [reported, fitted] = [true, false].map(|reported| measure(&of_part(judged, reported)));
        let _ = writeln!(text, "| {what} | {reported} | {fitted} |");
    }
    let _ = writeln!(
        text,
        "\nThe first remedy of {} faulty runs, of both parts, was tried: with it {} learn clearly better, {} about as well, {} \
         worse. Of {} more it was in words only.",
        tried.count(),
        share(tried.helped.len(), tried.count()),
        tried.nothing.len(),
        tried.harmed.len(),
        tried.words
    );
    text += &by_peer(judged);
    text += &by_fault(judged);
    text += &by_task(judged);
    text += &by_rule(judged);
    text += &calibration(judged);
    text
}

fn of_part<'a>(judged: &'a [Judged<'a>], reported: bool) -> Vec<&'a Judged<'a>> {
    judged.iter().filter(|run| run.is_reported() == reported).collect()
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} % of {whole}", 100.0 * part as f64 / whole as f64) }
}

fn measured<'a>(runs: &[&'a Judged<'a>], verdict: Verdict, is: impl Fn(&Judged<'_>) -> Option<bool>) -> String {
    let answers: Vec<bool> = runs.iter().filter(|run| run.verdict == verdict).filter_map(|run| is(run)).collect();
    share(answers.iter().filter(|yes| **yes).count(), answers.len())
}

fn recall(runs: &[&Judged<'_>]) -> String {
    measured(runs, Verdict::Sick, |run| Some(run.speaks()))
}

fn false_alarms(runs: &[&Judged<'_>]) -> String {
    measured(runs, Verdict::Healthy, |run| Some(run.speaks()))
}

fn causes(runs: &[&Judged<'_>]) -> String {
    measured(runs, Verdict::Sick, |run| Some(run.cause_is_right()))
}

fn layers(runs: &[&Judged<'_>]) -> String {
    let is_right = |run: &Judged<'_>| run.outcome.case.layer().and(run.layer_is_right());
    measured(runs, Verdict::Sick, is_right)
}

fn born(runs: &[&Judged<'_>]) -> String {
    let born = |run: &Judged<'_>| run.outcome.case.fault().is_some_and(Fault::is_born);
    measured(runs, Verdict::Sick, |run| born(run).then(|| run.seen_at() == Some(0)))
}

fn dynamic(runs: &[&Judged<'_>]) -> String {
    let born = |run: &Judged<'_>| run.outcome.case.fault().is_some_and(Fault::is_born);
    measured(runs, Verdict::Sick, |run| (!born(run)).then(|| run.seen_at().is_some_and(|step| step <= 50)))
}

fn live_alarms(runs: &[&Judged<'_>]) -> String {
    measured(runs, Verdict::Healthy, |run| Some(run.seen_at().is_some()))
}

/// Other tools' rules on the same logs.
fn by_peer(judged: &[Judged<'_>]) -> String {
    let runs = of_part(judged, true);
    let mut text = "\n| on architectures that were not fitted on | something is said of faulty runs | the right kind of fault is named | \
                    something is said of healthy runs |\n|---|---|---|---|\n"
        .to_owned();
    let _ = writeln!(
        text,
        "| Headwater | {} | {} | {} |",
        measured(&runs, Verdict::Sick, |run| Some(!run.loud.is_empty())),
        recall(&runs),
        false_alarms(&runs)
    );
    for (index, peer) in PEERS.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            peer.name,
            measured(&runs, Verdict::Sick, |run| Some(run.peer_speaks(index))),
            measured(&runs, Verdict::Sick, |run| Some(run.peer_is_right(index))),
            measured(&runs, Verdict::Healthy, |run| Some(run.peer_speaks(index)))
        );
    }
    text
}

fn by_fault(judged: &[Judged<'_>]) -> String {
    let mut text = "\n| fault | tried | bit | named | cause right | layer within one | seen at step, median |\n\
                    |---|---|---|---|---|---|---|\n"
        .to_owned();
    for fault in Fault::ALL {
        let has = |run: &&Judged<'_>| run.outcome.case.fault() == Some(fault);
        let runs: Vec<&Judged<'_>> = of_part(judged, true).into_iter().filter(|run| has(run)).collect();
        let sick = runs.iter().filter(|run| run.verdict == Verdict::Sick);
        let mut seen: Vec<i64> = sick.map(|run| run.seen_at().unwrap_or(i64::MAX)).collect();
        seen.sort_unstable();
        let median = seen.get(seen.len() / 2).filter(|step| **step < i64::MAX);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            fault.name(),
            runs.len(),
            seen.len(),
            recall(&runs),
            causes(&runs),
            layers(&runs),
            median.map_or_else(|| "–".to_owned(), i64::to_string)
        );
    }
    text
}

fn by_task(judged: &[Judged<'_>]) -> String {
    let mut text = "\n| dataset | faults named | false alarms | cause right |\n|---|---|---|---|\n".to_owned();
    for task in TASKS {
        let runs: Vec<&Judged<'_>> =
            of_part(judged, true).into_iter().filter(|run| run.outcome.case.task == task).collect();
        let _ = writeln!(text, "| {task} | {} | {} | {} |", recall(&runs), false_alarms(&runs), causes(&runs));
    }
    text
}

fn by_rule(judged: &[Judged<'_>]) -> String {
    let mut text = "\n| rule | on runs that have it | on runs with another fault | on healthy runs | as a note |\n\
                    |---|---|---|---|---|\n"
        .to_owned();
    for rule in RULES.iter() {
        let (mut right, mut other, mut healthy, mut notes) = (0, 0, 0, 0);
        for run in of_part(judged, true) {
            let Some(finding) = run.outcome.diagnosis.findings.iter().find(|finding| finding.rule == rule.name) else {
                continue;
            };
            let loud = run.loud.iter().any(|finding| finding.rule == rule.name);
            match run.verdict {
                Verdict::Sick if loud && run.is_right(finding) => right += 1,
                Verdict::Sick if loud => other += 1,
                Verdict::Healthy if loud => healthy += 1,
                Verdict::Healthy | Verdict::Sick => notes += 1,
                _ => {}
            }
        }
        let _ = writeln!(text, "| {} | {right} | {other} | {healthy} | {notes} |", rule.name);
    }
    text
}

/// Of the first finding of each run, if it is a warning or worse.
fn calibration(judged: &[Judged<'_>]) -> String {
    let mut text = "\n| confidence of the first finding | how often it is right |\n|---|---|\n".to_owned();
    for bin in BINS.windows(2) {
        let firsts: Vec<bool> = of_part(judged, true)
            .into_iter()
            .filter(|run| matches!(run.verdict, Verdict::Sick | Verdict::Healthy))
            .filter_map(|run| Some((run, run.loud.first()?)))
            .filter(|(_, finding)| (bin[0]..bin[1]).contains(&finding.confidence))
            .map(|(run, finding)| run.is_right(finding))
            .collect();
        let right = firsts.iter().filter(|right| **right).count();
        let _ = writeln!(text, "| {} to {} | {} |", bin[0], bin[1].min(1.0), share(right, firsts.len()));
    }
    text
}

/// What was said wrongly of runs of the part that is fitted on. The other is not looked at.
pub(crate) fn misses(judged: &[Judged<'_>]) -> String {
    let mut text = String::new();
    for run in judged.iter().filter(|run| !run.is_reported()) {
        let wrong = match run.verdict {
            Verdict::Healthy if run.speaks() => "ALARM",
            Verdict::Sick if !run.speaks() => "MISS",
            Verdict::Sick if !run.cause_is_right() => "CAUSE",
            Verdict::Sick if run.layer_is_right() == Some(false) => "LAYER",
            _ => continue,
        };
        let _ = writeln!(
            text,
            "{wrong} {} score {:.2} layer {:?}",
            run.outcome.case.id,
            run.score,
            run.outcome.case.layer().map(|layer| layer + 1)
        );
        for finding in &run.outcome.diagnosis.findings {
            let _ = writeln!(
                text,
                "    {} {} {:.2} {:?} {}..{}: {} (explains {:?})",
                finding.severity,
                finding.rule,
                finding.confidence,
                finding.cause,
                finding.first_step,
                finding.last_step,
                finding.summary,
                finding.explains
            );
        }
    }
    text
}
