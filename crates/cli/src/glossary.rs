//! `headwater glossary`: what the terms mean, and what others call them.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use headwater_probe::glossary::{Term, find, terms};

use crate::{help, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater glossary                       every term, with a line each
  headwater glossary delta                 what a term means
  headwater glossary weight.grad           what PyTorch's name for something is called here")]
pub(crate) struct Arguments {
    /// A term; several words need no quotes
    #[arg(value_name = "TERM")]
    words: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let word = arguments.words.join(" ");
    if word.is_empty() {
        let terms = terms();
        let rows: Vec<(String, &str)> =
            terms.iter().map(|term| (term.names.join(", "), help::first_sentence(&term.meaning))).collect();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(names, line)| (names.as_str(), *line)).collect();
        output::line(&help::columns(&rows))?;
        return Ok(ExitCode::SUCCESS);
    }
    let found = find(&word);
    if found.is_empty() {
        let terms = terms();
        let names = terms.iter().flat_map(|term| &term.names).map(String::as_str);
        let nearest = headwater_lab::nearest(&word, names).map(|name| format!(" (did you mean {name:?}?)"));
        let nearest = nearest.unwrap_or_default();
        bail!("the glossary has no term {word:?}{nearest}; `headwater glossary` lists all terms");
    }
    output::line(&found.iter().map(entry).collect::<Vec<_>>().join("\n\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// An entry, as `headwater help` prints it, too.
pub(crate) fn entry(Term { names, meaning, elsewhere }: &Term) -> String {
    let text = format!("{} (term)\n{}", names.join(", "), help::indented(&sentence(meaning)));
    if elsewhere.is_empty() { text } else { format!("{text}\n\n{}", help::columns(&[("elsewhere", elsewhere)])) }
}

/// A cell of a table as a sentence.
fn sentence(text: &str) -> String {
    // A formula begins as it is written.
    let is_formula = text.split(' ').nth(1) == Some("=");
    let mut letters = text.chars();
    let begin =
        letters.next().filter(|_| !is_formula).map_or_else(String::new, |letter| letter.to_uppercase().to_string());
    let rest = if is_formula { text } else { letters.as_str() };
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{begin}{rest}{stop}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_sentences_and_what_others_call_it() {
        let text = entry(&find("dead unit")[0]);
        assert!(
            text.starts_with("dead unit (term)\n    A unit whose f' is 0 for every sample of the batch.\n"),
            "{text}"
        );
        assert!(text.ends_with("elsewhere  dead ReLU, dying ReLU"), "{text}");
        assert!(entry(&find("delta")[0]).contains("\n    delta = dC/dy: "));
    }
}
