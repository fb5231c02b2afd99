//! Numbers on the command line.

use std::str::FromStr;

/// A number that cannot be 0, as a person writes it.
pub(crate) fn at_least_one<N: FromStr>(text: &str) -> Result<N, String> {
    text.trim().parse().map_err(|_| "expected a whole number of at least 1".to_owned())
}
