//! What to try.

use serde::Serialize;

use crate::Evidence;

/// One thing to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// In the configuration's own keys, `network.init=he_normal`; none if the run's configuration is not ours, or there
    /// is no such key.
    pub set: Option<String>,
    /// In words.
    pub advice: String,
}

/// The words with which advice on the size of the learning rate begins.
const SMALLER: &str = "a smaller learning rate";
const LARGER: &str = "a larger learning rate";
const ANOTHER: &str = "another learning rate";

impl Remedy {
    /// Whether it is about the size of the learning rate.
    pub(crate) fn is_of_the_rate(&self) -> bool {
        [SMALLER, LARGER, ANOTHER].iter().any(|words| self.advice.starts_with(words))
    }
}

/// An ordered list of them for one run. What its configuration has already is left out.
pub(crate) struct Remedies<'a> {
    evidence: &'a Evidence,
    list: Vec<Remedy>,
}

impl<'a> Remedies<'a> {
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        Self { evidence, list: Vec::new() }
    }

    /// A key to set, and in words what that is.
    pub(crate) fn set(mut self, key: &str, value: &str, advice: &str) -> Self {
        let config = self.evidence.config();
        if !config.get(key).is_some_and(|known| is_same(known, value)) {
            let set = config.is_ours().then(|| format!("{key}={value}"));
            self.list.push(Remedy { set, advice: advice.to_owned() });
        }
        self
    }

    /// The learning rate times a factor, but not beyond what is usual for the optimizer: from an absurd rate no factor
    /// leads to a good one.
    pub(crate) fn learning_rate(self, factor: f64) -> Self {
        let config = self.evidence.config();
        if let (Some(rate), Some(usual)) = (config.number("train.learning_rate"), self.usual_rate()) {
            if factor > 1.0 && rate >= usual {
                return self;
            }
            let aim = rate * factor;
            let bounded = if factor < 1.0 && aim > usual || factor > 1.0 && aim < usual { usual } else { aim };
            // The next of 1, 2 and 5 times a power of ten: nobody wants to type more.
            let power = 10.0_f64.powf(bounded.log10().floor());
            // Rounding must not lead back to the rate that there is.
            let leads_on =
                |digit: &f64| if factor < 1.0 { digit * power < 0.999 * rate } else { digit * power > 1.001 * rate };
            let round = [0.5, 1.0, 2.0, 5.0, 10.0].into_iter().filter(leads_on).min_by(|a, b| {
                let distance = |digit: &f64| (digit * power / bounded).ln().abs();
                distance(a).total_cmp(&distance(b))
            });
            let value = short(round.unwrap_or(1.0) * power);
            let which = if factor < 1.0 { SMALLER } else { LARGER };
            let advice = format!("{which}: {value} in place of {}", short(rate));
            return if config.is_ours() { self.set("train.learning_rate", &value, &advice) } else { self.say(&advice) };
        }
        let which = if factor < 1.0 { SMALLER } else { LARGER };
        let how = if factor < 1.0 { 1.0 / factor } else { factor };
        let advice = format!("{which}, by a factor of {}", short(how));
        match self.evidence.config().number("train.learning_rate") {
            Some(rate) if self.evidence.config().is_ours() => {
                self.set("train.learning_rate", &short(rate * factor), &advice)
            }
            Some(rate) => self.say(&format!("{advice}: {} in place of {}", short(rate * factor), short(rate))),
            None => self.say(&advice),
        }
    }

    /// The learning rate times a factor; none if it is not known whether it is too large or too small.
    pub(crate) fn rate(self, factor: Option<f64>) -> Self {
        match factor {
            Some(factor) => self.learning_rate(factor),
            None => self.say(&format!("{ANOTHER}: ten times smaller, then ten times larger")),
        }
    }

    /// What the optimizer is mostly used with.
    fn usual_rate(&self) -> Option<f64> {
        let optimizer = self.evidence.config().get("train.optimizer")?;
        Some(match &*optimizer.split('(').next()?.to_ascii_lowercase() {
            "sgd" => 0.05,
            "momentum" | "nesterov" => 0.01,
            _ => 1e-3,
        })
    }

    /// A learning rate that falls.
    pub(crate) fn falling_rate(self) -> Self {
        self.set("train.lr_schedule", "cosine(0)", "a learning rate that falls")
    }

    /// A learning rate that rises slowly.
    pub(crate) fn warmup(self) -> Self {
        self.set("train.warmup", "100", "a learning rate that rises slowly")
    }

    /// Clipping.
    pub(crate) fn clip(self) -> Self {
        self.set("train.clip_norm", "1.0", "clipping the gradient's norm")
    }

    /// Weights whose variance suits the activation.
    pub(crate) fn init(self) -> Self {
        match self.evidence.config().activation() {
            Some("sigmoid" | "tanh" | "identity" | "softsign" | "hard_tanh") => {
                self.set("network.init", "glorot_uniform", "weights of variance 2 / (inputs + outputs) (Glorot)")
            }
            Some("selu") => self.set("network.init", "lecun_normal", "weights of variance 1 / inputs (LeCun)"),
            _ => self.set("network.init", "he_normal", "weights of variance 2 / inputs (He)"),
        }
    }

    /// An activation that passes the gradient, if this one does not.
    pub(crate) fn rectifier(self) -> Self {
        match self.evidence.config().activation() {
            Some("relu" | "leaky_relu" | "elu" | "selu" | "gelu" | "silu" | "identity") => self,
            _ => self.set("network.activation", "relu", "an activation whose slope is 1 where it is active"),
        }
    }

    /// Normalisation.
    pub(crate) fn norm(self) -> Self {
        if self.evidence.config().get("network.norm").is_some() {
            return self;
        }
        self.set("network.norm", "batch", "batch normalisation, which keeps pre-activations where the slope is large")
    }

    /// Skip connections.
    pub(crate) fn residual(self) -> Self {
        if self.evidence.config().get("network.residual").is_some() {
            return self;
        }
        self.set("network.residual", "pre_scaled(2)", "skip connections: a way for the gradient around the layers")
    }

    pub(crate) fn say(mut self, advice: &str) -> Self {
        self.list.push(Remedy { set: None, advice: advice.to_owned() });
        self
    }

    pub(crate) fn list(self) -> Vec<Remedy> {
        self.list
    }
}

/// Whether two values mean the same: numbers may be written in several ways.
fn is_same(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs(),
        _ => a == b,
    }
}

/// With at most three digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    if (1e-4..1e6).contains(&rounded) { format!("{rounded}") } else { format!("{rounded:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_learning_rate_is_not_answered_with_another() {
        let advised = |rate: &str, factor: f64| {
            let mut run = Evidence::new("run");
            run.configure(&format!(
                "network.activation = 'relu'\ntrain.optimizer = 'adam(0.9, 0.999, 1e-8)'\ntrain.learning_rate = {rate}"
            ));
            Remedies::of(&run).learning_rate(factor).list()[0].set.clone().unwrap()
        };
        assert_eq!(advised("1e30", 1e-3), "train.learning_rate=0.001");
        assert_eq!(advised("1e-9", 10.0), "train.learning_rate=0.001");
        assert_eq!(advised("0.002", 0.1), "train.learning_rate=0.0002");
        // Rounded, nine tenths of it would be what it is.
        assert_eq!(advised("0.002", 0.9), "train.learning_rate=0.001");
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written_and_factors_have_three_digits() {
        let mut run = Evidence::new("run");
        run.configure("network.activation = 'relu'\ntrain.weight_decay = 0.0001\ntrain.clip_norm = 1");
        assert_eq!(Remedies::of(&run).set("train.weight_decay", "1e-4", "decay").clip().list(), []);
        let words = Remedies::of(&Evidence::new("run")).learning_rate(1.0 / 19.437_556_700_125_977).list();
        assert_eq!(words[0].advice, "a smaller learning rate, by a factor of 19.4");
    }

    #[test]
    fn what_the_configuration_has_is_not_advised_and_foreign_runs_get_words() {
        let mut ours = Evidence::new("ours");
        ours.configure("[network]\nactivation = \"relu\"\ninit = \"glorot_uniform\"\n[train]\nlearning_rate = 0.1");
        let remedies = Remedies::of(&ours).init().rectifier().norm().learning_rate(0.1).list();
        let set: Vec<_> = remedies.into_iter().filter_map(|remedy| remedy.set).collect();
        assert_eq!(set, ["network.init=he_normal", "network.norm=batch", "train.learning_rate=0.01"]);
        let foreign = Remedies::of(&Evidence::new("foreign")).init().rectifier().list();
        assert!(foreign.iter().all(|remedy| remedy.set.is_none()));
        assert_eq!(foreign.len(), 2);
    }
}
