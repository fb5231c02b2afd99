//! The glossary: terms, their meaning, and their usual names elsewhere. `docs/glossary.md` is a copy of its text.

/// The glossary in Markdown: a heading, a sentence and a table.
pub const MARKDOWN: &str = include_str!("glossary.md");

/// An entry of the glossary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The term, and its synonyms here: `pre-activation`, `z`.
    pub names: Vec<String>,
    /// What it means.
    pub meaning: String,
    /// What other programs and papers call it; empty if they call it the same.
    pub elsewhere: String,
}

/// All terms, in the order of the table.
pub fn terms() -> Vec<Term> {
    // Two lines are the head of the table.
    MARKDOWN.lines().filter_map(|line| line.strip_prefix("| ")).skip(1).filter_map(term).collect()
}

/// The entries of a term: those that have it for a name, or else those that others call so.
///
/// ```
/// let [delta] = &headwater_probe::glossary::find("delta")[..] else { panic!() };
/// assert!(delta.meaning.starts_with("delta = dC/dy"));
/// assert_eq!(headwater_probe::glossary::find("weight.grad")[0].names, ["gradient"]);
/// ```
pub fn find(word: &str) -> Vec<Term> {
    let word = folded(word);
    let terms = terms();
    let named: Vec<Term> =
        terms.iter().filter(|term| term.names.iter().any(|name| folded(name) == word)).cloned().collect();
    if !named.is_empty() {
        return named;
    }
    let is_elsewhere = |term: &Term| term.elsewhere.split([',', ';']).any(|name| folded(name) == word);
    terms.into_iter().filter(is_elsewhere).collect()
}

/// A row: the cells are separated by bars, and `\|` is a bar in a cell.
fn term(row: &str) -> Option<Term> {
    let plain = |cell: &str| cell.replace('\u{0}', "|").replace('`', "").trim().to_owned();
    let row = row.replace("\\|", "\u{0}");
    let mut cells = row.split('|').map(plain);
    let (names, meaning, elsewhere) = (cells.next()?, cells.next()?, cells.next()?);
    Some(Term { names: names.split(", ").map(str::to_owned).collect(), meaning: without_links(&meaning), elsewhere })
}

/// Markdown links as their text.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((shown, after)) = link.split_once("](").and_then(|(shown, end)| Some((shown, end.split_once(')')?.1)))
        else {
            break;
        };
        plain += before;
        plain += shown;
        rest = after;
    }
    plain + rest
}

/// For comparison: in small letters, without marks of code.
fn folded(word: &str) -> String {
    word.trim().trim_matches('`').to_lowercase().replace(['-', '_'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_term_and_no_name_stands_twice() {
        let terms = terms();
        assert_eq!(terms.len(), MARKDOWN.lines().filter(|line| line.starts_with("| ")).count() - 1);
        let mut names: Vec<String> = terms.iter().flat_map(|term| &term.names).map(|name| folded(name)).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(terms.iter().all(|term| !term.meaning.is_empty() && !term.meaning.contains("](")), "{terms:?}");
    }

    #[test]
    fn terms_are_found_by_their_names_here_and_elsewhere() {
        let first = |word| find(word).first().map(|term| term.names[0].clone());
        assert_eq!(first("Pre-Activation").as_deref(), Some("pre-activation"));
        assert_eq!(first("dying ReLU").as_deref(), Some("dead unit"));
        assert_eq!(first("purge step").as_deref(), Some("void"));
        assert_eq!(first("in_features").as_deref(), Some("fan-in"));
        assert_eq!(first("phlogiston"), None);
        assert!(find("mean absolute gradient")[0].meaning.contains("|dC/dW|"));
    }
}
