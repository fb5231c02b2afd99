//! Patterns that select runs and tags by name.

use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};

/// The pattern syntax, for the end of a help text.
pub(crate) const SYNTAX: &str = "\
Patterns: * stands for any text, slashes included, ? for one character, [ab] for one of them, {sgd,adam} for either word.
Quote them, so that the shell leaves them alone.";

/// A pattern that must match a whole name.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(GlobMatcher);

impl Pattern {
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    /// The pattern as the user wrote it.
    pub(crate) fn text(&self) -> &str {
        self.0.glob().glob()
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The same on every operating system. `*` also matches slashes, so it selects nested runs.
        let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build();
        glob.map(|glob| Self(glob.compile_matcher())).map_err(|error| error.kind().to_string())
    }
}

/// Whether a name matches. Without a pattern, every name does.
pub(crate) fn wanted(pattern: Option<&Pattern>, name: &str) -> bool {
    pattern.is_none_or(|pattern| pattern.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_slashes_too_and_the_whole_name_is_compared() {
        let matches = |pattern: &str, name: &str| pattern.parse::<Pattern>().unwrap().matches(name);
        assert!(matches("sigmoid*", "sigmoid/seed-0"));
        assert!(matches("*", "."));
        assert!(matches("*/seed-?", "relu/seed-3"));
        assert!(matches("{relu,tanh}", "tanh"));
        assert!(matches("[rt]*", "tanh"));
        assert!(matches("layers\\[0\\]", "layers[0]"));
        assert!(!matches("sigmoid", "sigmoid/seed-0"));
        assert!(!matches("relu*", "leaky_relu"));
        assert!(!matches("Relu", "relu"));
    }

    #[test]
    fn what_is_no_pattern_is_said() {
        for pattern in ["[a", "{a", "a}", "[z-a]", "a\\"] {
            let error = pattern.parse::<Pattern>().unwrap_err();
            assert!(!error.is_empty() && !error.contains("GlobError"), "{pattern}: {error}");
        }
    }
}
