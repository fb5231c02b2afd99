//! In which order layers stand, as far as their names tell.

use std::{cmp::Ordering, collections::HashSet};

use super::words::is_number;

/// The order of layers, from the input to the output, as far as their names tell: the indices of `names` in that order.
///
/// Names are compared part by part, parts being what slashes and dots separate; what is in front of all of them does not
/// count. Natural order: numbers as numbers, so that `layer10` stands behind `layer2`, and `dense` before `dense_1`.
/// Parts with a word for the input side (`embedding`, `stem`, ...) stand in front, those with one for the output side
/// (`decoder`, `head`, `classifier`, `output`, ...) behind, and convolutions and recurrent layers before dense ones;
/// inside of a block attention stands before what follows it, and queries before projections. Equal names keep their order.
///
/// ```
/// let names = ["fc10", "head", "fc2", "embed"];
/// assert_eq!(headwater_probe::foreign::order(&names), [3, 2, 0, 1]);
/// ```
pub fn order<T: AsRef<str>>(names: &[T]) -> Vec<usize> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let keys = keys(&names);
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|a, b| keys[*a].cmp(&keys[*b]).then_with(|| names[*a].cmp(names[*b])));
    order
}

/// The same with what else is known: `recorded` are the indices of `names` in the order in which their first records
/// were written. Whoever goes through a network records its layers in their order, or, from hooks of the backward pass,
/// in the opposite one; where numbers and words in the names contradict, or the order is the alphabet's, that is not so.
/// Also whether `recorded` was used.
pub fn order_with<T: AsRef<str>>(names: &[T], recorded: &[usize]) -> (Vec<usize>, bool) {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let by_name = order(&names);
    let is_alphabetical = |order: &[usize]| order.is_sorted_by(|a, b| names[*a] <= names[*b]);
    if recorded.len() != names.len() || recorded == by_name || is_alphabetical(recorded) {
        return (by_name, false);
    }
    let keys = keys(&names);
    // Of neighbours by name those that a number or a word tells apart.
    let told = |order: &[usize]| -> Vec<(usize, usize)> {
        order
            .windows(2)
            .map(|pair| (pair[0], pair[1]))
            .filter(|(a, b)| keys[*a].is_certainly_before(&keys[*b]))
            .collect()
    };
    let told = told(&by_name);
    let mut place = vec![0; names.len()];
    for (at, index) in recorded.iter().enumerate() {
        place[*index] = at;
    }
    if told.iter().all(|(a, b)| place[*a] < place[*b]) {
        (recorded.to_vec(), true)
    } else if told.iter().all(|(a, b)| place[*a] > place[*b]) {
        (recorded.iter().rev().copied().collect(), true)
    } else {
        (by_name, false)
    }
}

/// What a name is compared by: its parts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a>(Vec<Part<'a>>);

/// What a part of a name is compared by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part<'a> {
    side: Side,
    pieces: Vec<Piece<'a>>,
}

/// Where a part's words place it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Input,
    /// Below what has no such word: convolutions, a backbone.
    Lower,
    Anywhere,
    Output,
}

/// A piece of a part. Numbers stand before letters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Digits without leading zeros; more digits are a larger number.
    Number(usize, &'a str),
    Text(String),
}

impl Key<'_> {
    /// Whether a number or a word for a side says so: of two names that are merely different, nobody knows.
    fn is_certainly_before(&self, other: &Self) -> bool {
        let Some((a, b)) = self.0.iter().zip(&other.0).find(|(a, b)| a != b) else { return false };
        if a.side != b.side {
            return a.side < b.side;
        }
        let first = a.pieces.iter().zip(&b.pieces).find(|(a, b)| a != b);
        match first {
            Some((Piece::Number(..), Piece::Number(..))) => a.pieces.cmp(&b.pieces) == Ordering::Less,
            // `dense` and `dense_1`.
            None => a.pieces.len() < b.pieces.len(),
            _ => false,
        }
    }
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['/', '.', '[', ']', '\'']).filter(|part| !part.is_empty())
}

fn keys<'a>(names: &[&'a str]) -> Vec<Key<'a>> {
    let common = common(names);
    // "fc" beside "layer1" is the end; beside "fc1" it is the first of its kind.
    let numbered: HashSet<String> = names
        .iter()
        .filter_map(|name| parts(name).nth(common))
        .filter(|part| part.ends_with(|letter: char| letter.is_ascii_digit()))
        .map(stem)
        .collect();
    names.iter().map(|name| key(name, common, &numbered)).collect()
}

/// How many parts all names begin with, a part of each left.
fn common(names: &[&str]) -> usize {
    let [first, rest @ ..] = names else { return 0 };
    let mut count = parts(first).count().saturating_sub(1);
    for name in rest {
        let equal = parts(first).zip(parts(name)).take_while(|(a, b)| a == b).count();
        count = count.min(equal).min(parts(name).count().saturating_sub(1));
    }
    count
}

fn key<'a>(name: &'a str, common: usize, numbered: &HashSet<String>) -> Key<'a> {
    let mut in_block = false;
    let mut key = Vec::new();
    for (depth, part) in parts(name).enumerate() {
        if depth >= common && !is_wrapper(part) {
            key.push(Part { side: side(part, key.is_empty(), in_block, numbered), pieces: pieces(part) });
        }
        in_block |= part.ends_with(|letter: char| letter.is_ascii_digit());
    }
    Key(key)
}

/// A wrapper's name says nothing of the place.
fn is_wrapper(part: &str) -> bool {
    ["model", "module", "net", "network", "sequential", "params", "_orig_mod", "layers_scan"].contains(&part)
}

fn pieces(part: &str) -> Vec<Piece<'_>> {
    let runs = part.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let piece = |run| {
        // ASCII digits never stand inside a character.
        let run = str::from_utf8(run).unwrap_or_default();
        if is_number(run) {
            let digits = run.trim_start_matches('0');
            Piece::Number(digits.len(), digits)
        } else {
            // `dense` and `dense_1` begin alike.
            Piece::Text(run.to_lowercase().trim_end_matches(['_', '-']).to_owned())
        }
    };
    runs.map(piece).collect()
}

/// A part without its number.
fn stem(part: &str) -> String {
    part.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '_').to_lowercase()
}

/// Where the words of a part place it among its siblings: of the network, if it is the first that tells names apart, or of
/// a numbered block, whose words mean nothing elsewhere.
fn side(part: &str, first: bool, in_block: bool, numbered: &HashSet<String>) -> Side {
    const INPUT: [&str; 15] = [
        "input",
        "in",
        "embed",
        "embedding",
        "embeddings",
        "emb",
        "embedder",
        "stem",
        "wte",
        "wpe",
        "tok",
        "token",
        "patch",
        "first",
        "pos",
    ];
    const LOWER: [&str; 13] = [
        "conv",
        "convs",
        "conv1d",
        "conv2d",
        "conv3d",
        "features",
        "backbone",
        "encoder",
        "lstm",
        "gru",
        "rnn",
        "bidirectional",
        "trunk",
    ];
    const OUTPUT: [&str; 17] = [
        "decoder",
        "head",
        "heads",
        "lm_head",
        "classifier",
        "classify",
        "logits",
        "output",
        "out",
        "predictions",
        "prediction",
        "pred",
        "predict",
        "final",
        "last",
        "fc_out",
        "readout",
    ];
    const BLOCK_FIRST: [&str; 15] =
        ["attn", "attention", "self", "q", "k", "v", "qkv", "query", "key", "value", "wq", "wk", "wv", "gate", "up"];
    const BLOCK_LAST: [&str; 6] = ["proj", "down", "o", "wo", "dense_4h_to_h", "c_proj"];
    const DENSE: [&str; 3] = ["fc", "linear", "dense"];
    let stem = stem(part);
    let has = |list: &[&str]| list.contains(&&*stem) || stem.split(['_', '-']).any(|word| list.contains(&word));
    if has(&OUTPUT) {
        Side::Output
    } else if in_block && has(&BLOCK_FIRST) {
        Side::Input
    } else if in_block && has(&BLOCK_LAST) {
        Side::Output
    } else if has(&INPUT) {
        Side::Input
    } else if has(&LOWER) {
        Side::Lower
    } else if first && DENSE.contains(&&*part.to_lowercase()) && !numbered.contains(&stem) && !numbered.is_empty() {
        Side::Output
    } else {
        Side::Anywhere
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::foreign::tests::tag;

    #[test]
    fn layers_stand_from_the_input_to_the_output() {
        for names in [
            &["layer1", "layer2", "layer10"][..],
            &["dense", "dense_1", "dense_2", "dense_10"],
            &["layers.0", "layers.2", "layers.10"],
            &["embedding", "encoder.layers.2.fc", "encoder.layers.10.fc", "decoder.layers.0.fc", "head"],
            &["features.0", "features.28", "classifier.0"],
            &["model.embed", "model.layers.9", "model.lm_head"],
            &["conv1", "conv2", "fc1", "out"],
            &["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer4.1.conv2", "fc"],
            &["conv2d", "conv2d_1", "dense", "dense_1"],
            &["embedding", "lstm", "dense", "dense_1"],
            &["patch_embed", "blocks.0.attn.qkv", "blocks.0.attn.proj", "blocks.0.mlp.0", "blocks.11.mlp.2", "head"],
            &[
                "transformer.wte",
                "transformer.h.0.attn.c_attn",
                "transformer.h.0.attn.c_proj",
                "transformer.h.0.mlp.c_fc",
            ],
            &["encoder.layers.0.self_attn.in_proj", "encoder.layers.0.self_attn.out_proj", "encoder.layers.0.linear1"],
            &["input_layer", "hidden_layers.0", "hidden_layers.1", "output_layer"],
            &["fc_in", "fc_hidden", "fc_out"],
            &["params/Conv_0", "params/Conv_1", "params/Dense_0", "params/Dense_10"],
            &["['params']['Dense_2'", "['params']['Dense_10'"],
        ] {
            let backward: Vec<&str> = names.iter().rev().copied().collect();
            let ordered: Vec<&str> = order(&backward).into_iter().map(|index| backward[index]).collect();
            assert_eq!(ordered, names);
        }
    }

    #[test]
    fn records_tell_the_order_where_names_do_not() {
        let ordered = |names: &[&'static str]| {
            let recorded: Vec<usize> = (0..names.len()).collect();
            let (order, used) = order_with(names, &recorded);
            (order.into_iter().map(|index| names[index]).collect::<Vec<_>>(), used)
        };
        assert_eq!(ordered(&["squash", "mix", "answer"]), (vec!["squash", "mix", "answer"], true));
        // Hooks of the backward pass.
        assert_eq!(ordered(&["head", "up2", "squash", "up1"]), (vec!["up1", "squash", "up2", "head"], true));
        // Numbers and words know better, and the alphabet knows nothing.
        assert_eq!(ordered(&["mix2", "head", "mix1"]).0, ["mix1", "mix2", "head"]);
        assert!(!ordered(&["answer", "mix", "squash"]).1);
    }

    proptest! {
        #[test]
        fn the_order_is_total_and_does_not_depend_on_how_names_come(mut names in prop::collection::vec(tag(), 0..20), turn in 0usize..20) {
            let ordered = |names: &[String]| -> Vec<String> { order(names).into_iter().map(|index| names[index].clone()).collect() };
            let first = ordered(&names);
            if !names.is_empty() {
                let turn = turn % names.len();
                names.rotate_left(turn);
            }
            prop_assert_eq!(&ordered(&names), &first);
            prop_assert_eq!(&ordered(&first), &first);
            names.sort();
            let mut sorted = first;
            sorted.sort();
            prop_assert_eq!(names, sorted);
        }

        #[test]
        fn numbers_are_compared_as_numbers(a: u64, b: u64) {
            let names = [format!("layer{a}"), format!("layer{b}")];
            let expected = if b < a { [1, 0] } else { [0, 1] };
            prop_assert_eq!(order(&names), expected);
        }
    }
}
