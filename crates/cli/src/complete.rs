//! Shell completion: commands and flags, and also keys, their values, presets, claims and help topics.
//!
//! The script that `headwater completions SHELL` prints calls the program with an environment variable set. The program
//! then prints the completions.

mod bash;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{CompleteEnv, Elvish, Fish, Powershell, Shells, Zsh};
use headwater_lab::PRESETS;
use headwater_lab::reproduce::CLAIMS;

use crate::help;

/// The environment variable that the completion script sets.
pub(crate) const VARIABLE: &str = "HEADWATER_COMPLETE";
const SHELLS: Shells<'static> = Shells(&[&bash::Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// If a shell asks for completions, prints them and ends the program. Otherwise returns.
pub(crate) fn answer() {
    CompleteEnv::with_factory(command).var(VARIABLE).shells(SHELLS).complete();
}

/// The script that makes a shell call this program for completions.
pub(crate) fn script(shell: Shell) -> std::io::Result<String> {
    // A program that was started by its path may not be on PATH, so the script uses the path.
    let program = PathBuf::from(std::env::args_os().next().unwrap_or_default());
    let is_path = program.components().count() > 1;
    let program = if is_path { std::path::absolute(program)? } else { Path::new("headwater").to_owned() };
    let mut script = Vec::new();
    if let Some(shell) = SHELLS.completer(&shell.to_string()) {
        shell.write_registration(VARIABLE, "headwater", "headwater", &program.to_string_lossy(), &mut script)?;
    }
    Ok(String::from_utf8_lossy(&script).trim().to_owned())
}

/// The command line, with a completer for each argument.
pub(crate) fn command() -> Command {
    completed(crate::Cli::command())
}

fn completed(command: Command) -> Command {
    let name = command.get_name().to_owned();
    command.mut_args(|argument| completed_argument(&name, argument)).mut_subcommands(completed)
}

fn completed_argument(command: &str, argument: Arg) -> Arg {
    let completer = match (command, argument.is_positional()) {
        ("train" | "theory" | "config", true) => ArgValueCompleter::new(experiments),
        ("sweep", true) => ArgValueCompleter::new(files),
        ("init", true) => ArgValueCompleter::new(presets),
        ("reproduce", true) => ArgValueCompleter::new(claims),
        ("curves", true) => ArgValueCompleter::new(|current: &OsStr| values("network.activation", current)),
        ("check", true) => ArgValueCompleter::new(datasets),
        ("help", true) => ArgValueCompleter::new(topics),
        (_, false) if argument.get_id() == "set" => ArgValueCompleter::new(settings),
        _ => return argument,
    };
    argument.add(completer)
}

/// The names that start with what is typed, each with its help text.
fn offered<N: Into<String>, H: Into<String>>(
    names: impl IntoIterator<Item = (N, H)>,
    current: &OsStr,
) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let begins = |(name, help): (N, H)| {
        let (name, help): (String, String) = (name.into(), help.into());
        name.starts_with(current).then(|| CompletionCandidate::new(name).help(Some(help.into())))
    };
    names.into_iter().filter_map(begins).collect()
}

fn presets(current: &OsStr) -> Vec<CompletionCandidate> {
    offered(PRESETS.map(|(name, _)| (name, "preset")), current)
}

/// Configuration files, and folders that may hold some.
fn files(current: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::any().filter(|path| path.extension().is_some_and(|extension| extension == "toml")).complete(current)
}

fn experiments(current: &OsStr) -> Vec<CompletionCandidate> {
    presets(current).into_iter().chain(files(current)).collect()
}

fn claims(current: &OsStr) -> Vec<CompletionCandidate> {
    let claims = CLAIMS.iter().map(|claim| (claim.id, claim.title));
    offered(claims.chain([("all", "every claim")]), current)
}

fn datasets(current: &OsStr) -> Vec<CompletionCandidate> {
    values("data.source", current).into_iter().chain(PathCompleter::any().complete(current)).collect()
}

fn topics(current: &OsStr) -> Vec<CompletionCandidate> {
    let commands = crate::Cli::command();
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let commands: Vec<_> =
        commands.get_subcommands().map(|command| (command.get_name().to_owned(), about(command))).collect();
    let topics = help::topics();
    let mut offered =
        offered(commands.into_iter().chain(topics.into_iter().map(|topic| (topic.name, topic.line))), current);
    // A preset and a rule may have the same name.
    offered.sort_by(|a, b| a.get_value().cmp(b.get_value()));
    offered.dedup_by(|a, b| a.get_value() == b.get_value());
    offered
}

/// Offers `KEY=`, or the values of the key after the `=` if they are words.
fn settings(current: &OsStr) -> Vec<CompletionCandidate> {
    let assigned = current.to_str().and_then(|current| current.split_once('='));
    let Some((key, value)) = assigned else {
        let keys = headwater_lab::keys().iter().filter(|key| !["name", "scenario"].contains(&section(&key.name)));
        return offered(keys.map(|key| (format!("{}=", key.name), key.meaning.as_str())), current);
    };
    let values = values(key, OsStr::new(value));
    values.into_iter().map(|candidate| candidate.add_prefix(format!("{key}="))).collect()
}

fn section(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

/// The values of a key, if they are words.
fn values(key: &str, current: &OsStr) -> Vec<CompletionCandidate> {
    let words = headwater_lab::values().iter().filter(|value| value.keys.contains(&key));
    let mut offered = offered(words.map(|value| (value.name.as_str(), value.meaning.as_str())), current);
    offered.dedup_by(|a, b| a.get_value() == b.get_value());
    if headwater_lab::keys().iter().any(|known| known.name == key && known.kind == "true or false") {
        offered.extend(self::offered([("true", ""), ("false", "")], current));
    }
    offered
}
