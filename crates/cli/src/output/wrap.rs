//! Sentences in lines of a terminal's width.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Columns by which the lines after the first of a sentence are set in.
const INDENT: &str = "  ";

/// The text with its lines broken between words, so that none is wider than so many columns; without a width, as it is.
/// Words stay whole: what is wider than a line has a line of its own.
pub(crate) fn wrapped(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let options = whole_words(columns).subsequent_indent(INDENT);
    text.split('\n').map(|line| textwrap::fill(line, &options)).collect::<Vec<_>>().join("\n")
}

/// The words of a text as a paragraph of at most `most` columns, or as many as the terminal has if those are fewer. `first`
/// begins the first line, and `rest` the others.
pub(crate) fn paragraph(text: &str, most: usize, first: &str, rest: &str) -> String {
    let columns = super::columns().map_or(most, |columns| columns.min(most));
    let words = text.split_whitespace().map(super::plain).collect::<Vec<_>>().join(" ");
    textwrap::fill(&words, whole_words(columns).initial_indent(first).subsequent_indent(rest))
}

/// Lines of so many columns that are broken between words only, each as full as it can be.
fn whole_words<'a>(columns: usize) -> Options<'a> {
    Options::new(columns)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
}

/// How many columns a line takes.
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
