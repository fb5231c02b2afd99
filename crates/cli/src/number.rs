//! Numbers on the command line.

use std::str::FromStr;

/// Parses a number that must be at least 1.
pub(crate) fn at_least_one<N: FromStr>(text: &str) -> Result<N, String> {
    text.trim().parse().map_err(|_| "expected a whole number of at least 1".to_owned())
}
