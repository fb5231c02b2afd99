//! Under which names people record how well a network does.

/// What a tag says of the whole network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Course {
    Loss,
    Accuracy,
    ValidationLoss,
    ValidationAccuracy,
    /// Norm of the gradient of all parameters.
    GradientNorm,
    LearningRate,
}

/// What a tag says of the whole network; none if it does not say so plainly. Tags with more words in them (`loss/kl`,
/// `top5_accuracy`) are parts or relatives of a loss, not the loss.
pub(crate) fn course(tag: &str) -> Option<Course> {
    const NOTHING: [&str; 31] = [
        "train",
        "training",
        "tr",
        "epoch",
        "epochs",
        "step",
        "steps",
        "batch",
        "iter",
        "iteration",
        "iterations",
        "total",
        "mean",
        "avg",
        "average",
        "losses",
        "metrics",
        "metric",
        "scalars",
        "per",
        "vs",
        "running",
        "log",
        "top1",
        "top",
        "1",
        "over",
        "each",
        "overall",
        "fit",
        "all",
    ];
    const HELD_OUT: [&str; 10] =
        ["val", "valid", "validation", "eval", "evaluation", "test", "testing", "dev", "heldout", "holdout"];
    if let Some(course) = rate_or_norm(tag) {
        return Some(course);
    }
    let (mut measure, mut held_out) = (None, false);
    for word in words(tag) {
        match &*word {
            "loss" | "cost" | "objective" | "xent" | "nll" | "ce" | "bce" | "mse" | "entropy" | "crossentropy"
            | "criterion"
                if measure != Some(Course::Accuracy) =>
            {
                measure = Some(Course::Loss);
            }
            "accuracy" | "acc" if measure.is_none() => measure = Some(Course::Accuracy),
            // Keras names an accuracy and a loss by what they were computed from.
            "sparse" | "categorical" | "binary" | "cross" | "softmax" => {}
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

/// Learning rates and norms of the whole gradient.
fn rate_or_norm(tag: &str) -> Option<Course> {
    let words: Vec<String> = words(tag).collect();
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !["train", "epoch", "step", "optim"].contains(word)).collect();
    match words[..] {
        // "lr-Adam", of Lightning's monitor.
        ["lr"] | ["learning", "rate"] => Some(Course::LearningRate),
        ["lr", ..] if tag.starts_with("lr-") => Some(Course::LearningRate),
        ["grad" | "gradient" | "gradients", "norm"]
        | ["grad" | "gradient" | "gradients", "norm", "total" | "global"]
        | ["total" | "global", "grad" | "gradient", "norm"]
        | ["grad", "2", "0", "norm", "total"]
        | ["grad", "2", "norm", "total"] => Some(Course::GradientNorm),
        _ => None,
    }
}

/// Whether a tag is about a loss, though not plainly the whole of it.
pub(crate) fn is_some_loss(tag: &str) -> bool {
    let mut words = words(tag);
    words.any(|word| ["loss", "cost", "objective", "entropy", "nll", "error", "mse"].contains(&&*word))
}

/// In small letters; capitals within a part begin a word, `trainLoss`.
fn words(tag: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in tag.chars() {
        if "/_.- :@()[]".contains(letter) || letter.is_uppercase() && before.is_lowercase() {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        before = letter;
    }
    words.into_iter().filter(|word| !word.is_empty())
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
            ("trainLoss", Some(Course::Loss)),
            ("Loss (train)", Some(Course::Loss)),
            ("cross_entropy_1", Some(Course::Loss)),
            ("nll_loss", Some(Course::Loss)),
            ("Training loss per epoch", Some(Course::Loss)),
            ("validation/loss", Some(Course::ValidationLoss)),
            ("val_loss", Some(Course::ValidationLoss)),
            ("eval/loss", Some(Course::ValidationLoss)),
            ("Valid Loss", Some(Course::ValidationLoss)),
            ("evaluation_loss_vs_iterations", Some(Course::ValidationLoss)),
            ("epoch_sparse_categorical_accuracy", Some(Course::Accuracy)),
            ("Accuracy/dev", Some(Course::ValidationAccuracy)),
            ("val_acc", Some(Course::ValidationAccuracy)),
            ("grad_2.0_norm_total", Some(Course::GradientNorm)),
            ("train/grad_norm", Some(Course::GradientNorm)),
            ("lr-AdamW", Some(Course::LearningRate)),
            ("epoch_learning_rate", Some(Course::LearningRate)),
            ("learning_rate", Some(Course::LearningRate)),
            ("loss/kl", None),
            ("final/test_accuracy", None),
            ("final/validation_accuracy", None),
            ("grad_norm/fc1", None),
            ("epoch", None),
            ("", None),
        ] {
            assert_eq!(course(tag), expected, "{tag}");
        }
        assert!(is_some_loss("loss/generator") && !is_some_loss("glossary"));
    }
}
