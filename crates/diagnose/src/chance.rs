//! Chance: the loss of a guess that knows how frequent the answers are and does not look at the input. A network has learned
//! something when its loss is below that; to come down to it from large first outputs is no learning.

use crate::Evidence;
use crate::loss::{last_tenth, values};
use crate::series::{lowest_mean, mean};

/// Accuracies of few samples stray: the loss of a guess that they tell may be so much more.
const ABOVE_GUESSING: f64 = 1.2;
/// Who is right more often than this does not guess: two classes are guessed right in half of the cases.
const GUESSED: f64 = 0.62;
/// And who is right this many times as often as the loss of guessing says; the rest is noise of small validation sets.
const BETTER_THAN_GUESSED: f64 = 1.2;
const NOISE: f64 = 0.02;
/// A cross-entropy below this is none of guessing: that is ln 2 at least, if classes are balanced.
const LEAST_ENTROPY: f64 = 0.4;
/// A loss of this share of chance is below it.
const BELOW: f64 = 0.9;
/// The same where chance is the least that an accuracy allows.
const AT_LEAST: f64 = 0.95;
/// A loss that never comes down to this many times what the classes say is in other units.
const OTHER_UNITS: f64 = 1.5;
/// Accuracies or losses, at least, of which one can say that they stand still.
const VALUES: usize = 10;
/// How far an accuracy or a loss that stands still may stray from where it was.
const STILL: f64 = 0.03;
/// Numbers of classes at whose logarithm a loss does not come to a stand by accident: those of the best-known datasets and
/// vocabularies.
const USUAL_CLASSES: [f64; 11] = [2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 100.0, 1000.0, 30_522.0, 32_000.0, 50_257.0];
/// How far from it the loss may stand.
const NEAR: f64 = 0.01;

impl Evidence {
    /// The loss of a guess that does not look at the input, as far as it can be known: recorded or configured, or told by
    /// accuracy and loss together, or by a loss that stands where guesses stand.
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

    /// The loss from which learning counts: the lower of the first loss and that of guessing.
    pub(crate) fn start(&self) -> Option<f64> {
        let first = self.first_loss()?;
        Some(self.chance().map_or(first, |chance| chance.min(first)))
    }

    /// What [`Self::start`] is, in words.
    pub(crate) fn start_in_words(&self) -> &'static str {
        if self.chance() < self.first_loss() && self.chance().is_some() { "the chance level" } else { "the first loss" }
    }

    /// Whether the loss is a squared error, by the configuration.
    fn is_squared(&self) -> bool {
        self.config().get("network.loss") == Some("mean_squared_error")
    }

    /// ln of the number of classes, if the configuration has it and the loss comes anywhere near.
    fn entropy_of_classes(&self, lowest: f64) -> Option<f64> {
        let classes = self.config().number("data.classes").filter(|classes| *classes >= 2.0 && !self.is_squared())?;
        Some(classes.ln()).filter(|entropy| lowest < OTHER_UNITS * entropy)
    }

    /// What the lowest accuracy says of the loss of guessing, if that accuracy was one of guessing.
    fn chance_by_accuracy(&self, loss: &[f64], lowest: f64) -> Option<f64> {
        let least =
            lowest_mean(&values(&self.accuracies())).or_else(|| lowest_mean(&values(&self.held_out_accuracies())))?;
        if self.is_squared() {
            return (self.guesses() == Some(true)).then_some(lowest);
        }
        let entropy = least_entropy(least);
        if self.guesses() == Some(true) {
            // Where the loss stood when the frequencies were known: a slow network that is below it now has learned.
            let (begin, end) = (loss.len() / 10, (loss.len() / 4).max(loss.len() / 10 + 1));
            let early = mean(&loss[begin..end])?;
            return Some(early.min(entropy).max(lowest));
        }
        let guessed = least <= (-lowest).exp() * BETTER_THAN_GUESSED + NOISE;
        (guessed && entropy.is_finite()).then_some(ABOVE_GUESSING * entropy)
    }

    /// Whether its answers are no better than guessing; none if it cannot be told. Whoever guesses among classes is right
    /// as often as `exp(-loss)` says, whatever the number of classes; whoever knows something is right more often, as the
    /// logarithm punishes doubt. Where one class is frequent, a network may answer nothing but that.
    pub(crate) fn guesses(&self) -> Option<bool> {
        let accuracy = self.last_accuracy()?;
        let lowest = lowest_mean(&values(&self.newest(&self.validation_loss, &self.loss)))?;
        if let Some((_, chance)) = self.chance_loss.first()
            && lowest < BELOW * chance
        {
            return Some(false);
        }
        if self.is_squared() {
            // A constant answer in the frequencies of the classes: of C classes, one of which is right.
            return Some(accuracy < GUESSED && lowest >= AT_LEAST * accuracy * (1.0 - accuracy));
        }
        if self.answers_one_class(accuracy, lowest) {
            return Some(true);
        }
        // Divided by something: no logarithm of a probability.
        if lowest < LEAST_ENTROPY {
            return None;
        }
        Some(accuracy < GUESSED && accuracy < (-lowest).exp() * BETTER_THAN_GUESSED + NOISE)
    }

    /// Whether all answers are the most frequent class: the same share of them is right in record after record, and the loss
    /// is not below what such frequencies leave to guess.
    fn answers_one_class(&self, accuracy: f64, lowest: f64) -> bool {
        let loss = values(&self.loss.finite());
        let (Some(own), Some(last)) = (lowest_mean(&loss), mean(last_tenth(&loss))) else { return false };
        if accuracy >= 1.0 || own.min(lowest) < AT_LEAST * least_entropy(accuracy) {
            return false;
        }
        // That is learned soon, if nothing else is.
        let same = |shares: &[f64]| {
            let rest = &shares[shares.len() / 5..];
            rest.len() >= VALUES / 2 && rest.iter().all(|share| *share == rest[0])
        };
        let (own, held_out) = (values(&self.accuracies()), values(&self.held_out_accuracies()));
        if same(&held_out) || same(&own) {
            return true;
        }
        // In batches the share strays. Training was seen to begin, and only the loss has changed, and only then.
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

/// The least entropy of classes of which the most frequent has this share, in nats: as many of that share as there can be,
/// and the rest in one. Of equal shares it is ln of their number; of a share of 0 infinite.
fn least_entropy(most: f64) -> f64 {
    let most = most.min(1.0);
    if most <= 0.0 {
        return f64::INFINITY;
    }
    // Rounding must leave no class that is next to empty.
    let whole = (1.0 / most + 1e-9).floor();
    let rest = 1.0 - whole * most;
    let of = |share: f64| if share > 0.0 { -share * share.ln() } else { 0.0 };
    whole * of(most) + of(rest)
}

/// Where a loss of unknown kind came to a stand after it had fallen a little, if that is where guesses among a usual
/// number of classes stand.
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

    /// From `first` to `last` at once, with a little noise.
    fn drop_to(first: f64, last: f64) -> impl Fn(i64) -> f64 {
        move |step| if step < 2 { first } else { last + 0.004 * (step % 2) as f64 }
    }

    /// From `first` to `last`, a tenth of the way in each record.
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
        // Below guessing already, and answers are hardly better yet.
        let slow = run("", |step| 2.3 - 0.0075 * step as f64, Some(&|step| 0.1 + 0.001 * step as f64));
        assert!(slow.progress().unwrap() > 0.08, "{:?}", slow.progress());
        // A sum over a batch of 64.
        let summed = run("num_classes: 10", |step| 64.0 * fall(2.3, 0.8)(step), None);
        assert!(summed.progress().unwrap() > 0.5, "{:?}", summed.progress());
        // A language model that stops where guesses among ten would stand.
        let text = run("", drop_to(10.8, 2.304), None);
        assert!(text.progress().unwrap() > 0.7, "{:?}", text.progress());
        // Resumed when it was good, or fine-tuned: right from the first record on, and below what frequencies allow.
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
