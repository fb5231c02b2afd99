//! The rules, one a file. What stands above the code of each is its documentation, for readers of the source and of
//! `headwater diagnose --rules` alike: what it sees, why that is bad, what to do, and where the thresholds come from.

mod bad_init;
mod dead_units;
mod decay_too_high;
mod diverging;
mod dropout_too_high;
mod exploding;
pub(crate) mod frozen_layer;
mod gradient_noise;
mod loss_mismatch;
mod not_finite;
mod oscillating_loss;
mod overfitting;
mod plateau;
mod saturated_units;
mod unscaled_input;
mod update_too_large;
mod update_too_small;
mod vanishing;

use crate::{Evidence, Finding};

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// Its source text, whose beginning is its documentation.
    source: &'static str,
    judge: fn(&Evidence) -> Option<Finding>,
}

macro_rules! rules {
    ($($name:ident),*) => {
        /// All rules, by name.
        pub const RULES: &[Rule] = &[$(Rule {
            name: stringify!($name),
            source: include_str!(concat!(stringify!($name), ".rs")),
            judge: $name::judge,
        }),*];
    };
}

rules!(
    bad_init,
    dead_units,
    decay_too_high,
    diverging,
    dropout_too_high,
    exploding,
    frozen_layer,
    gradient_noise,
    loss_mismatch,
    not_finite,
    oscillating_loss,
    overfitting,
    plateau,
    saturated_units,
    unscaled_input,
    update_too_large,
    update_too_small,
    vanishing
);

impl Rule {
    /// What it says of a run.
    pub fn judge(&self, evidence: &Evidence) -> Option<Finding> {
        (self.judge)(evidence)
    }

    /// What it sees, why that is bad, what to do, source and threshold: Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_says_what_it_sees_why_that_is_bad_what_to_do_and_where_it_is_from() {
        for rule in RULES {
            let text = rule.documentation();
            for part in ["## What it sees", "## Why it is bad", "## What to do", "## Source and threshold"] {
                assert!(text.contains(part), "{}: no {part:?}", rule.name);
            }
        }
        assert!(RULES.is_sorted_by_key(|rule| rule.name));
    }

    #[test]
    fn no_rule_speaks_of_nothing() {
        for rule in RULES {
            assert_eq!(rule.judge(&Evidence::new("run")), None, "{}", rule.name);
        }
    }
}
