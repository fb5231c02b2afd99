//! Bash splits words at `=`: it makes four words of `--set train.steps=5`. This module joins them again before it
//! completes, and strips the part before the split from each candidate.

use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::EnvCompleter;

const SCRIPT: &str = r#"_headwater() {
    COMPREPLY=()
    local word
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(HEADWATER_COMPLETE_INDEX="$COMP_CWORD" VARIABLE=bash PROGRAM -- "${COMP_WORDS[@]}")
    # A value follows, or more of a path.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o nosort -F _headwater NAME 2>/dev/null || complete -o bashdefault -F _headwater NAME"#;

pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        var: &str,
        _name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> Result<(), Error> {
        let script = SCRIPT.replace("VARIABLE", var).replace("NAME", bin);
        writeln!(buf, "{}", script.replace("PROGRAM", &quoted(completer)))
    }

    fn write_complete(
        &self,
        cmd: &mut Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> Result<(), Error> {
        let index = std::env::var("HEADWATER_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok()).unwrap_or(0);
        let Joined { words, index, before } = joined(&args, index);
        for candidate in clap_complete::engine::complete(cmd, words, index, current_dir)? {
            let value = candidate.get_value().to_string_lossy();
            writeln!(buf, "{}", value.strip_prefix(&before).unwrap_or(&value))?;
        }
        Ok(())
    }
}

struct Joined {
    words: Vec<OsString>,
    /// The index in `words` of the word to complete.
    index: usize,
    /// The part of that word that bash treats as earlier words.
    before: String,
}

/// Joins the words as they were typed.
fn joined(broken: &[OsString], index: usize) -> Joined {
    let mut joined = Joined { words: Vec::new(), index: 0, before: String::new() };
    for (position, word) in broken.iter().enumerate() {
        let follows = position > 0 && (word == "=" || broken[position - 1] == "=");
        // With the cursor right after the `=`, an empty word is completed.
        let is_break = word == "=";
        match joined.words.last_mut().filter(|_| follows) {
            Some(last) => {
                if position == index && !is_break {
                    joined.before = last.to_string_lossy().into_owned();
                }
                last.push(word);
                if position == index && is_break {
                    joined.before = last.to_string_lossy().into_owned();
                }
            }
            None => joined.words.push(word.clone()),
        }
        if position == index {
            joined.index = joined.words.len() - 1;
            // Words after the cursor are ignored.
            break;
        }
    }
    joined
}

/// Quotes a word so that bash takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(broken: &[&str], index: usize, expected: (&[&str], usize, &str)) {
        let broken: Vec<OsString> = broken.iter().map(OsString::from).collect();
        let Joined { words, index, before } = joined(&broken, index);
        assert_eq!(
            (&words[..], index, &*before),
            (&expected.0.iter().map(OsString::from).collect::<Vec<_>>()[..], expected.1, expected.2)
        );
    }

    #[test]
    fn words_that_bash_broke_are_joined() {
        check(&["h", "train", "--set", "network.ac"], 3, (&["h", "train", "--set", "network.ac"], 3, ""));
        check(&["h", "train", "--set", "a.b", "=", "ta"], 5, (&["h", "train", "--set", "a.b=ta"], 3, "a.b="));
        check(&["h", "train", "--set", "a.b", "="], 4, (&["h", "train", "--set", "a.b="], 3, "a.b="));
        check(&["h", "train", "--set", "=", "a.b", "=", "t"], 6, (&["h", "train", "--set=a.b=t"], 2, "--set=a.b="));
        check(&["h", "train", "--set", "a", "=", "b", "--js"], 6, (&["h", "train", "--set", "a=b", "--js"], 4, ""));
        check(&["h", "tr", "--json"], 1, (&["h", "tr"], 1, ""));
    }
}
