//! A preset as a file to start from: every key with its meaning, the values it takes, and its default.

use toml::Value;

use crate::config_error::ConfigError;
use crate::experiment::PRESETS;
use crate::overrides::Overrides;
use crate::reference::{self, Key};
use crate::resolved::{Resolved, Shared, configuration_keys, written};

/// Width of a comment, in columns.
const WIDTH: usize = 100;

/// The text of a file for the same experiment as a preset. Keys that the preset does not set are commented out.
///
/// # Errors
/// [`ConfigError::UnknownPreset`] if there is no such preset.
pub fn template(preset: &str) -> Result<String, ConfigError> {
    let resolved = Resolved::load(preset, &Overrides::default())?;
    let source = PRESETS.iter().find(|(name, _)| *name == preset).map_or("", |(_, text)| text);
    let mut text = String::new();
    for line in source.lines().take_while(|line| line.starts_with('#')) {
        text.push_str(&format!("{line}\n"));
    }
    text.push_str(&comment(
        "Lines such as `# depth = 5` set nothing: take the # away to set that key. `headwater help KEY` says more of a key, \
         `headwater config FILE` what a file comes to.",
    ));
    text.push_str(&format!("\nname = {}\n", Value::from(resolved.experiment.name.as_str())));
    let mut section = "";
    for key in configuration_keys() {
        let (of_key, name) = key.name.split_once('.').unwrap_or_default();
        if of_key != section {
            text.push_str(&format!("\n{}[{of_key}]\n", comment(section_meaning(of_key))));
            section = of_key;
        }
        text.push_str(&format!("\n{}", comment(&description(key))));
        match resolved.shared(key) {
            Shared::Value(Some(value)) if resolved.is_given(key) => {
                text.push_str(&format!("{name} = {}\n", written(key, &value)));
            }
            Shared::Value(_) => {
                let example = key.default.as_ref().or(key.example.as_ref());
                text.push_str(&example.map_or_else(String::new, |example| format!("# {name} = {example}\n")));
            }
            Shared::Differs => text.push_str("# Each scenario has its own, below.\n"),
        }
    }
    let scenarios = resolved.named_scenarios();
    for (index, scenario) in scenarios.iter().enumerate() {
        let meaning = if index == 0 { comment(section_meaning("scenario")) } else { String::new() };
        text.push_str(&format!("\n{meaning}[[scenario]]\nname = {}\n", Value::from(scenario.name.as_str())));
        if let Some(published) = scenario.published {
            text.push_str(&format!("published = {}\n", Value::from(published)));
        }
        for (key, value) in resolved.own(index) {
            text.push_str(&format!("{} = {}\n", key.name, written(key, &value)));
        }
    }
    Ok(text)
}

/// The meaning of a key, the values it takes, and its default.
fn description(key: &Key) -> String {
    let mut text = format!("{} Takes {}.", key.meaning, key.kind);
    if let Some(default) = &key.default {
        text.push_str(&format!(" Default: {default}."));
    }
    text
}

fn section_meaning(section: &str) -> &'static str {
    let found = reference::sections().iter().find(|known| known.name == section);
    found.map_or("", |section| section.meaning.as_str())
}

fn comment(text: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent("# ").subsequent_indent("# ").break_words(false);
    textwrap::fill(text, options) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KEYS;

    fn read(text: &str) -> Result<Resolved, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, text).unwrap();
        Resolved::load(path.to_str().unwrap(), &Overrides::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_preset_is_the_experiment_that_its_file_is_read_as() {
        for (preset, _) in PRESETS {
            let text = template(preset).unwrap();
            let expected = Resolved::load(preset, &Overrides::default()).unwrap().experiment;
            assert_eq!(read(&text).unwrap().experiment, expected, "{text}");
        }
    }

    #[test]
    fn every_key_stands_in_the_file_with_its_meaning_and_default() {
        for (preset, _) in PRESETS {
            let text = template(preset).unwrap();
            let plain = text.lines().map(|line| line.trim_start_matches("# ")).collect::<Vec<_>>().join(" ");
            for name in KEYS.iter() {
                let key = reference::key(name).unwrap();
                assert!(plain.contains(&description(key)), "{preset}: {name}");
            }
            assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
        }
    }

    #[test]
    fn a_key_that_is_no_longer_a_comment_is_set() {
        let text = template("vanishing").unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let mut set = 0;
        for (index, line) in lines.iter().enumerate() {
            let Some(assignment) = line.strip_prefix("# ").filter(|line| is_assignment(line)) else {
                continue;
            };
            let mut changed = lines.clone();
            changed[index] = assignment;
            match read(&changed.join("\n")) {
                Ok(_) => set += 1,
                Err(error) => assert!(error.contains("keep one"), "{assignment}: {error}"),
            }
        }
        assert!(set > 10, "{set}");
    }

    /// Whether a line is `name = value`, not a sentence.
    fn is_assignment(line: &str) -> bool {
        line.split_once(" = ").is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    }

    #[test]
    fn what_is_no_preset_is_refused() {
        assert!(template("vanishin").unwrap_err().to_string().contains("did you mean \"vanishing\"?"));
    }
}
