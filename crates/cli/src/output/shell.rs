//! Commands to copy, quoted for a POSIX shell.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Stands for a space inside a command, where lines must not break. [`quoted`] escapes this character in names.
pub(super) const GLUE: char = '\u{1f}';

/// A command of this program to copy from a message. Lines do not break inside it. Its last word is a path.
pub(crate) fn command(words: &str, path: &Path) -> String {
    glued(&format!("headwater {words} {}", quoted_path(path)))
}

/// The text with spaces at which lines do not break.
pub(crate) fn glued(text: &str) -> String {
    text.replace(' ', "\u{1f}")
}

/// A path as a word that no command mistakes for a flag.
pub(crate) fn quoted_path(path: &Path) -> String {
    if path.as_os_str().as_bytes().starts_with(b"-") { quoted(Path::new(".").join(path)) } else { quoted(path) }
}

/// Quotes a word for a shell. Words that are safe as they are stay unquoted.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    let text = word.to_str().filter(|text| !text.chars().any(char::is_control));
    let Some(text) = text else { return escaped(word.as_bytes()) };
    let is_safe = |c: char| c.is_alphanumeric() || "_-./:=+,@%".contains(c);
    if !text.is_empty() && text.chars().all(is_safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A word with escapes for the bytes that cannot be shown as they are.
fn escaped(word: &[u8]) -> String {
    let mut out = String::from("$'");
    for chunk in word.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' | '\\' => out.extend(['\\', character]),
                character if character.is_control() => {
                    let mut bytes = [0; 4];
                    out.extend(character.encode_utf8(&mut bytes).bytes().map(octal));
                }
                character => out.push(character),
            }
        }
        out.extend(chunk.invalid().iter().copied().map(octal));
    }
    out.push('\'');
    out
}

/// An octal escape. Three digits end it, whatever character follows.
fn octal(byte: u8) -> String {
    format!("\\{byte:03o}")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn plain_words_are_left_alone_and_others_are_quoted() {
        for (word, expected) in [
            ("runs/vanishing-2", "runs/vanishing-2"),
            ("train.steps=3", "train.steps=3"),
            ("läufe", "läufe"),
            ("my runs", "'my runs'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("~", "'~'"),
            ("", "''"),
            ("a\nb", r"$'a\012b'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
        assert_eq!(quoted_path(Path::new("-n")), "./-n");
        assert_eq!(command("serve", Path::new("my runs")), "headwater\u{1f}serve\u{1f}'my\u{1f}runs'");
    }

    #[test]
    fn a_shell_reads_what_was_quoted() {
        let words: [&[u8]; 9] = [
            b"a b",
            b"it's",
            b"\"q\"",
            b"*?[a]",
            b"a;b|c&d",
            b"tab\there",
            b"\x1b[31m'\\",
            b"\xff\xfe7",
            b"back\\slash",
        ];
        for word in words {
            let word = OsStr::from_bytes(word);
            // `$'...'` is POSIX only since 2024, so an older `sh` may not know it.
            let output = Command::new("bash").args(["-c", &format!("printf %s {}", quoted(word))]).output().unwrap();
            assert_eq!(OsStr::from_bytes(&output.stdout), word);
        }
    }
}
