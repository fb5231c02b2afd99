//! What the environment says of the configuration.

use crate::output;

/// All variables that are text.
pub(crate) fn variables() -> Vec<(String, String)> {
    let variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    warn_of_unknown(&variables);
    variables
}

/// Variables that look as if they were meant for us and are not read.
fn warn_of_unknown(variables: &[(String, String)]) {
    for (name, _) in variables {
        let own = ["HEADWATER_SEEDS", "HEADWATER_LOGDIR", "HEADWATER_THREADS"].contains(&name.as_str());
        if let (false, Some(nearest)) = (own, headwater_lab::misspelled_variable(name)) {
            output::warning(&format!("{name} is not read; did you mean {nearest}?"));
        }
    }
}
