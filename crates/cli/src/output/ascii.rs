//! Replaces our typographic characters with ASCII, for terminals and locales without UTF-8.

/// The first braille pattern. The low bits of a pattern are its dots.
const BRAILLE: u32 = 0x2800;
/// The dots of the upper and lower halves of a braille pattern.
const UPPER: u32 = 0x01 | 0x02 | 0x08 | 0x10;
const LOWER: u32 = 0x04 | 0x20 | 0x40 | 0x80;

/// Replaces our lines, dashes, dots and signs with ASCII. Letters of other alphabets belong to names and are kept.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '─' | '–' | '−' | '‐' => out.push('-'),
            '━' | '═' => out.push('='),
            '╸' => out.push('>'),
            '—' => out.push_str("--"),
            '…' => out.push_str("..."),
            '×' => out.push('x'),
            '·' => out.push('*'),
            '→' => out.push_str("->"),
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '±' => out.push_str("+-"),
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '\u{2800}'..='\u{28ff}' => out.push(dots(u32::from(character) - BRAILLE)),
            _ => out.push(character),
        }
    }
    out
}

/// An ASCII character with ink in about the same place as the dots.
fn dots(bits: u32) -> char {
    match (bits & UPPER != 0, bits & LOWER != 0) {
        (false, false) => ' ',
        (true, false) => '\'',
        (false, true) => '.',
        (true, true) => ':',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typography_has_a_form_in_ascii_and_names_stay_as_they_are() {
        assert_eq!(ascii("═─━╸ 5–95 % “é”"), "=-=> 5-95 % \"é\"");
    }

    #[test]
    fn a_curve_keeps_its_shape() {
        assert_eq!(ascii("⠉⠒⠤⣀⡇⠀"), "''..: ");
    }
}
