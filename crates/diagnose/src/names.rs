//! Under which names people record how well a network does.

/// What a tag says of the whole network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    Loss,
    Accuracy,
    ValidationLoss,
    ValidationAccuracy,
}

/// What a tag says of the whole network; none if it does not say so plainly. Tags with more words in them (`loss/kl`,
/// `top5_accuracy`) are parts or relatives of a loss, not the loss.
pub(crate) fn course(tag: &str) -> Option<Course> {
    const NOTHING: [&str; 8] = ["train", "training", "epoch", "step", "batch", "total", "mean", "avg"];
    const HELD_OUT: [&str; 5] = ["val", "valid", "validation", "eval", "test"];
    let (mut measure, mut held_out) = (None, false);
    for word in tag.to_ascii_lowercase().split(['/', '_', '.', '-', ' ']).filter(|word| !word.is_empty()) {
        match word {
            "loss" | "cost" if measure.is_none() => measure = Some(Course::Loss),
            "accuracy" | "acc" if measure.is_none() => measure = Some(Course::Accuracy),
            // Keras names the accuracy by what it was computed from.
            "sparse" | "categorical" | "binary" => {}
            word if HELD_OUT.contains(&word) => held_out = true,
            word if NOTHING.contains(&word) => {}
            _ => return None,
        }
    }
    Some(match measure? {
        Course::Loss if held_out => Course::ValidationLoss,
        Course::Accuracy if held_out => Course::ValidationAccuracy,
        measure => measure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_and_accuracies_are_known_by_the_names_that_people_give_them() {
        for (tag, expected) in [
            ("loss", Some(Course::Loss)),
            ("loss/train", Some(Course::Loss)),
            ("Train/Loss", Some(Course::Loss)),
            ("train_loss_step", Some(Course::Loss)),
            ("epoch_loss", Some(Course::Loss)),
            ("validation/loss", Some(Course::ValidationLoss)),
            ("val_loss", Some(Course::ValidationLoss)),
            ("eval/loss", Some(Course::ValidationLoss)),
            ("epoch_sparse_categorical_accuracy", Some(Course::Accuracy)),
            ("val_acc", Some(Course::ValidationAccuracy)),
            ("loss/kl", None),
            ("final/test_accuracy", None),
            ("learning_rate", None),
            ("", None),
        ] {
            assert_eq!(course(tag), expected, "{tag}");
        }
    }
}
