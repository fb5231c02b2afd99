//! Chance: the loss of a guess that knows how frequent the classes are but does not look at the input. A network has
//! learned something only when its loss is below that. Falling to chance from large first outputs is not learning.

use crate::Evidence;
use crate::loss::{last_tenth, values};
use crate::series::{lowest_mean, mean};

/// The loss of guessing that accuracies imply is raised by this factor, because accuracies of few samples are noisy.
const ABOVE_GUESSING: f64 = 1.2;
/// A network with a higher accuracy than this does not guess: guessing between two classes is right half of the time.
const GUESSED: f64 = 0.62;
/// An accuracy counts as guessing up to this many times the accuracy that the loss implies, plus `NOISE`: small
/// validation sets are noisy.
const BETTER_THAN_GUESSED: f64 = 1.2;
const NOISE: f64 = 0.02;
/// A cross-entropy below this is not the loss of guessing, which is at least ln 2 if classes are balanced.
const LEAST_ENTROPY: f64 = 0.4;
/// A loss below this share of chance counts as below chance.
const BELOW: f64 = 0.9;
/// The same where the accuracy gives only a lower bound of chance.
const AT_LEAST: f64 = 0.95;
/// If the loss never falls below this many times the logarithm of the number of classes, it is in other units.
const OTHER_UNITS: f64 = 1.5;
/// How many accuracies or losses it takes to say that they no longer change.
const VALUES: usize = 10;
/// How far an accuracy or a loss may move and still count as unchanged.
const STILL: f64 = 0.03;
/// The numbers of classes of the best-known datasets and vocabularies. A loss that settles at the logarithm of one of
/// them does not do so by accident.
const USUAL_CLASSES: [f64; 11] = [2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 100.0, 1000.0, 30_522.0, 32_000.0, 50_257.0];
/// How far from that logarithm the loss may be, relative to it.
const NEAR: f64 = 0.01;

impl Evidence {
    /// The loss of a guess that does not look at the input, if it can be determined. It is recorded or configured, or
    /// it follows from accuracy and loss together, or from a loss that has settled where guessing would.
    pub(crate) fn chance(&self) -> Option<f64> {
        if let Some((_, recorded)) = self.chance_loss.first() {
            return Some(recorded);
        }
        let loss = values(&self.loss.finite());
        let lowest = lowest_mean(&loss)?;
        let known = self.entropy_of_classes(lowest);
        let seen = if self.accuracy.is_empty() && self.validation_accuracy.is_empty() {
            if known.is_some() || self.is_squared() { None } else { stands_at_chance(&loss) }
        } else {
            self.chance_by_accuracy(&loss, lowest)
        };
        [known, seen].into_iter().flatten().reduce(f64::min)
    }

    /// The starting loss, from which learning is measured: the lower of the first loss and chance.
    pub(crate) fn start(&self) -> Option<f64> {
        let first = self.first_loss()?;
        Some(self.chance().map_or(first, |chance| chance.min(first)))
    }

    /// The name of [`Self::start`] for a sentence.
    pub(crate) fn start_in_words(&self) -> &'static str {
        if self.chance() < self.first_loss() && self.chance().is_some() { "the chance level" } else { "the first loss" }
    }

    /// Whether the loss is a squared error, according to the configuration.
    fn is_squared(&self) -> bool {
        self.config().get("network.loss") == Some("mean_squared_error")
    }

    /// ln of the number of classes, if the configuration has that number and the loss comes anywhere near it.
    fn entropy_of_classes(&self, lowest: f64) -> Option<f64> {
        let classes = self.config().number("data.classes").filter(|classes| *classes >= 2.0 && !self.is_squared())?;
        Some(classes.ln()).filter(|entropy| lowest < OTHER_UNITS * entropy)
    }

    /// The loss of guessing that the lowest accuracy implies, if that accuracy was reached by guessing.
    fn chance_by_accuracy(&self, loss: &[f64], lowest: f64) -> Option<f64> {
        let least =
            lowest_mean(&values(&self.accuracies())).or_else(|| lowest_mean(&values(&self.held_out_accuracies())))?;
        if self.is_squared() {
            return (self.guesses() == Some(true)).then_some(lowest);
        }
        let entropy = least_entropy(least);
        if self.guesses() == Some(true) {
            // The loss once the frequencies were learned: a slow network that is below it now has learned more than
            // them.
            let (begin, end) = (loss.len() / 10, (loss.len() / 4).max(loss.len() / 10 + 1));
            let early = mean(&loss[begin..end])?;
            return Some(early.min(entropy).max(lowest));
        }
        let guessed = least <= (-lowest).exp() * BETTER_THAN_GUESSED + NOISE;
        (guessed && entropy.is_finite()).then_some(ABOVE_GUESSING * entropy)
    }

    /// Whether the predictions are no better than guessing. None if that cannot be determined. A network that guesses among
    /// classes is right about as often as `exp(-loss)` says, whatever the number of classes. A network that has learned
    /// something is right more often, because the logarithm punishes doubt. Where one class is frequent, a network may
    /// always answer that class.
    pub(crate) fn guesses(&self) -> Option<bool> {
        let accuracy = self.last_accuracy()?;
        let lowest = lowest_mean(&values(&self.newest(&self.validation_loss, &self.loss)))?;
        if let Some((_, chance)) = self.chance_loss.first()
            && lowest < BELOW * chance
        {
            return Some(false);
        }
        if self.is_squared() {
            // A constant answer, the frequencies of C classes of which one is right, has at least this squared error.
            return Some(accuracy < GUESSED && lowest >= AT_LEAST * accuracy * (1.0 - accuracy));
        }
        if self.answers_one_class(accuracy, lowest) {
            return Some(true);
        }
        // The loss has been divided by something, so it is not the logarithm of a probability.
        if lowest < LEAST_ENTROPY {
            return None;
        }
        Some(accuracy < GUESSED && accuracy < (-lowest).exp() * BETTER_THAN_GUESSED + NOISE)
    }

    /// Whether the network always answers the most frequent class: the accuracy is the same in record after record, and
    /// the loss is not below what such frequencies allow.
    fn answers_one_class(&self, accuracy: f64, lowest: f64) -> bool {
        let loss = values(&self.loss.finite());
        let (Some(own), Some(last)) = (lowest_mean(&loss), mean(last_tenth(&loss))) else { return false };
        if accuracy >= 1.0 || own.min(lowest) < AT_LEAST * least_entropy(accuracy) {
            return false;
        }
        // Skip the first fifth: a network learns this soon, if it learns nothing else.
        let same = |shares: &[f64]| {
            let rest = &shares[shares.len() / 5..];
            rest.len() >= VALUES / 2 && rest.iter().all(|share| *share == rest[0])
        };
        let (own, held_out) = (values(&self.accuracies()), values(&self.held_out_accuracies()));
        if same(&held_out) || same(&own) {
            return true;
        }
        // The accuracy of batches is noisy. Require that the records show the start of training, that only the loss
        // changed, and that it changed only then.
        let Some(most) = own.windows(own.len().div_ceil(10).max(1)).filter_map(mean).max_by(f64::total_cmp) else {
            return false;
        };
        let (quarter, tenth) = (loss.len() / 4, own.len().div_ceil(10));
        own.len() >= VALUES
            && loss.len() >= VALUES
            && mean(&own[..tenth]).is_some_and(|first| first >= accuracy - STILL)
            && most <= accuracy + 2.0 * STILL
            && loss[0] > (1.0 + STILL) * last
            && mean(&loss[quarter..2 * quarter]).is_some_and(|then| then <= (1.0 + STILL) * last)
    }
}

/// The least entropy, in nats, of classes of which the most frequent has this share: as many classes of that share as
/// possible, and one with the rest. For equal shares it is ln of their number; for a share of 0 it is infinite.
fn least_entropy(most: f64) -> f64 {
    let most = most.min(1.0);
    if most <= 0.0 {
        return f64::INFINITY;
    }
    // Rounding must not leave a class that is almost empty.
    let whole = (1.0 / most + 1e-9).floor();
    let rest = 1.0 - whole * most;
    let of = |share: f64| if share > 0.0 { -share * share.ln() } else { 0.0 };
    whole * of(most) + of(rest)
}

/// The value at which a loss of unknown kind settled after falling a little, if guessing among a usual number of
/// classes has that loss.
fn stands_at_chance(loss: &[f64]) -> Option<f64> {
    if loss.len() < VALUES {
        return None;
    }
    let (before, after) = loss[loss.len() / 2..].split_at(loss.len().div_ceil(2) / 2);
    let (before, after) = (mean(before)?, mean(after)?);
    let level = f64::midpoint(before, after);
    let stands = (after - before).abs() < NEAR * level && loss[0] < OTHER_UNITS * level;
    let usual = USUAL_CLASSES.iter().any(|classes| (level / classes.ln() - 1.0).abs() < NEAR);
    (stands && usual).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of 40 records.
    fn run(config: &str, loss: impl Fn(i64) -> f64, accuracy: Option<&dyn Fn(i64) -> f64>) -> Evidence {
        let mut evidence = Evidence::new("run");
        evidence.configure(config);
        evidence.add("loss", (0..40).map(|step| (step, loss(step))));
        if let Some(accuracy) = accuracy {
            evidence.add("accuracy", (0..40).map(|step| (step, accuracy(step))));
        }
        evidence
    }

    /// Falls from `first` to `last` at once, with a little noise.
    fn drop_to(first: f64, last: f64) -> impl Fn(i64) -> f64 {
        move |step| if step < 2 { first } else { last + 0.004 * (step % 2) as f64 }
    }

    /// Falls from `first` to `last`, by a tenth of the remaining way in each record.
    fn fall(first: f64, last: f64) -> impl Fn(i64) -> f64 {
        move |step| last + (first - last) * f64::powi(0.9, step as i32)
    }

    fn about(share: f64) -> impl Fn(i64) -> f64 {
        move |step| share + 0.02 * (step % 3 - 1) as f64
    }

    #[test]
    fn the_least_entropy_of_equal_shares_is_the_logarithm_of_their_number() {
        for classes in [1, 2, 3, 7, 10, 1000] {
            let entropy = least_entropy(1.0 / f64::from(classes));
            assert!((entropy - f64::from(classes).ln()).abs() < 1e-6, "{classes}: {entropy}");
        }
        assert!((least_entropy(0.9) - 0.325_083).abs() < 1e-6);
        assert_eq!(least_entropy(0.0), f64::INFINITY);
    }

    #[test]
    fn whoever_comes_down_to_guessing_and_stays_has_made_no_progress_whatever_tells_it() {
        let constant = |_| 0.9;
        for (what, evidence) in [
            ("accuracy", run("", drop_to(2.7, 2.304), Some(&about(0.11)))),
            ("accuracy in percent", run("", drop_to(2.7, 2.304), Some(&|step| 100.0 * about(0.11)(step)))),
            ("large first outputs", run("", drop_to(40.0, 2.304), Some(&about(0.1)))),
            ("two classes", run("", drop_to(0.9, 0.693), Some(&about(0.5)))),
            ("classes of the configuration", run("num_classes: 10", drop_to(9.0, 2.304), None)),
            ("a vocabulary", run("vocab_size: 50257", drop_to(14.0, 10.83), None)),
            ("where guesses among ten stand", run("", drop_to(2.7, 2.304), None)),
            ("where guesses among two stand", run("", drop_to(0.9, 0.694), None)),
            ("where guesses among a vocabulary stand", run("", drop_to(12.0, 10.83), None)),
            ("nine of ten in one class", run("", drop_to(0.7, 0.326), Some(&constant))),
            ("nine of ten in one class, in batches", run("", drop_to(0.7, 0.326), Some(&about(0.9)))),
            ("a focal loss of ten classes", run("num_classes: 10", drop_to(1.87, 1.866), Some(&about(0.1)))),
            ("a squared error of ten classes", run("loss: mse", drop_to(0.3, 0.09), Some(&about(0.1)))),
        ] {
            let progress = evidence.progress().unwrap();
            assert!(progress < 0.05, "{what}: {progress}");
            assert_ne!(evidence.learned(), Some(true), "{what}");
            assert_eq!(evidence.takes_off(), None, "{what}");
        }
    }

    #[test]
    fn whoever_goes_below_guessing_has_learned_whatever_the_first_loss_was() {
        let rising = |step: i64| 0.1 + 0.85 * (1.0 - f64::powi(0.8, step as i32));
        let frequent = |step: i64| 0.9 + 0.08 * (1.0 - f64::powi(0.8, step as i32));
        for (what, evidence) in [
            ("accuracy", run("", fall(2.7, 0.1), Some(&rising))),
            ("large first outputs", run("", fall(40.0, 0.0), Some(&rising))),
            ("classes of the configuration", run("num_classes: 10", fall(40.0, 0.0), None)),
            ("nothing but the loss", run("", fall(2.7, 0.1), None)),
            ("a language model", run("vocab_size: 50257", fall(10.9, 3.0), None)),
            ("nine of ten in one class", run("", fall(0.7, 0.03), Some(&frequent))),
            ("a focal loss", run("num_classes: 10", fall(1.87, 0.05), Some(&rising))),
            ("labels that are smoothed", run("num_classes: 10", fall(2.35, 0.55), Some(&rising))),
            ("a squared error", run("loss: mse", fall(0.11, 0.01), Some(&rising))),
            ("a regression", run("loss: mse", fall(30.0, 0.5), None)),
        ] {
            assert_eq!(evidence.learned(), Some(true), "{what}");
            assert!(evidence.progress().unwrap() > 0.2, "{what}: {:?}", evidence.progress());
        }
    }

    #[test]
    fn a_network_that_learns_slowly_or_is_in_other_units_is_not_taken_for_one_that_guesses() {
        // The loss is already below guessing, but the answers are hardly better yet.
        let slow = run("", |step| 2.3 - 0.0075 * step as f64, Some(&|step| 0.1 + 0.001 * step as f64));
        assert!(slow.progress().unwrap() > 0.08, "{:?}", slow.progress());
        // A sum over a batch of 64.
        let summed = run("num_classes: 10", |step| 64.0 * fall(2.3, 0.8)(step), None);
        assert!(summed.progress().unwrap() > 0.5, "{:?}", summed.progress());
        // A language model that stops at the loss of guessing among ten classes.
        let text = run("", drop_to(10.8, 2.304), None);
        assert!(text.progress().unwrap() > 0.7, "{:?}", text.progress());
        // Resumed when it was good, or fine-tuned: accurate from the first record on, and below the loss that
        // frequencies allow.
        let resumed = run("", drop_to(0.05, 0.045), Some(&|_| 0.98));
        assert_eq!(resumed.learned(), Some(true));
        let tuned = run("", drop_to(2.4, 0.3), Some(&|step| if step < 2 { 0.1 } else { about(0.92)(step) }));
        assert_eq!((tuned.learned(), tuned.guesses()), (Some(true), None));
    }

    #[test]
    fn the_recorded_loss_of_guessing_stands_before_what_numbers_let_suppose() {
        let mut evidence = run("", drop_to(9.0, 1.77), Some(&about(0.17)));
        assert_eq!(evidence.guesses(), Some(true));
        evidence.add("chance/loss", [(0, 2.301)]);
        assert_eq!((evidence.chance(), evidence.guesses()), (Some(2.301), Some(false)));
        assert!((evidence.progress().unwrap() - (1.0 - 1.772 / 2.301)).abs() < 0.01);
    }
}
