//! Findings in 80 columns, for people.

use headwater_diagnose::{Diagnosis, Fact, Finding, LiveFinding, Severity};

use crate::output::{self, Colour, Style};

/// Columns of a terminal that everybody has.
const WIDTH: usize = 80;

fn severity(style: Style, severity: Severity) -> String {
    let colour = match severity {
        Severity::Error => Colour::Error,
        Severity::Warning => Colour::Warning,
        Severity::Note => Colour::Note,
    };
    style.paint(colour, &severity.to_string())
}

/// Findings that say the same of several runs.
struct Group<'a> {
    findings: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// In order of severity, then of the first run that has it.
    fn all(diagnoses: &'a [Diagnosis]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for finding in diagnoses.iter().flat_map(|diagnosis| &diagnosis.findings) {
            let key =
                |finding: &Finding| (finding.rule, finding.severity, finding.cause, scenario(&finding.run).to_owned());
            match groups.iter_mut().find(|group| key(group.findings[0]) == key(finding)) {
                Some(group) => group.findings.push(finding),
                None => groups.push(Self { findings: vec![finding] }),
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.findings[0].severity));
        groups
    }

    /// The one that is told in full: the one in the middle by confidence.
    fn example(&self) -> &'a Finding {
        let mut findings = self.findings.clone();
        findings.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
        findings[findings.len() / 2]
    }

    /// The runs it is about.
    fn runs(&self) -> String {
        match self.findings[..] {
            [one] => output::plain(&one.run),
            _ => format!("{} ({} runs)", output::plain(scenario(&self.findings[0].run)), self.findings.len()),
        }
    }
}

/// Seeds of a scenario are one of many of the same.
pub(super) fn scenario(run: &str) -> &str {
    run.rsplit_once("/seed-").map_or(run, |(scenario, _)| scenario)
}

/// Everything.
pub(super) fn text(diagnoses: &[Diagnosis], style: Style) -> String {
    let groups = Group::all(diagnoses);
    let mut text = endings(diagnoses);
    for group in &groups {
        text += &finding(group, style);
        text.push('\n');
    }
    text += &only_live(diagnoses, style);
    text += &paragraph("", &verdict(diagnoses));
    text += &order(diagnoses);
    text += &notes(diagnoses);
    text += &not_judged(diagnoses);
    text.trim_end().to_owned()
}

/// Of each run that did not end well, how it ended: before anything is said of its numbers.
fn endings(diagnoses: &[Diagnosis]) -> String {
    let ended = diagnoses.iter().filter_map(|Diagnosis { run, ended, .. }| Some((run, ended.as_ref()?)));
    let lines: String = ended.map(|(run, how)| paragraph("", &format!("{} {how}.", output::plain(run)))).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// What runs were told while they trained, and what their finished records do not show.
fn only_live(diagnoses: &[Diagnosis], style: Style) -> String {
    let mut text = String::new();
    for Diagnosis { run, only_live, .. } in diagnoses {
        for LiveFinding { step, rule, severity, summary, .. } in only_live {
            let (run, rule) = (output::plain(run), words(rule));
            text += &format!("seen live only: {}: {run}: {rule}\n", self::severity(style, *severity));
            text += &paragraph("  ", &format!("{}.", capital(summary)));
            text += &field("when", &format!("told after step {step}; the finished records do not show it"));
            text.push('\n');
        }
    }
    text
}

/// How many runs are well, how many are not, and how many nobody can tell of.
fn verdict(diagnoses: &[Diagnosis]) -> String {
    let count = |is: fn(&Diagnosis) -> bool| diagnoses.iter().filter(|diagnosis| is(diagnosis)).count();
    let runs = diagnoses.len();
    let sick = count(|diagnosis| !diagnosis.findings.is_empty());
    let well = count(|diagnosis| diagnosis.looked && diagnosis.findings.is_empty());
    match (runs, well, sick) {
        (1, 1, 0) => return "Nothing is wrong as far as the records tell.".to_owned(),
        (1, 0, 0) => return "The run was not judged: nothing in it tells of training.".to_owned(),
        (1, ..) => return "1 run, and it has findings.".to_owned(),
        (_, _, 0) if well == runs => return format!("Nothing is wrong with {runs} runs as far as their records tell."),
        _ => {}
    }
    let mut parts = vec![format!("{runs} runs: {sick} with findings, {well} without")];
    if sick + well < runs {
        parts.push(format!("{} not judged, since nothing in them tells of training", runs - sick - well));
    }
    parts.join(", ") + "."
}

/// One line for each group of severity warning or above, without its severity.
pub(super) fn lines(diagnoses: &[Diagnosis]) -> Vec<(Severity, String)> {
    let groups = Group::all(diagnoses);
    let told = groups.iter().filter(|group| group.findings[0].severity >= Severity::Warning);
    told.map(|group| {
        let Finding { severity, rule, summary, .. } = group.example();
        (*severity, format!("{}: {}: {summary}", group.runs(), words(rule)))
    })
    .collect()
}

/// The name of a rule in plain words.
pub(super) fn words(rule: &str) -> String {
    rule.replace('_', " ")
}

fn finding(group: &Group<'_>, style: Style) -> String {
    let finding = group.example();
    let Finding { severity, rule, first_step, last_step, confidence, cause, summary, .. } = finding;
    let mut text = format!("{}: {}: {}\n", self::severity(style, *severity), group.runs(), words(rule));
    text += &paragraph("  ", &format!("{}.", capital(summary)));
    let layers = match &finding.layers[..] {
        [] => "the whole network".to_owned(),
        layers if layers.len() > 4 => {
            format!("{} to {} ({} layers)", layers[0], layers[layers.len() - 1], layers.len())
        }
        layers => layers.join(", "),
    };
    let steps = if first_step == last_step {
        format!("step {first_step}")
    } else {
        format!("steps {first_step} to {last_step}")
    };
    text += &field("where", &format!("{layers}; {steps}"));
    if let Some(step) = finding.seen_live {
        text += &field("live", &format!("seen live, after step {step}"));
    }
    let sure = if group.findings.len() > 1 { format!("{confidence:.2} (median)") } else { format!("{confidence:.2}") };
    text += &field("sure", &sure);
    text += &field("blame", &cause.to_string());
    let example = if group.findings.len() > 1 { format!("of {}: ", finding.run) } else { String::new() };
    for (index, fact) in finding.evidence.iter().take(6).enumerate() {
        let name = if index == 0 { "why" } else { "" };
        text += &field(name, &format!("{}{}", if index == 0 { &*example } else { "" }, evidence(fact)));
    }
    if finding.evidence.len() > 6 {
        text += &field("", &format!("and {} more numbers: --json", finding.evidence.len() - 6));
    }
    if !finding.explains.is_empty() {
        let explained: Vec<String> = finding.explains.iter().map(|rule| words(rule)).collect();
        text += &field("explains", &explained.join(", "));
    }
    for (index, remedy) in finding.remedies.iter().enumerate() {
        let advice = match &remedy.set {
            Some(set) => format!("--set {}: {}", output::quoted(set), remedy.advice),
            None => remedy.advice.clone(),
        };
        text += &field(if index == 0 { "try" } else { "" }, &format!("{}. {advice}", index + 1));
    }
    text
}

fn evidence(fact: &Fact) -> String {
    let place = fact.layer.as_ref().map_or(String::new(), |layer| format!("{layer}: "));
    let step = fact.step.map_or(String::new(), |step| format!(" at step {step}"));
    let threshold = fact.threshold.map_or(String::new(), |threshold| format!(" (threshold {})", number(threshold)));
    format!("{place}{} = {}{step}{threshold}", fact.what, number(fact.value))
}

/// With three digits.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && value.is_finite() && !(1e-3..1e5).contains(&size) {
        return format!("{value:.2e}");
    }
    let digits = if size >= 100.0 || size == 0.0 { 0 } else { (2 - size.log10().floor() as i32).max(0) as usize };
    format!("{value:.digits$}")
}

/// In which order layers were taken, and how it is known, once for runs that have the same: where names are not ours.
fn order(diagnoses: &[Diagnosis]) -> String {
    let mut said: Vec<&[String]> = Vec::new();
    let mut text = String::new();
    for Diagnosis { layers, order, .. } in diagnoses {
        let own = layers.iter().zip(1..).all(|(name, number)| *name == format!("layer{number}"));
        if layers.len() > 1 && !own && !said.contains(&&layers[..]) {
            said.push(layers);
            let names = if layers.len() > 12 {
                format!("{}, ..., {}", layers[..6].join(", "), layers[layers.len() - 6..].join(", "))
            } else {
                layers.join(", ")
            };
            text += &paragraph("", &format!("Order of layers, {order}: {names}."));
        }
    }
    text
}

/// What of the records was not looked at.
fn notes(diagnoses: &[Diagnosis]) -> String {
    let notes = diagnoses.iter().flat_map(|Diagnosis { run, notes, .. }| notes.iter().map(move |note| (run, note)));
    notes.map(|(run, note)| paragraph("", &format!("Records of {run}: {note}."))).collect()
}

/// What was not judged, each once, with the runs it is true of.
fn not_judged(diagnoses: &[Diagnosis]) -> String {
    let mut missing: Vec<(&str, Vec<&str>)> = Vec::new();
    for diagnosis in diagnoses {
        for what in &diagnosis.not_judged {
            match missing.iter_mut().find(|(known, _)| known == what) {
                Some((_, runs)) => runs.push(&diagnosis.run),
                None => missing.push((what, vec![&diagnosis.run])),
            }
        }
    }
    let mut text = String::new();
    for (what, runs) in missing {
        let runs = match runs[..] {
            _ if runs.len() == diagnoses.len() => String::new(),
            [one] => format!("{one}: "),
            [first, ..] => format!("{first} and {} more: ", runs.len() - 1),
            [] => continue,
        };
        text += &paragraph("", &format!("Not judged: {runs}{what}."));
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), text.split_once(' ')) {
        // Names of layers are as they are, whatever they begin with.
        (Some(letter), Some((first, _))) if first.chars().all(|c| c.is_ascii_lowercase()) => {
            format!("{}{}", letter.to_ascii_uppercase(), letters.as_str())
        }
        _ => text.to_owned(),
    }
}

/// A field: its name in a column of its own.
fn field(name: &str, text: &str) -> String {
    wrapped(&format!("  {name:<9}"), "           ", text)
}

fn paragraph(indent: &str, text: &str) -> String {
    wrapped(indent, indent, text)
}

/// Wraps text at [`WIDTH`] columns, or at the width of the terminal if that is less. A longer word gets its own line.
fn wrapped(first: &str, indent: &str, text: &str) -> String {
    output::paragraph(text, WIDTH, first, indent) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_at_80_columns_and_words_kept_whole() {
        let text = wrapped("  a  ", "     ", &"word ".repeat(40));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.starts_with("  ")), "{text}");
        assert_eq!(text.matches("word").count(), 40);
    }

    #[test]
    fn sentences_begin_with_a_capital_unless_a_name_does() {
        for (text, expected) in [
            ("the loss stands", "The loss stands"),
            ("fc1 is dead", "fc1 is dead"),
            (" x is dead", " x is dead"),
            ("é is dead", "é is dead"),
            ("", ""),
        ] {
            assert_eq!(capital(text), expected);
        }
    }

    #[test]
    fn numbers_have_three_digits() {
        for (value, expected) in [(0.0333, "0.0333"), (123.4, "123"), (2.5, "2.50"), (1e-9, "1.00e-9"), (0.0, "0")] {
            assert_eq!(number(value), expected);
        }
    }
}
