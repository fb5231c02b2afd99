//! Reading a tag from both ends.

use super::Place;
use super::words::{Word, is_number, word, words};
use crate::Measure;
use crate::tags::{Quantity, Statistic};

/// What the words that were taken off say together.
#[derive(Debug, Default)]
struct Meanings(Vec<Word>);

impl Meanings {
    /// None if the tag has no place.
    fn add(&mut self, word: Word) -> Option<()> {
        self.0.push(word);
        (word != Word::Other).then_some(())
    }

    fn has(&self, word: Word) -> bool {
        self.0.contains(&word)
    }

    fn measure(&self) -> Option<Measure> {
        let measure = self.0.iter().rev().find_map(|word| match word {
            Word::UpdateRatio => Some(Measure::UpdateRatio),
            Word::DeadUnits => Some(Measure::DeadUnits),
            Word::SaturatedUnits => Some(Measure::SaturatedUnits),
            _ => None,
        });
        if measure.is_some() {
            return measure;
        }
        // "params/x" may be anything, "params_norm/x" is a norm of weights.
        let norm = self.has(Word::Norm);
        let weights = self.has(Word::Weights) || self.has(Word::Parameters) && norm;
        // The word that stands farthest outside is heard first: "activations/grad.0" records activations.
        let quantity = self.0.iter().find_map(|word| match word {
            Word::Quantity(quantity) => Some(*quantity),
            _ => None,
        });
        let quantity = quantity.or(weights.then_some(Quantity::Weight))?;
        let statistic = self.0.iter().find_map(|word| match word {
            Word::Statistic(statistic) => Some(*statistic),
            _ => None,
        });
        Some(match statistic {
            // "inf" beside "norm" is the norm of that name: the largest absolute value.
            Some(Statistic::Infinities) | None if norm => Measure::Norm(quantity),
            // A mean of norms, or of absolute values, is one all the same.
            Some(statistic) => Measure::Statistic(quantity, statistic),
            None if self.has(Word::Mean) => Measure::Mean(quantity),
            None => Measure::Whole(quantity),
        })
    }
}

/// What separates the parts of a tag; the last three are of `JAX`'s paths, `['params']['Dense_0']`.
const SEPARATORS: [char; 5] = ['/', '.', '[', ']', '\''];

/// Whether there is more in a layer's name than what separates parts.
pub(super) fn is_name(layer: &str) -> bool {
    layer.contains(|letter: char| !SEPARATORS.contains(&letter) && !letter.is_whitespace())
}

/// A tag of another program's.
pub(super) fn others(tag: &str) -> Option<Place> {
    if let Some(rest) = tag.strip_prefix("torchinstruments/") {
        return torchinstruments(rest);
    }
    // Lightning logs a number once a step and once an epoch.
    let tag = tag.strip_suffix("_step").or_else(|| tag.strip_suffix("_epoch")).unwrap_or(tag);
    named(tag).or_else(|| numbered(tag))
}

/// A tag in which something names the layer.
fn named(tag: &str) -> Option<Place> {
    let mut said = Meanings::default();
    let rest = endings(beginnings(tag, &mut said)?, &mut said)?;
    let parts = || rest.split(SEPARATORS).filter(|part| !part.is_empty());
    let is_scale = said.has(Word::Weights) && parts().rfind(|part| !is_number(part)).is_some_and(is_normalisation);
    let is_layer = parts().next().is_some()
        && !is_whole(rest)
        // A tag that is nothing but such words names no layer: its last word is left, and is none.
        && !words(rest).is_some_and(|words| words.iter().any(|word| !matches!(word, Word::Filler | Word::Parameters)));
    let measure = said.measure()?;
    (is_layer && !is_scale).then(|| Place { measure, layer: rest.to_owned() })
}

/// A tag that counts the layers with its first word: `gradients_0/weight`, `weightL2_3`.
fn numbered(tag: &str) -> Option<Place> {
    let (first, rest) = tag.split_once(['/', '.']).unwrap_or((tag, ""));
    let (what, layer) = first.rsplit_once(['_', '-'])?;
    let mut said = Meanings::default();
    for word in words(what).filter(|_| !layer.is_empty() && is_number(layer))? {
        said.add(word)?;
    }
    let starts = matches!(said.0[0], Word::Quantity(Quantity::Gradient | Quantity::Delta) | Word::Weights);
    for part in rest.split(SEPARATORS).filter(|part| !part.is_empty()) {
        for word in words(part)? {
            said.add(word)?;
        }
    }
    let measure = said.measure().filter(|_| starts)?;
    Some(Place { measure, layer: layer.to_owned() })
}

/// Whether it is all of a network, or something that is done to it, and no layer.
fn is_whole(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_one = |word| {
        [
            "total",
            "all",
            "global",
            "overall",
            "model",
            "clip",
            "clipped",
            "unclipped",
            "clipping",
            "penalty",
            "scaler",
            "accumulation",
            "noise",
            "decay",
            "lr",
            "rate",
            "before",
            "after",
            "pre",
            "post",
        ]
        .contains(&word)
    };
    name.split(['_', ' ', '-']).any(is_one)
}

/// Takes words off the beginning. A word must be a part of its own, `grad_norm/fc1`, or stand in front of what is plainly
/// a layer, `grad_fc1`.
fn beginnings<'a>(tag: &'a str, said: &mut Meanings) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let end = rest.find(['/', ' ', '[', ']', '\'']).unwrap_or(rest.len());
        // Whose number it is is no part of what it is.
        let is_run = |part: &str| ["train", "training", "debug", "monitor"].contains(&&*part.to_ascii_lowercase());
        if end < rest.len() && (is_run(&rest[..end]) || words(&rest[..end]).is_some()) {
            // What follows may say better: "weights/fc1.weight.grad".
            for word in words(&rest[..end]).unwrap_or_default() {
                said.add(word)?;
            }
            rest = trimmed(&rest[end..]);
        } else {
            return joined_beginning(rest, said);
        }
    }
}

/// Takes `grad_`, `grad_2.0_norm_` or `grad.` off what has no slash behind it.
fn joined_beginning<'a>(rest: &'a str, said: &mut Meanings) -> Option<&'a str> {
    let mut joins = rest.char_indices().filter(|(_, letter)| ['_', '.', ':', '-'].contains(letter)).map(|(at, _)| at);
    let is_layer = |name: &str| {
        let ends = [".weight", ".kernel", "_weight", "_kernel", ".grad", "_grad"];
        !is_whole(name)
            && (name.bytes().any(|byte| byte.is_ascii_digit()) || ends.iter().any(|end| name.ends_with(end)))
    };
    // The longest beginning that is all words, of which the first is one that is no name: "weight.0" may be anything.
    let is_beginning = |at: &usize| {
        let found = words(&rest[..*at]);
        // Another word may follow; a number with it is a norm's, "grad_2.0_norm".
        let whole = rest[*at + 1..].split(SEPARATORS).next().unwrap_or_default();
        found.is_some_and(|found| {
            let gradient = matches!(found[0], Word::Quantity(Quantity::Gradient | Quantity::Delta));
            (gradient || found.len() > 1 && found[0] == Word::Weights) && !starts_with_word(whole)
        }) && is_layer(&rest[*at + 1..])
    };
    let Some(at) = joins.rfind(is_beginning) else { return Some(rest) };
    for word in words(&rest[..at]).unwrap_or_default() {
        said.add(word)?;
    }
    Some(&rest[at + 1..])
}

/// Whether the first of the words that underscores join is one of a tag: `norm_fc1`.
fn starts_with_word(part: &str) -> bool {
    part.split_once(['_', '-']).is_some_and(|(first, _)| word(first).is_some() || first.parse::<f64>().is_ok())
}

/// Without separators at its beginning and end.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter| SEPARATORS.contains(&letter) || letter == ' ')
}

/// Takes words off the end: whole parts, `.weight.grad`, and what an underscore joins, `fc1_weight_grad`.
fn endings<'a>(rest: &'a str, said: &mut Meanings) -> Option<&'a str> {
    let mut rest = rest.trim_end_matches(|letter| SEPARATORS.contains(&letter) || letter == ' ');
    loop {
        let start = rest.rfind(|letter| SEPARATORS.contains(&letter) || letter == ' ').map_or(0, |at| at + 1);
        let last = &rest[start..];
        if start > 0
            && let Some(found) = words(last).or_else(|| word(&last.to_ascii_lowercase()).map(|word| vec![word]))
        {
            for word in found {
                said.add(word)?;
            }
            rest = trimmed_end(&rest[..start]);
        } else if last.starts_with("weight_ih") || last.starts_with("weight_hh") {
            // The two matrices of a recurrent layer in PyTorch: layers of their own.
            said.add(Word::Weights)?;
            return Some(rest);
        } else if last.starts_with("bias_ih") || last.starts_with("bias_hh") {
            return None;
        } else if let Some((before, ending)) = last.rsplit_once(['_', '-'])
            && let Some(found) = word(&ending.to_ascii_lowercase()).filter(|found| is_joined(before, *found))
        {
            said.add(found)?;
            rest = &rest[..start + before.len()];
        } else {
            return Some(rest);
        }
    }
}

fn trimmed_end(text: &str) -> &str {
    text.trim_end_matches(|letter| SEPARATORS.contains(&letter) || letter == ' ')
}

/// Whether a word that an underscore joins to the name before it is not part of that name: `grad_norm` speaks of a
/// norm, `layer_norm` is a layer.
fn is_joined(before: &str, found: Word) -> bool {
    let before_it = || before.rsplit(['_', '-']).next().and_then(|before| word(&before.to_ascii_lowercase()));
    match found {
        // "fc_out", "self_attn_output" are layers.
        Word::Quantity(Quantity::Activation) => before.ends_with(|letter: char| letter.is_ascii_digit()),
        Word::Quantity(_)
        | Word::Weights
        | Word::Other
        | Word::UpdateRatio
        | Word::DeadUnits
        | Word::SaturatedUnits => !before.is_empty(),
        Word::Norm | Word::Statistic(_) | Word::Mean => before_it().is_some_and(|before| {
            matches!(before, Word::Quantity(_) | Word::Weights | Word::Norm | Word::Statistic(_) | Word::Mean)
        }),
        Word::Parameters | Word::Filler => false,
    }
}

/// Its observer's tags: `train/grad_enabled_true/modules/NAME/call_0/grad_output/histograms/distribution`.
fn torchinstruments(rest: &str) -> Option<Place> {
    let rest = rest.strip_prefix("train/")?.split_once("/modules/")?.1;
    let (layer, rest) = rest.split_once("/call_0/")?;
    let quantity = match rest.split('/').next()? {
        "output" => Quantity::Activation,
        "grad_output" => Quantity::Delta,
        _ => return None,
    };
    (layer != "@root").then(|| Place { measure: Measure::Whole(quantity), layer: layer.to_owned() })
}

/// Whether a module's name is that of a normalisation, which has a weight that is no matrix.
fn is_normalisation(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix("bn").or_else(|| name.strip_prefix("ln"));
    name.contains("norm") || rest.is_some_and(|rest| is_number(rest.trim_start_matches('_')) || rest == "_f")
}
