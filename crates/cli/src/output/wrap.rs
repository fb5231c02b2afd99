//! Wraps sentences at the width of the terminal.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Indent of the second and later lines of a sentence.
const INDENT: &str = "  ";

/// Breaks lines between words so that no line is wider than `columns`. Without a width, returns the text unchanged.
/// Words stay whole: a word that is wider than a line gets its own line.
pub(crate) fn wrapped(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let options = whole_words(columns).subsequent_indent(INDENT);
    text.split('\n').map(|line| textwrap::fill(line, &options)).collect::<Vec<_>>().join("\n")
}

/// Wraps a text as a paragraph of at most `most` columns, or the width of the terminal if that is less. `first` begins
/// the first line, and `rest` begins the others.
pub(crate) fn paragraph(text: &str, most: usize, first: &str, rest: &str) -> String {
    let columns = super::columns().map_or(most, |columns| columns.min(most));
    let words = text.split_whitespace().map(super::plain).collect::<Vec<_>>().join(" ");
    textwrap::fill(&words, whole_words(columns).initial_indent(first).subsequent_indent(rest))
}

/// Wrapping options: lines of at most `columns` columns, broken only between words, each as full as possible.
fn whole_words<'a>(columns: usize) -> Options<'a> {
    Options::new(columns)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
}

/// The width of a line, in columns.
pub(crate) fn width(line: &str) -> usize {
    textwrap::core::display_width(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_words_stay_whole() {
        let text = "it falls 27-fold: f' shrinks it\nsee https://a.example/b-c-d-e-f-g";
        assert_eq!(
            wrapped(text, Some(16)),
            "it falls\n  27-fold: f'\n  shrinks it\nsee\n  https://a.example/b-c-d-e-f-g"
        );
        assert_eq!(wrapped(text, None), text);
    }
}
