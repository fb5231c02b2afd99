//! The topics of `headwater help`, built from the documentation that the crates keep of keys, values, rules and claims.

use headwater_diagnose::{RULES, Rule};
use headwater_lab::reproduce::{CLAIMS, Claim};
use headwater_lab::{Key, NamedValue, PRESETS, Section};
use headwater_probe::glossary::{self, Term};

use crate::output;

/// Columns of the widest line.
pub(super) const WIDTH: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    Section,
    Value,
    Preset,
    Claim,
    Rule,
    Term,
}

/// Something that `headwater help` can explain.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) name: String,
    /// A one-line description.
    pub(crate) line: String,
    pub(super) text: String,
    kind: Kind,
}

impl Topic {
    pub(super) fn is_term(&self) -> bool {
        self.kind == Kind::Term
    }

    pub(super) fn is_key(&self) -> bool {
        self.kind == Kind::Key
    }
}

/// Everything that `headwater help` can explain.
pub(crate) fn topics() -> Vec<Topic> {
    let sections = headwater_lab::sections().iter().map(section);
    let keys = headwater_lab::keys().iter().map(key);
    let values = headwater_lab::values().iter().map(value);
    let presets = PRESETS.iter().map(|(name, text)| preset(name, text));
    let claims = CLAIMS.iter().map(claim);
    let rules = RULES.iter().map(rule);
    let terms = glossary::terms().into_iter().flat_map(term);
    sections.chain(keys).chain(values).chain(presets).chain(claims).chain(rules).chain(terms).collect()
}

/// The form in which names are compared.
pub(super) fn spelled(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

fn section(Section { name, meaning }: &Section) -> Topic {
    let keys = headwater_lab::keys().iter().filter(|key| key.name.split_once('.').is_some_and(|(of, _)| of == name));
    let lines = keys.map(|key| (key.name.as_str(), first_sentence(&key.meaning)));
    let head = format!("{name} (section of a configuration)\n{}\n\n", indented(meaning));
    let text = format!("{head}{}\n\n    `headwater help KEY` says more of a key.", columns(&lines.collect::<Vec<_>>()));
    Topic { name: name.clone(), line: first_sentence(meaning).to_owned(), text, kind: Kind::Section }
}

fn key(key: &Key) -> Topic {
    let Key { name, meaning, kind, default, example, .. } = key;
    let value = default.as_ref().or(example.as_ref());
    let in_words = default.as_deref().or(key.default_in_words());
    let mut rows = vec![("takes", kind.clone())];
    rows.extend(in_words.map(|default| ("default", default.to_owned())));
    let (section, last) = name.split_once('.').unwrap_or(("", name));
    let header = match section {
        "" => String::new(),
        "scenario" => "[[scenario]] ".to_owned(),
        section => format!("[{section}] "),
    };
    let value = value.map_or("...", String::as_str);
    rows.push(("in a file", format!("{header}{last} = {value}")));
    // On the command line a word needs no TOML quotes. Anything that the shell would interpret is quoted.
    let bare = value.trim_matches('"');
    let argument = format!("{name}={bare}");
    let argument = output::quoted(&argument);
    if !["", "scenario"].contains(&section) && name != "sweep.keys" {
        rows.push(("as a flag", format!("--set {argument}")));
    }
    if !["", "scenario", "sweep"].contains(&section) {
        rows.push(("as a variable", headwater_lab::variable(name)));
    }
    let mut text = format!("{name} (key)\n{}\n\n{}", indented(meaning), columns(&rows));
    let values: Vec<_> = headwater_lab::values()
        .iter()
        .filter(|value| value.keys.contains(&name.as_str()))
        .map(|value| (value.written.as_str(), value.meaning.as_str()))
        .collect();
    if !values.is_empty() {
        text.push_str(&format!("\n\n{}", columns(&values)));
    }
    let default = in_words.map_or_else(String::new, |default| format!(" [{default}]"));
    Topic { name: name.clone(), line: format!("{}{default}", first_sentence(meaning)), text, kind: Kind::Key }
}

fn value(value: &NamedValue) -> Topic {
    let NamedValue { name, written, alone, kind, meaning, keys } = value;
    let mut rows = Vec::new();
    if written != name {
        rows.push(("written", written.clone()));
    }
    rows.extend(alone.iter().map(|alone| ("alone", format!("{name} is {alone}"))));
    rows.extend(keys.iter().map(|key| ("for the key", format!("{key}; see: headwater help {key}"))));
    if *kind == "activation" {
        rows.push(("its curve", format!("headwater curves {name}")));
    }
    let text = format!("{name} ({kind})\n{}\n\n{}", indented(meaning), columns(&rows));
    Topic { name: name.clone(), line: format!("{kind}: {}", first_sentence(meaning)), text, kind: Kind::Value }
}

/// The comment at the top of a preset's file describes the preset.
fn preset(name: &str, file: &str) -> Topic {
    let lines: Vec<&str> = file.lines().map_while(|line| line.strip_prefix("# ")).collect();
    let about = lines.join(" ");
    let rows = vec![
        ("train it", format!("headwater train {name}")),
        ("its file", format!("headwater init {name}")),
        ("all its keys", format!("headwater config {name}")),
    ];
    let text = format!("{name} (preset)\n{}\n\n{}", indented(&about), columns(&rows));
    Topic { name: name.to_owned(), line: format!("preset: {}", first_sentence(&about)), text, kind: Kind::Preset }
}

fn claim(claim: &Claim) -> Topic {
    let Claim { id, title, source, method, .. } = claim;
    let rows = vec![("from", (*source).to_owned()), ("measure it", format!("headwater reproduce {id}"))];
    let text = format!(
        "{id} (claim of `headwater reproduce`)\n{}\n\n{}\n\n{}",
        indented(title),
        indented(method),
        columns(&rows)
    );
    Topic { name: (*id).to_owned(), line: format!("claim: {title}"), text, kind: Kind::Claim }
}

fn rule(rule: &Rule) -> Topic {
    let documentation = rule.documentation();
    let text = format!("{} (rule of `headwater diagnose`)\n{}", rule.name, documentation.trim());
    let line = format!("rule: {}", first_sentence(&documentation));
    Topic { name: rule.name.to_owned(), line, text, kind: Kind::Rule }
}

/// A topic for each name of a term.
fn term(term: Term) -> impl Iterator<Item = Topic> {
    let (line, text) = (format!("term: {}", first_sentence(&term.meaning)), crate::glossary::entry(&term));
    term.names.into_iter().map(move |name| Topic { name, line: line.clone(), text: text.clone(), kind: Kind::Term })
}

/// The text up to the end of its first sentence, or to the first colon.
pub(crate) fn first_sentence(text: &str) -> &str {
    let text = text.lines().next().unwrap_or_default();
    let ends = [". ", ": "].iter().filter_map(|end| text.find(end));
    let end = ends.min().unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

pub(crate) fn indented(text: &str) -> String {
    output::paragraph(text, WIDTH, "    ", "    ")
}

/// Names, with a description beside each.
pub(crate) fn columns<N: AsRef<str>, S: AsRef<str>>(rows: &[(N, S)]) -> String {
    let longest = rows.iter().map(|(name, _)| name.as_ref().chars().count()).max().unwrap_or(0).min(24);
    let indent = " ".repeat(longest + 6);
    let row = |(name, said): &(N, S)| {
        let first = format!("    {:longest$}  ", name.as_ref());
        output::paragraph(said.as_ref(), WIDTH, &first, &indent)
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}
