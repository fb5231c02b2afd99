//! The table in Markdown, for the docs.

use super::{Definition, Source, Subject, all};

/// The table in Markdown, with one row for all tags of the same meaning and axis.
pub fn documentation() -> String {
    let mut rows: Vec<((&str, &str), Vec<String>)> = Vec::new();
    for definition in all() {
        let axis = if let Source::Histogram(_) = definition.source { "histogram" } else { definition.axis.name() };
        let (row, tag) = ((&*definition.meaning, axis), tag(definition));
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, tags)) => tags.push(tag),
            None => rows.push((row, vec![tag])),
        }
    }
    let mut table = String::from("| tag | axis | meaning |\n|---|---|---|\n");
    for ((meaning, axis), tags) in rows {
        let meaning = meaning.replace('|', "\\|");
        table.push_str(&format!("| {} | {} | {meaning} |\n", tags.join(", "), axis));
    }
    table
}

/// "`gain/weight/layerN`"
fn tag(definition: &Definition) -> String {
    match definition.of {
        Subject::Run => format!("`{}`", definition.path),
        Subject::Layer => format!("`{}`", definition.tag_of("layerN")),
    }
}
