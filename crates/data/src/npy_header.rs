//! The header of an NPY array: magic number, version, and a Python dictionary.
//!
//! `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. Source: NEP 1 and `numpy.lib.format`, versions 1.0 to
//! 3.0. The libraries for this bring twenty crates to parse any Python literal; three keys need none.

use std::io::Read;

/// Bytes of the longest header that is read. `NumPy`'s own limit is 10,000.
const LONGEST: usize = 65_536;
const MAGIC: &[u8] = b"\x93NUMPY";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The type of the elements, such as `<f4`.
    pub(crate) descr: String,
    /// Whether the first index varies fastest.
    pub(crate) fortran_order: bool,
    pub(crate) shape: Vec<u64>,
    /// Bytes before the elements.
    pub(crate) length: u64,
}

/// What is wrong with a header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) offset: u64,
    pub(crate) expected: &'static str,
    pub(crate) found: String,
}

impl Wrong {
    fn at(offset: usize, expected: &'static str, found: impl Into<String>) -> Self {
        Self { offset: offset as u64, expected, found: found.into() }
    }
}

/// Reads up to the first element.
pub(crate) fn read(file: &mut impl Read) -> Result<Header, Wrong> {
    let start = bytes(file, 0, 8)?;
    if !start.starts_with(MAGIC) {
        return Err(Wrong::at(
            0,
            "an array as numpy.save writes it (93 4e 55 4d 50 59)",
            format!("{:02x?}", &start[..6]),
        ));
    }
    let size = match start[6] {
        1 => 2,
        2 | 3 => 4,
        version => return Err(Wrong::at(6, "version 1, 2 or 3 of the format", version.to_string())),
    };
    let length = bytes(file, 8, size)?.iter().rev().fold(0, |length, &byte| length << 8 | usize::from(byte));
    if length > LONGEST {
        return Err(Wrong::at(8, "a header of at most 65536 bytes", length.to_string()));
    }
    let begin = 8 + size;
    let text = bytes(file, begin, length)?;
    let mut header = Cursor { text: &text, at: 0, begin }.dictionary()?;
    header.length = (begin + length) as u64;
    Ok(header)
}

fn bytes(file: &mut impl Read, offset: usize, count: usize) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    match file.take(count as u64).read_to_end(&mut bytes) {
        Ok(found) if found == count => Ok(bytes),
        Ok(found) => Err(Wrong::at(offset + found, "the rest of the header", "the end of the array")),
        Err(reason) => Err(Wrong::at(offset + bytes.len(), "intact compressed data", format!("damage ({reason})"))),
    }
}

/// A place in the dictionary.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the text begins in the file.
    begin: usize,
}

impl Cursor<'_> {
    fn dictionary(&mut self) -> Result<Header, Wrong> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.demand(b'{', "a dictionary")?;
        while !self.take(b'}') {
            let key = self.at;
            match self.string("a key")?.as_str() {
                "descr" => {
                    self.demand(b':', "a colon")?;
                    descr = Some(self.string("a plain type such as '<f4' (no structure, no object)")?);
                }
                "fortran_order" => {
                    self.demand(b':', "a colon")?;
                    fortran_order = Some(self.boolean()?);
                }
                "shape" => {
                    self.demand(b':', "a colon")?;
                    shape = Some(self.tuple()?);
                }
                other => {
                    return Err(Wrong::at(self.begin + key, "the keys descr, fortran_order and shape", other));
                }
            }
            if !self.take(b',') {
                self.demand(b'}', "a comma or the end of the dictionary")?;
                break;
            }
        }
        let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran_order, shape) else {
            return Err(Wrong::at(self.begin, "the keys descr, fortran_order and shape", "a dictionary without one"));
        };
        Ok(Header { descr, fortran_order, shape, length: 0 })
    }

    fn string(&mut self, expected: &'static str) -> Result<String, Wrong> {
        let quote = if self.take(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' {
            self.demand(b'\'', expected)?;
        }
        let rest = &self.text[self.at..];
        let Some(length) = rest.iter().position(|&byte| byte == quote) else {
            return Err(Wrong::at(self.begin + self.text.len(), "the end of a string", "the end of the header"));
        };
        self.at += length + 1;
        Ok(String::from_utf8_lossy(&rest[..length]).into_owned())
    }

    fn boolean(&mut self) -> Result<bool, Wrong> {
        self.skip_space();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.wrong("True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<u64>, Wrong> {
        self.demand(b'(', "a tuple of sizes")?;
        let mut sizes = Vec::new();
        while !self.take(b')') {
            self.skip_space();
            let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = str::from_utf8(&self.text[self.at..self.at + digits]).ok().and_then(|text| text.parse().ok());
            sizes.push(number.ok_or_else(|| self.wrong("a size of at most 2^64"))?);
            self.at += digits;
            // Python 2 wrote long integers as 28L.
            self.take(b'L');
            if !self.take(b',') {
                self.demand(b')', "a comma or the end of the tuple")?;
                break;
            }
        }
        Ok(sizes)
    }

    fn skip_space(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_next = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn demand(&mut self, byte: u8, expected: &'static str) -> Result<(), Wrong> {
        if self.take(byte) { Ok(()) } else { Err(self.wrong(expected)) }
    }

    /// Something else than `expected` stands here.
    fn wrong(&self, expected: &'static str) -> Wrong {
        let rest = &self.text[self.at..];
        let found = String::from_utf8_lossy(&rest[..rest.len().min(20)]);
        let found = if found.trim().is_empty() { "the end of the header".to_owned() } else { format!("{found:?}") };
        Wrong::at(self.begin + self.at, expected, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with_text(version: u8, text: &str) -> Vec<u8> {
        let length = (text.len() as u32).to_le_bytes();
        let length = if version == 1 { &length[..2] } else { &length };
        [MAGIC, &[version, 0], length, text.as_bytes()].concat()
    }

    #[test]
    fn headers_of_all_versions_and_pythons_are_read() {
        for (text, shape) in [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n", vec![3, 4]),
            ("{'shape': (3,), 'fortran_order': False, 'descr': \"<f4\"}", vec![3]),
            ("{ \"descr\":'<f4','fortran_order':False,'shape':()}", vec![]),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 4L)}", vec![3, 4]),
        ] {
            for version in 1..=3 {
                let bytes = with_text(version, text);
                let header = read(&mut &bytes[..]).expect(text);
                let length = bytes.len() as u64;
                let expected = Header { descr: "<f4".into(), fortran_order: false, shape: shape.clone(), length };
                assert_eq!(header, expected);
            }
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        for (bytes, offset, expected) in [
            (b"PK\x03\x04....".to_vec(), 0, "an array as numpy.save"),
            (with_text(9, ""), 6, "version"),
            ([MAGIC, &[2, 0], &[0xff; 4]].concat(), 8, "a header of at most"),
            (with_text(1, "{'descr': [('x', '<f4')], "), 20, "a plain type"),
            (with_text(1, "{'descr': '<f4', 'fortran_order': Maybe"), 44, "True or False"),
            (with_text(1, "{'shape': (3, -1)"), 24, "a size"),
            (with_text(1, "{'shape': (99999999999999999999,)"), 21, "a size"),
            (with_text(1, "{'shape': (3,)}"), 10, "the keys"),
            (with_text(1, "{'colour': 1}"), 11, "the keys"),
            (with_text(1, "{'descr"), 17, "the end of a string"),
            (with_text(1, "((((((("), 10, "a dictionary"),
        ] {
            let wrong = read(&mut &bytes[..]).expect_err(expected);
            assert!(
                wrong.offset == offset && wrong.expected.starts_with(expected),
                "{wrong:?}, not {offset} {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_truncation_is_an_error(version in 1_u8..=3, padding in 0_usize..20) {
            let text = format!("{{'descr': '<f4', 'fortran_order': True, 'shape': (3, 4), }}{}", " ".repeat(padding));
            let bytes = with_text(version, &text);
            for end in 0..bytes.len() {
                prop_assert!(read(&mut &bytes[..end]).is_err());
            }
        }

        #[test]
        fn random_text_never_panics(version in 0_u8..5, text in "[{}()',:\"a-dfortan_shpeTF0-9L ]{0,60}") {
            let _ = read(&mut &with_text(version, &text)[..]);
            let _ = read(&mut &with_text(version, &format!("{{'shape': {text}"))[..]);
        }

        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            let _ = read(&mut &bytes[..]);
            let _ = read(&mut &[MAGIC, &bytes].concat()[..]);
        }
    }
}
