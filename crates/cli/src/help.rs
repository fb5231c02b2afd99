//! `headwater help`: the help of commands, and what the words of a configuration or a diagnosis mean.

mod topic;

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

pub(crate) use topic::topics;
use topic::{Topic, WIDTH, spelled};
pub(crate) use topic::{columns, first_sentence, indented};

use crate::{complete, output};

/// How many similar names are suggested for an unknown one.
const SUGGESTIONS: usize = 3;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headwater help train                     a command; the same as headwater train --help
  headwater help train.learning_rate       a key of a configuration
  headwater help lsuv                      a value of one: an activation, an initialiser, an optimizer, ...
  headwater help vanishing                 a preset, a rule of headwater diagnose, a claim of headwater reproduce
  headwater help delta                     a term of the glossary
  headwater help keys                      all keys, with a line each
  headwater help topics                    everything that is explained, with a line each")]
pub(crate) struct Arguments {
    /// A command, or a word to explain
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    if is_command(&words) {
        let asked = ["headwater"].into_iter().chain(words).chain(["--help"]);
        if let Err(help) = complete::command().try_get_matches_from(asked) {
            help.print()?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    output::line(&text(&words.join(" "))?)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the words are the path of a command. No words are the program itself.
fn is_command(words: &[&str]) -> bool {
    let program = complete::command();
    words.iter().try_fold(&program, |command, word| command.find_subcommand(word)).is_some()
}

/// The help text of a word.
fn text(word: &str) -> anyhow::Result<String> {
    let topics = topics();
    match word {
        "keys" => return Ok(list(topics.iter().filter(|topic| topic.is_key()))),
        "topics" => return Ok(list(topics.iter())),
        _ => {}
    }
    let found = find(word, &topics);
    if found.is_empty() {
        bail!(unknown(word, &topics));
    }
    let mut text = found.iter().map(|topic| topic.text.as_str()).collect::<Vec<_>>().join("\n\n");
    let begins = format!("{}_", spelled(word));
    let names = topics.iter().map(|topic| topic.name.as_str()).filter(|name| spelled(name).starts_with(&begins));
    let others: Vec<_> = names.collect();
    if !others.is_empty() {
        text.push_str(&format!("\n\nSee also: {}", others.join(", ")));
    }
    Ok(text)
}

/// The topics of a word: those with this name, or else the keys whose last part is this word, before terms. An assignment,
/// a call or an environment variable stands for the thing that it names.
fn find<'a>(word: &str, topics: &'a [Topic]) -> Vec<&'a Topic> {
    let name = word.split(['=', '(']).next().unwrap_or_default().trim();
    let name = spelled(headwater_lab::key_of_variable(name).unwrap_or(name).trim_matches(['[', ']']));
    let (terms, named): (Vec<_>, Vec<_>) =
        topics.iter().filter(|topic| spelled(&topic.name) == name).partition(|topic| topic.is_term());
    if !named.is_empty() {
        return [named, terms].concat();
    }
    let is_last = |topic: &&Topic| topic.name.rsplit_once('.').is_some_and(|(_, last)| topic.is_key() && last == name);
    topics.iter().filter(is_last).chain(terms).collect()
}

fn unknown(word: &str, topics: &[Topic]) -> String {
    let mut near: Vec<String> = Vec::new();
    let mut suggest = |name: &str| {
        if !near.iter().any(|known| known == name) && near.len() < SUGGESTIONS {
            near.push(name.to_owned());
        }
    };
    let meanings = headwater_lab::meanings(word);
    for meaning in &meanings {
        suggest(meaning.name);
    }
    let begins = |topic: &&Topic| word.len() > 1 && spelled(&topic.name).starts_with(&spelled(word));
    for topic in topics.iter().filter(begins) {
        suggest(&topic.name);
    }
    let commands = complete::command();
    let commands: Vec<_> = commands.get_subcommands().map(clap::Command::get_name).collect();
    let names = topics.iter().map(|topic| topic.name.as_str()).chain(commands);
    if let Some(nearest) = headwater_lab::nearest(word, names) {
        suggest(nearest);
    }
    let mut text = format!("there is no help for {word:?}");
    if !near.is_empty() {
        let quoted: Vec<_> = near.iter().map(|name| format!("{name:?}")).collect();
        text.push_str(&format!(" (did you mean {}?)", quoted.join(" or ")));
    }
    let note = meanings.iter().find_map(|meaning| meaning.note);
    let parts = note.into_iter().chain(["`headwater help topics` lists what is explained"]);
    parts.fold(text, |text, part| format!("{text}; {part}"))
}

/// One line for each topic.
fn list<'a>(topics: impl Iterator<Item = &'a Topic> + Clone) -> String {
    let widest = topics.clone().map(|topic| topic.name.chars().count()).max().unwrap_or(0);
    let line = |topic: &Topic| {
        let text = output::paragraph(&topic.line, WIDTH, &format!("{:widest$}  ", topic.name), "");
        // One line each. The help of the topic has the rest.
        text.lines().next().unwrap_or_default().trim_end_matches([',', ';']).to_owned()
    };
    topics.map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(word: &str) -> String {
        text(word).unwrap_err().to_string()
    }

    #[test]
    fn every_topic_is_found_by_its_name_and_says_more_than_it() {
        for topic in topics() {
            let text = text(&topic.name).unwrap();
            assert!(text.contains(&topic.text), "{}", topic.name);
            assert!(topic.text.lines().count() > 1 && !topic.line.is_empty(), "{}", topic.text);
            assert!(!text.contains("](") && !text.contains("docs/"), "{text}");
        }
    }

    #[test]
    fn a_key_is_found_by_its_last_part_by_its_variable_and_in_an_assignment() {
        let whole = text("train.learning_rate").unwrap();
        for word in ["learning_rate", "HEADWATER_TRAIN_LEARNING_RATE", "train.learning_rate=0.1", "Train.Learning-Rate"]
        {
            assert_eq!(text(word).unwrap(), whole, "{word}");
        }
        let seeds = text("seed").unwrap();
        for key in ["data.seed", "train.seed", "sweep.seed"] {
            assert!(seeds.contains(key), "{seeds}");
        }
        assert_eq!(text("[network]").unwrap(), text("network").unwrap());
    }

    #[test]
    fn a_word_of_several_meanings_gets_all_of_them() {
        let vanishing = text("vanishing").unwrap();
        assert!(vanishing.contains("vanishing (preset)") && vanishing.contains("vanishing (rule"), "{vanishing}");
        let he = text("he").unwrap();
        assert!(he.contains("he (claim") && he.contains("See also: he_uniform, he_normal"), "{he}");
        assert_eq!(text("normal").unwrap().matches("normal (initialiser").count(), 2);
        assert!(text("orthogonal(1.4)").unwrap().contains("orthogonal(gain)"));
    }

    #[test]
    fn an_unknown_word_gets_the_nearest_by_meaning_and_by_spelling() {
        for (word, near) in [
            ("lr", "train.learning_rate"),
            ("xavier", "glorot_uniform"),
            ("swish", "silu"),
            ("dying_relu", "dead_units"),
            ("lsvu", "lsuv"),
            ("vanishin", "vanishing"),
            ("edge-of-caos", "edge-of-chaos"),
            ("trian", "train"),
            ("num_layers", "network.depth"),
        ] {
            assert!(error(word).contains(&format!("{near:?}")), "{}", error(word));
        }
        assert!(error("epochs").contains("there are no epochs"), "{}", error("epochs"));
        assert_eq!(error("zebra"), "there is no help for \"zebra\"; `headwater help topics` lists what is explained");
    }

    #[test]
    fn every_rule_is_a_topic_to_which_what_others_call_it_leads() {
        for rule in headwater_diagnose::RULES.iter() {
            assert!(text(rule.name).unwrap().contains(&format!("{} (rule", rule.name)), "{}", rule.name);
            for word in rule.also_called {
                assert!(error(word).contains(&format!("{:?}", rule.name)), "{}", error(word));
            }
        }
    }

    #[test]
    fn all_keys_have_a_line_each() {
        let lines = text("keys").unwrap();
        assert_eq!(lines.lines().count(), headwater_lab::keys().len());
        assert!(lines.lines().all(|line| line.chars().count() <= WIDTH), "{lines}");
    }
}
