//! The command line.
//!
//! Data goes to standard output, progress and messages to standard error. Exit codes: 0 done, 1 the answer is bad news
//! or the record could not be written, 2 usage error, 3 training diverged, 129, 130 and 143 interrupted.

mod braille;
mod complete;
mod config;
mod curves;
mod data;
mod diagnose;
mod environment;
mod exit;
mod export;
mod glossary;
mod help;
mod init;
mod inspect;
mod logdir;
mod number;
mod output;
mod pattern;
mod picture;
mod reproduce;
mod serve;
mod signals;
mod sweep;
mod sweep_progress;
mod sweep_table;
mod table;
mod theory;
mod train;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Does the gradient reach the first layers of this network, why not, and what helps?
#[derive(Debug, Parser)]
#[command(
    name = "headwater",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    output: output::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train every scenario of an experiment, record it, and report how far the gradient reaches
    Train(train::Arguments),
    /// Train every trial of a sweep, a grid or a sample of any keys, on all cores
    Sweep(sweep::Arguments),
    /// Work on the sweep in a folder, together with other workers
    SweepWorker(sweep::WorkerArguments),
    /// Write a configuration to start from, in which every key is explained
    Init(init::Arguments),
    /// Print a resolved experiment: every key, its value, and where the value comes from
    Config(config::Arguments),
    /// Print what mean-field theory predicts for every layer before the first step
    // The name it had first.
    #[command(alias = "predict")]
    Theory(theory::Arguments),
    /// Serve the board: a live view of a log directory in the browser
    Serve(serve::Arguments),
    /// List what is in a log directory: runs, layers, tags, steps, sizes, and everything that is wrong with its files
    Inspect(inspect::Arguments),
    /// Find what is wrong with the runs of a log directory: where, why, and what to try first
    Diagnose(diagnose::Arguments),
    /// Print every number, or every histogram, of every run as CSV
    Export(export::Arguments),
    /// Measure published claims, and report whether they hold
    Reproduce(reproduce::Arguments),
    /// Draw activations and their derivatives, in the terminal or as a picture
    Curves(curves::Arguments),
    /// List and check datasets
    #[command(subcommand)]
    Data(data::Command),
    /// Print a script that completes commands, keys and names in a shell
    #[command(after_help = "\
Write it into the file that the shell reads when it starts:
  bash    source <(headwater completions bash)          in ~/.bashrc
  zsh     source <(headwater completions zsh)           in ~/.zshrc, after compinit
  fish    headwater completions fish | source           in ~/.config/fish/config.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Explain a term: delta, gain, attenuation, ...
    Glossary(glossary::Arguments),
    /// Explain a command, a key of a configuration, a value, a preset, a rule, a claim or a term
    Help(help::Arguments),
}

fn main() -> ExitCode {
    complete::answer();
    signals::survive_file_limits();
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    output::settle(cli.output);
    if let Err(error) = environment::choose_instructions() {
        return exit::code(Err(error));
    }
    let result = match cli.command {
        Command::Train(arguments) => train::run(&arguments),
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::SweepWorker(arguments) => sweep::run_worker(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Config(arguments) => config::run(&arguments),
        Command::Theory(arguments) => theory::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Diagnose(arguments) => diagnose::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Reproduce(arguments) => reproduce::run(&arguments),
        Command::Curves(arguments) => curves::run(&arguments),
        Command::Data(command) => data::run(&command),
        Command::Completions { shell } => completions(shell),
        Command::Glossary(arguments) => glossary::run(&arguments),
        Command::Help(arguments) => help::run(&arguments),
    };
    exit::code(result)
}

fn parse() -> Result<Cli, clap::Error> {
    let color = output::color_choice(std::env::args_os().skip(1));
    Cli::from_arg_matches(&Cli::command().color(color).try_get_matches()?)
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    output::line(&complete::script(shell)?)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        complete::command().debug_assert();
    }
}
