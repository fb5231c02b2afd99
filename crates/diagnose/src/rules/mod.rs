//! The rules, one a file. What stands above the code of each is its documentation, for readers of the source and of
//! `headwater diagnose --rules` alike: what it sees, why that is bad, what to do, and where the thresholds come from.
//! `RULE` in each file is what the rest of the program knows of the rule.

mod bad_init;
mod dead_units;
mod decay_too_high;
mod diverging;
mod dropout_too_high;
mod exploding;
mod frozen_layer;
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

use std::sync::LazyLock;

use crate::Rule;

/// All rules, by name.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = CAUSES_FIRST.to_vec();
    rules.sort_unstable_by_key(|rule| rule.name);
    rules
});

macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        /// All rules, causes before their effects. A finding that several others explain is told with the one whose rule
        /// stands first.
        pub(crate) const CAUSES_FIRST: &[Rule] = &[$(Rule {
            name: stringify!($name),
            source: include_str!(concat!(stringify!($name), ".rs")),
            ..$name::RULE
        }),*];
    };
}

// A new rule stands right above the first one that it explains, or last if it explains none. If two explain each other, the
// more likely cause stands above.
rules!(
    // What was set before training.
    dropout_too_high,
    unscaled_input,
    bad_init,
    decay_too_high,
    gradient_noise,
    // What steps and gradients do.
    update_too_large,
    exploding,
    // What becomes of units and layers.
    dead_units,
    saturated_units,
    vanishing,
    not_finite,
    update_too_small,
    frozen_layer,
    // What is seen in the loss.
    diverging,
    loss_mismatch,
    oscillating_loss,
    overfitting,
    plateau,
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::{Evidence, FirstHalf};

    #[test]
    fn every_rule_says_what_it_sees_why_that_is_bad_what_to_do_and_where_it_is_from() {
        for rule in RULES.iter() {
            let text = rule.documentation();
            for part in ["## What it sees", "## Why it is bad", "## What to do", "## Source and threshold"] {
                assert!(text.contains(part), "{}: no {part:?}", rule.name);
            }
        }
    }

    #[test]
    fn no_rule_speaks_of_nothing() {
        for rule in RULES.iter() {
            assert_eq!(rule.judge(&Evidence::new("run")), None, "{}", rule.name);
        }
    }

    #[test]
    fn every_file_of_this_folder_is_a_rule() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let files = folder.read_dir().unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let files: BTreeSet<String> = files.filter(|file| file != "mod.rs").collect();
        let rules: BTreeSet<String> = RULES.iter().map(|rule| format!("{}.rs", rule.name)).collect();
        assert_eq!(files, rules, "a rule is a file, a `mod` line and a place in `rules!`");
    }

    #[test]
    fn rules_name_other_rules_that_there_are_and_each_cause_of_an_effect_once() {
        for rule in RULES.iter() {
            let mut once = BTreeSet::new();
            for name in rule.explains.iter().chain(rule.explained_by) {
                let other = Rule::named(name).unwrap_or_else(|| panic!("{}: there is no rule {name}", rule.name));
                assert_ne!(other.name, rule.name, "a rule does not explain itself");
                assert!(
                    once.insert(name) && !(rule.explains.contains(name) && other.explained_by.contains(&rule.name)),
                    "{} explains {name}: it is enough to say so once",
                    rule.name
                );
            }
        }
    }

    #[test]
    fn causes_stand_above_their_effects() {
        for (at, effect) in CAUSES_FIRST.iter().enumerate() {
            for cause in CAUSES_FIRST[at..].iter().filter(|cause| cause.is_cause_of(effect)) {
                // If each may be the cause of the other, the one above is asked first.
                let is_mutual = effect.is_cause_of(cause);
                assert!(is_mutual, "rules/mod.rs: {} explains {}, and must stand above it", cause.name, effect.name);
            }
        }
    }

    #[test]
    fn who_speaks_at_birth_is_not_silent_then() {
        for rule in RULES.iter().filter(|rule| rule.at_birth) {
            assert_ne!(rule.first_half, FirstHalf::Nothing, "{}", rule.name);
        }
    }

    #[test]
    fn no_word_means_two_rules_or_is_spelled_as_nobody_compares_it() {
        let mut words = BTreeSet::new();
        for rule in RULES.iter() {
            for word in rule.also_called {
                assert!(word.chars().all(|letter| letter.is_ascii_lowercase()), "{}: {word}", rule.name);
                assert!(words.insert(word), "{word} means two rules");
            }
        }
    }
}
