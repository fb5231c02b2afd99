//! Which remedies suit a run.

use crate::Evidence;
use crate::remedy::{Activation, Proposal, Rate, Remedy, Variance};

/// An ordered list of remedies for one run. What its configuration has already is left out.
pub(crate) struct Remedies<'a> {
    evidence: &'a Evidence,
    list: Vec<Proposal>,
}

impl<'a> Remedies<'a> {
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        Self { evidence, list: Vec::new() }
    }

    /// This remedy next.
    pub(crate) fn then(mut self, remedy: Remedy) -> Self {
        self.list.extend(Proposal::new(remedy, self.evidence.config()));
        self
    }

    /// What no key of the configuration does.
    pub(crate) fn say(self, advice: &'static str) -> Self {
        self.then(Remedy::Words(advice))
    }

    /// The learning rate times a factor, but not beyond what is usual for the optimizer: from an absurd rate no factor
    /// leads to a good one.
    pub(crate) fn learning_rate(self, factor: f64) -> Self {
        let from = self.evidence.config().number("train.learning_rate");
        let (Some(rate), Some(usual)) = (from, self.usual_rate()) else {
            return self.then(Remedy::LearningRate(Rate::Times { factor, from }));
        };
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
        self.then(Remedy::LearningRate(Rate::To { from: rate, to: round.unwrap_or(1.0) * power }))
    }

    /// The learning rate times a factor; none if it is not known whether it is too large or too small.
    pub(crate) fn rate(self, factor: Option<f64>) -> Self {
        match factor {
            Some(factor) => self.learning_rate(factor),
            None => self.then(Remedy::LearningRate(Rate::EitherWay)),
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
        self.then(Remedy::FallingRate)
    }

    /// A learning rate that rises slowly.
    pub(crate) fn warmup(self) -> Self {
        self.then(Remedy::Warmup(100))
    }

    /// Clipping.
    pub(crate) fn clip(self) -> Self {
        self.then(Remedy::Clip(1.0))
    }

    /// Weights whose variance suits the activation.
    pub(crate) fn init(self) -> Self {
        let variance = match self.evidence.config().activation() {
            Some("sigmoid" | "tanh" | "identity" | "softsign" | "hard_tanh") => Variance::Glorot,
            Some("selu") => Variance::LeCun,
            _ => Variance::He,
        };
        self.then(Remedy::Init(variance))
    }

    /// An activation that passes the gradient, if this one does not.
    pub(crate) fn rectifier(self) -> Self {
        match self.evidence.config().activation() {
            None | Some("sigmoid" | "tanh" | "softplus" | "softsign" | "hard_tanh") => {
                self.then(Remedy::Activation(Activation::Passes))
            }
            Some(_) => self,
        }
    }

    /// Normalisation, if there is none.
    pub(crate) fn norm(self) -> Self {
        if self.evidence.config().get("network.norm").is_some() { self } else { self.then(Remedy::BatchNorm) }
    }

    /// Skip connections, if there are none.
    pub(crate) fn residual(self) -> Self {
        if self.evidence.has_skips() { self } else { self.then(Remedy::Residual(2)) }
    }

    pub(crate) fn list(self) -> Vec<Proposal> {
        self.list
    }
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
        assert_eq!(Remedies::of(&run).then(Remedy::WeightDecay(1e-4)).clip().list(), []);
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
