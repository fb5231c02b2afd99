//! Decodes the bytes of a table into text.

use super::cells::line;
use super::wrong::Wrong;
use crate::DataError;
use crate::loading::Loading;
use serde::Serialize;

/// The character encoding of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// UTF-8, which includes ASCII.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// UTF-16 with a byte order mark, such as Excel's "Unicode text".
    #[serde(rename = "UTF-16")]
    Utf16,
    /// Windows-1252, the superset of Latin-1 that Western programs wrote before UTF-8.
    #[serde(rename = "Windows-1252")]
    Windows1252,
}

/// Windows-1252 at 0x80..0xa0, where Latin-1 has control characters. The five unused bytes keep their Latin-1 meaning.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Decodes the text and removes the byte order mark.
///
/// Text that is not UTF-8 is Windows-1252 if its very first character beyond ASCII is not valid UTF-8. Otherwise it is
/// damaged UTF-8.
pub(super) fn decode(loading: Loading<'_>, bytes: Vec<u8>) -> Result<(String, Encoding), DataError> {
    if let Some(found) = no_text(&bytes) {
        return Err(Wrong::line(1).expected("a table of text").found(found.0).advice(found.1).of(loading.path));
    }
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes[..] {
        return Ok((utf16(loading, &bytes)?, Encoding::Utf16));
    }
    let (mut text, encoding) = match String::from_utf8(bytes) {
        Ok(text) => (text, Encoding::Utf8),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            if !bytes[..good].is_ascii() {
                let text = String::from_utf8_lossy(&bytes[..good]);
                let found = format!("the byte {:02x}", bytes[good]);
                let advice = "the rest of the file is UTF-8: mend this line, or save the file as UTF-8";
                let wrong = Wrong::line(line(&text, good)).expected("UTF-8 text").found(found).advice(advice);
                return Err(wrong.of(loading.path));
            }
            (windows_1252(loading, &bytes)?, Encoding::Windows1252)
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if let Some(place) = text.bytes().position(|byte| byte == 0) {
        let advice = "is it a binary file? save it as CSV";
        let wrong = Wrong::line(line(&text, place)).expected("a table of text").found("a byte that is 0");
        return Err(wrong.advice(advice).of(loading.path));
    }
    Ok((text, encoding))
}

/// Recognises files that are certainly not text. Returns what the file is and what to do about it.
fn no_text(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(("gzip-compressed data", "unpack it first, with gunzip")),
        [b'P', b'K', 3, 4, ..] => {
            Some(("a zip archive", "unpack it first; if it is a spreadsheet (.xlsx, .ods), save it as CSV"))
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(("a spreadsheet (.xls)", "save it as CSV")),
        [b'P', b'A', b'R', b'1', ..] => Some(("a Parquet file", "save it as CSV, or as .npz with numpy.savez")),
        _ => None,
    }
}

fn windows_1252(loading: Loading<'_>, bytes: &[u8]) -> Result<String, DataError> {
    // A character of Windows-1252 takes up to three bytes in UTF-8.
    let more = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let mut text = String::new();
    let size = bytes.len() + 2 * more;
    text.try_reserve_exact(size).map_err(|_| DataError::memory(loading.path, size))?;
    text.extend(bytes.iter().map(|&byte| match byte {
        0x80..0xa0 => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }));
    Ok(text)
}

/// `bytes` must begin with a byte order mark.
fn utf16(loading: Loading<'_>, bytes: &[u8]) -> Result<String, DataError> {
    let is_big = bytes[0] == 0xfe;
    let (units, rest) = bytes[2..].as_chunks();
    let units = units.iter().map(|&unit| if is_big { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) });
    let mut text = String::new();
    let size = bytes.len() / 2 * 3;
    text.try_reserve_exact(size).map_err(|_| DataError::memory(loading.path, size))?;
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(character) => text.push(character),
            Err(error) => {
                let found = format!("the unit {:04x}", error.unpaired_surrogate());
                let wrong = Wrong::line(line(&text, text.len())).expected("UTF-16 text").found(found);
                return Err(wrong.advice("save the file as UTF-8").of(loading.path));
            }
        }
    }
    if !rest.is_empty() {
        let wrong = Wrong::line(line(&text, text.len())).expected("UTF-16 text").found("half a character at the end");
        return Err(wrong.advice("the file is cut off: copy it again, or save it as UTF-8").of(loading.path));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    fn decoded(bytes: &[u8]) -> Result<(String, Encoding), String> {
        let interrupt = AtomicBool::new(false);
        let loading = Loading { path: Path::new("table.csv"), interrupt: &interrupt };
        decode(loading, bytes.to_vec()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_encodings_that_people_have_are_read() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}größe\n€𝄞".encode_utf16().flat_map(unit).collect()
        };
        let cases: [(&[u8], &str, Encoding); 6] = [
            ("größe\n€𝄞".as_bytes(), "größe\n€𝄞", Encoding::Utf8),
            ("\u{feff}größe\n€𝄞".as_bytes(), "größe\n€𝄞", Encoding::Utf8),
            (b"gr\xf6\xdfe\n\x80", "größe\n€", Encoding::Windows1252),
            (b"t\xeate", "tête", Encoding::Windows1252),
            (&utf16(u16::to_le_bytes), "größe\n€𝄞", Encoding::Utf16),
            (&utf16(u16::to_be_bytes), "größe\n€𝄞", Encoding::Utf16),
        ];
        for (bytes, text, encoding) in cases {
            assert_eq!(decoded(bytes), Ok((text.to_owned(), encoding)));
        }
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, expected) in [
            (&b"\x1f\x8b\x08"[..], "line 1: expected a table of text, found gzip-compressed data; unpack it"),
            (b"PK\x03\x04...", "found a zip archive; unpack it first; if it is a spreadsheet"),
            (b"a,b\n1\0,2", "line 2: expected a table of text, found a byte that is 0; is it a binary file?"),
            (
                b"\xc3\xa9,b\n\n1,\xff\n",
                "line 3: expected UTF-8 text, found the byte ff; the rest of the file is UTF-8",
            ),
            (b"\xff\xfea\0\n\0\0\xd8", "line 2: expected UTF-16 text, found the unit d800"),
            (b"\xff\xfea\0b", "expected UTF-16 text, found half a character at the end; the file is cut off"),
        ] {
            let message = decoded(bytes).unwrap_err();
            assert!(message.starts_with("table.csv, line ") && message.contains(expected), "{message}");
        }
    }
}
