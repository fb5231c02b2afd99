//! What a rule is: how it judges, and everything else that other parts of the program need to know of it.

use crate::rules::RULES;
use crate::{Evidence, Finding};

/// A rule. Its file in `rules/` fills in what applies to it: `Rule { at_birth: true, ..Rule::of(judge) }`.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, which is that of its file.
    pub name: &'static str,
    /// The source text of its file, whose beginning is its documentation.
    pub(crate) source: &'static str,
    /// What it says of a run.
    pub(crate) judge: fn(&Evidence) -> Option<Finding>,
    /// The rules whose findings are effects of this one's. If they were there no sooner and are no worse, they are not told
    /// on their own: this rule's finding names them.
    pub explains: &'static [&'static str],
    /// The rules whose `explains` could name this rule as well. A rule that only sees effects names its causes here.
    pub explained_by: &'static [&'static str],
    /// Whether this finding of the rule explains others at all. By default it does.
    pub(crate) explains_if: fn(&Finding, &Evidence) -> bool,
    /// Whether others can explain this finding of the rule. By default they can.
    pub(crate) explained_if: fn(&Finding, &Evidence) -> bool,
    /// Whether its advice on the learning rate is a guess, which is left out if another finding has better advice.
    pub guesses_rate: bool,
    /// Whether it speaks of how a network was born. A watched run is told so after its first step; of what other rules
    /// find, only once it stands in two looks in a row.
    pub at_birth: bool,
    /// What a watched run is told of its findings in the first half of the planned steps.
    pub first_half: FirstHalf,
    /// The page of ideas, a file in `crates/board/ui/ideas`, that explains what it sees.
    pub idea: Option<&'static str>,
    /// What others call it, in small letters without spaces and underscores: `headwater help` knows these words, too.
    pub also_called: &'static [&'static str],
}

/// What a watched run is told of a rule's findings in the first half of the planned steps, while the network may still
/// come right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstHalf {
    /// All of them.
    All,
    /// Errors. What is less may be gone later.
    Errors,
    /// All of them, at most as warnings, which do not stop the run: it may be slow only.
    Warnings,
    /// None: the rule speaks of what has not happened yet.
    Nothing,
}

impl Rule {
    /// A rule that explains nothing, and of which there is nothing else to say. `RULES` adds its name.
    pub(crate) const fn of(judge: fn(&Evidence) -> Option<Finding>) -> Self {
        Self {
            name: "",
            source: "",
            judge,
            explains: &[],
            explained_by: &[],
            explains_if: |_, _| true,
            explained_if: |_, _| true,
            guesses_rate: false,
            at_birth: false,
            first_half: FirstHalf::All,
            idea: None,
            also_called: &[],
        }
    }

    /// The rule of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    /// Whether what the other rule finds may be an effect of what this one finds.
    pub fn is_cause_of(&self, other: &Self) -> bool {
        self.explains.contains(&other.name) || other.explained_by.contains(&self.name)
    }

    /// What it says of a run.
    pub fn judge(&self, evidence: &Evidence) -> Option<Finding> {
        (self.judge)(evidence).map(|finding| Finding { rule: self.name, ..finding })
    }

    /// What it sees, why that is bad, what to do, source and threshold: Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}
