//! Configuration from environment variables and `--set`.

use std::ffi::{OsStr, OsString};

use anyhow::{anyhow, bail};
use headwater_lab::Overrides;
use headwater_nn::InstructionSet;

use crate::{complete, output};

/// Chooses the instruction set of all kernels: `baseline`, `avx2` or `avx512`.
const INSTRUCTIONS: &str = "HEADWATER_ISA";

/// Makes all kernels use the instruction set that the environment names, if it names one.
pub(crate) fn choose_instructions() -> anyhow::Result<()> {
    let Some(name) = std::env::var_os(INSTRUCTIONS) else { return Ok(()) };
    let set: Result<InstructionSet, _> = name.to_string_lossy().parse();
    set.and_then(InstructionSet::choose).map_err(|error| anyhow!("{INSTRUCTIONS}: {error}"))
}

/// The overrides for a configuration file. Warns about settings that have no effect.
pub(crate) fn overrides(set: &[String]) -> anyhow::Result<Overrides> {
    let environment = variables(std::env::vars_os())?;
    for warning in warnings(&environment) {
        output::warning(&warning);
    }
    let overrides = Overrides { environment, set: set.to_vec() };
    for warning in overrides.warnings() {
        output::warning(&warning);
    }
    Ok(overrides)
}

/// All environment variables as text. Returns an error if a variable that sets a key is not text: ignoring it would
/// train a different experiment from the one the user asked for.
fn variables(variables: impl Iterator<Item = (OsString, OsString)>) -> anyhow::Result<Vec<(String, String)>> {
    let mut text = Vec::new();
    for (name, value) in variables {
        // A name that is not text sets no key. Warnings show its readable part.
        let name = name.to_string_lossy().into_owned();
        match value.into_string() {
            Ok(value) => text.push((name, value)),
            Err(value) if headwater_lab::key_of_variable(&name).is_some() => {
                bail!("{name}: expected text in UTF-8, found the bytes {}; set it anew, or unset it", bytes(&value));
            }
            // Not one of our variables, or a path.
            Err(value) => text.push((name, value.to_string_lossy().into_owned())),
        }
    }
    Ok(text)
}

/// Bytes that are not text. Printable ASCII is shown as it is: `"5\xFF"`.
fn bytes(value: &OsStr) -> String {
    format!("\"{}\"", value.as_encoded_bytes().escape_ascii())
}

/// Variables that look as if they were meant for us and are not read.
fn warnings(variables: &[(String, String)]) -> Vec<String> {
    let ours = own_variables();
    let warning = |name: &String| {
        let is_meant = name.to_uppercase().starts_with("HEADWATER_");
        if !is_meant || ours.contains(name) || headwater_lab::key_of_variable(name).is_some() {
            return None;
        }
        let nearest = own_variable_like(name, &ours).or_else(|| headwater_lab::misspelled_variable(name));
        let advice = nearest.map_or_else(
            || "`headwater help keys` lists what can be set".to_owned(),
            |nearest| format!("did you mean {nearest}?"),
        );
        Some(format!("{} is not read; {advice}", output::plain(name)))
    };
    variables.iter().filter_map(|(name, _)| warning(name)).collect()
}

/// The environment variables of the flags.
fn own_variables() -> Vec<String> {
    let command = complete::command();
    let of_flags = command.get_subcommands().flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_env);
    let others = [complete::VARIABLE, INSTRUCTIONS].map(str::to_owned);
    of_flags.map(|name| name.to_string_lossy().into_owned()).chain(others).collect()
}

fn own_variable_like(name: &str, ours: &[String]) -> Option<String> {
    let rest = |name: &str| name.to_uppercase().trim_start_matches("HEADWATER_").to_owned();
    let parts: Vec<String> = ours.iter().map(|name| rest(name)).collect();
    let nearest = headwater_lab::nearest(&rest(name), parts.iter().map(String::as_str))?;
    ours.iter().find(|name| rest(name) == nearest).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(name: &str) -> String {
        warnings(&[(name.to_owned(), String::new())]).join("; ")
    }

    #[test]
    fn a_variable_that_is_not_read_gets_the_nearest_that_is() {
        assert_eq!(
            warned("HEADWATER_TRAIN_STPS"),
            "HEADWATER_TRAIN_STPS is not read; did you mean HEADWATER_TRAIN_STEPS?"
        );
        assert!(warned("HEADWATER_LOG_DIR").ends_with("did you mean HEADWATER_LOGDIR?"));
        assert!(warned("HEADWATER_TRAIN_LR").ends_with("did you mean HEADWATER_TRAIN_LEARNING_RATE?"));
        assert!(warned("headwater_threads").ends_with("did you mean HEADWATER_THREADS?"));
        assert!(warned("HEADWATER_ZEBRA").ends_with("`headwater help keys` lists what can be set"));
        for name in [
            "HEADWATER_TRAIN_STEPS",
            "HEADWATER_SEEDS",
            "HEADWATER_LOGDIR",
            "HEADWATER_THREADS",
            "HEADWATER_ISA",
            "HOME",
        ] {
            assert_eq!(warned(name), "");
        }
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_refused_where_they_would_set_a_key() {
        use std::os::unix::ffi::OsStringExt;
        let read = |name: &[u8]| {
            let variable = (OsString::from_vec(name.to_vec()), OsString::from_vec(b"5\xff".to_vec()));
            variables([variable].into_iter()).map_err(|error| error.to_string())
        };
        let error = read(b"HEADWATER_TRAIN_STEPS").unwrap_err();
        assert!(
            error.starts_with("HEADWATER_TRAIN_STEPS: expected text in UTF-8, found the bytes \"5\\xff\""),
            "{error}"
        );
        assert!(read(b"HEADWATER_LOGDIR").is_ok(), "a path may be any bytes");
        let broken = read(b"HEADWATER_TRAIN_ST\xffPS").unwrap();
        assert!(warnings(&broken)[0].contains("did you mean HEADWATER_TRAIN_STEPS?"), "{broken:?}");
    }
}
