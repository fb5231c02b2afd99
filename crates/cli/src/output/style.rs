//! Output style: how much is written, in which colours and with which characters. Decided once, for all commands.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::sync::OnceLock;

use clap::{Args, ColorChoice, ValueEnum};

static STYLE: OnceLock<Style> = OnceLock::new();

/// The output options of every command.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Arguments {
    /// Show no progress and no messages, only results, warnings and errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colours; auto: on terminals, unless `NO_COLOR` or `CLICOLOR=0` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto")]
    color: When,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// How much the program writes, in which colours and with which characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Only results, warnings and errors are shown.
    pub(super) quiet: bool,
    /// Progress bars are drawn on standard error.
    pub(crate) bars: bool,
    /// Lines, dashes and dots may use characters outside ASCII.
    pub(crate) unicode: bool,
    colours: Colours,
}

/// Which of the two streams are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colours {
    results: bool,
    messages: bool,
}

/// The meaning of a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Error,
    Warning,
    Note,
    Progress,
}

/// The environment that the style depends on.
struct Surroundings<'a> {
    variable: &'a dyn Fn(&str) -> Option<OsString>,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
}

impl Default for Style {
    /// The style for output that goes to a file.
    fn default() -> Self {
        Self { quiet: false, bars: false, unicode: true, colours: Colours { results: false, messages: false } }
    }
}

/// Sets the style. Only the first call has an effect.
pub(crate) fn settle(arguments: Arguments) {
    let surroundings = Surroundings {
        variable: &|name| std::env::var_os(name),
        stdout_is_terminal: io::stdout().is_terminal(),
        stderr_is_terminal: io::stderr().is_terminal(),
    };
    let _ = STYLE.set(Style::new(arguments, &surroundings));
}

/// The current style.
pub(crate) fn style() -> Style {
    STYLE.get().copied().unwrap_or_default()
}

/// The value of `--color`, read before the command line is parsed, because help and usage errors are coloured too.
pub(crate) fn color_choice(arguments: impl Iterator<Item = OsString>) -> ColorChoice {
    let mut choice = ColorChoice::Auto;
    let mut is_next = false;
    for argument in arguments {
        let argument = argument.to_string_lossy().into_owned();
        let when = if is_next { Some(&*argument) } else { argument.strip_prefix("--color=") };
        match when {
            Some("always") => choice = ColorChoice::Always,
            Some("never") => choice = ColorChoice::Never,
            Some("auto") => choice = ColorChoice::Auto,
            _ => {}
        }
        is_next = argument == "--color";
        if argument == "--" {
            break;
        }
    }
    choice
}

impl Style {
    fn new(arguments: Arguments, surroundings: &Surroundings<'_>) -> Self {
        // An empty variable counts as unset.
        let variable = |name: &str| {
            (surroundings.variable)(name).map(|value| value.to_string_lossy().into_owned()).filter(|it| !it.is_empty())
        };
        let term = variable("TERM");
        let is_dumb = term.as_deref() == Some("dumb");
        // Without TERM, assume a dumb terminal.
        let moves_cursor = term.is_some() && !is_dumb;
        let colour = |is_terminal: bool| match arguments.color {
            When::Always => true,
            When::Never => false,
            When::Auto if variable("NO_COLOR").is_some() => false,
            When::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            When::Auto => is_terminal && moves_cursor && variable("CLICOLOR").as_deref() != Some("0"),
        };
        // The first of these that is set decides. If none is set, as in most containers, assume UTF-8.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
        let is_utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self {
            quiet: arguments.quiet,
            bars: !arguments.quiet && surroundings.stderr_is_terminal && moves_cursor,
            unicode: is_utf8 && !is_dumb,
            colours: Colours {
                results: colour(surroundings.stdout_is_terminal),
                messages: colour(surroundings.stderr_is_terminal),
            },
        }
    }

    /// Colours a piece of a result.
    pub(crate) fn paint(self, colour: Colour, text: &str) -> String {
        if self.colours.results { painted(colour, text) } else { text.to_owned() }
    }

    /// Colours a piece of a message.
    pub(crate) fn paint_message(self, colour: Colour, text: &str) -> String {
        if self.colours.messages { painted(colour, text) } else { text.to_owned() }
    }
}

fn painted(colour: Colour, text: &str) -> String {
    let code = match colour {
        Colour::Error => "1;31",
        Colour::Warning => "1;33",
        Colour::Note => "1;36",
        Colour::Progress => "36",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The style with these variables and flags. Both streams are terminals, or neither is.
    fn style(variables: &[(&str, &str)], quiet: bool, color: When, is_terminal: bool) -> Style {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        let surroundings =
            Surroundings { variable: &variable, stdout_is_terminal: is_terminal, stderr_is_terminal: is_terminal };
        Style::new(Arguments { quiet, color }, &surroundings)
    }

    #[test]
    fn colours_are_used_where_they_are_wanted() {
        let colour = |variables: &[(&str, &str)], color, is_terminal| {
            let style = style(&[&[("TERM", "xterm")], variables].concat(), false, color, is_terminal);
            assert_eq!(style.colours.results, style.colours.messages);
            style.colours.results
        };
        assert!(colour(&[], When::Auto, true));
        assert!(!colour(&[], When::Auto, false));
        assert!(!colour(&[("NO_COLOR", "1")], When::Auto, true));
        assert!(colour(&[("NO_COLOR", "")], When::Auto, true), "an empty variable counts as not set");
        assert!(!colour(&[("CLICOLOR", "0")], When::Auto, true));
        assert!(colour(&[("CLICOLOR", "1")], When::Auto, true));
        assert!(colour(&[("CLICOLOR_FORCE", "1")], When::Auto, false));
        assert!(!colour(&[("CLICOLOR_FORCE", "0")], When::Auto, false));
        assert!(!colour(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], When::Auto, true));
        assert!(colour(&[("NO_COLOR", "1")], When::Always, false));
        assert!(!colour(&[("CLICOLOR_FORCE", "1")], When::Never, true));
    }

    #[test]
    fn the_locale_and_the_terminal_decide_about_characters() {
        let unicode = |variables: &[(&str, &str)]| style(variables, false, When::Auto, true).unicode;
        assert!(unicode(&[]));
        assert!(unicode(&[("LANG", "de_DE.UTF-8")]) && unicode(&[("LC_CTYPE", "C.utf8")]));
        assert!(!unicode(&[("LANG", "C")]) && !unicode(&[("LANG", "en_US.ISO-8859-1")]));
        assert!(!unicode(&[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "POSIX")]), "LC_CTYPE goes before LANG");
        assert!(unicode(&[("LC_CTYPE", "C"), ("LC_ALL", "C.UTF-8")]), "LC_ALL goes before all");
        assert!(!unicode(&[("LC_ALL", ""), ("LANG", "C")]), "an empty variable counts as not set");
        assert!(!unicode(&[("TERM", "dumb"), ("LANG", "C.UTF-8")]));
    }

    #[test]
    fn bars_need_a_terminal_that_moves_its_cursor_and_somebody_who_wants_them() {
        let bars = |term: &str, quiet, is_terminal| style(&[("TERM", term)], quiet, When::Auto, is_terminal).bars;
        assert!(bars("xterm", false, true));
        assert!(!bars("xterm", true, true));
        assert!(!bars("xterm", false, false));
        assert!(!bars("dumb", false, true));
        assert!(!bars("", false, true));
    }

    #[test]
    fn the_colour_of_help_is_known_before_the_command_line_is_read() {
        let choice = |arguments: &[&str]| color_choice(arguments.iter().map(OsString::from));
        assert_eq!(choice(&["train", "--color", "never", "--help"]), ColorChoice::Never);
        assert_eq!(choice(&["--color=always"]), ColorChoice::Always);
        assert_eq!(choice(&["--color=never", "--color", "auto"]), ColorChoice::Auto);
        assert_eq!(choice(&["train", "--", "--color=never"]), ColorChoice::Auto);
    }
}
