//! What a tool says, and which fault that names.

/// A fault that a tool can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// The gradient vanishes.
    Vanishing,
    /// The gradient explodes, or something is not a finite number.
    Exploding,
    /// `ReLU` units are dead.
    DyingRelu,
    /// Units are saturated.
    Saturated,
    /// The weights were drawn badly.
    PoorInit,
    /// Updates are too large for the weights.
    UpdateTooLarge,
    /// Updates are too small for the weights.
    UpdateTooSmall,
    /// Something does not change that should.
    Unchanged,
    /// It does not learn, or too slowly.
    NotLearning,
    /// The loss or the accuracy swings.
    Oscillating,
    /// It learns its samples by heart.
    Overfitting,
    /// The outputs do not fit the loss.
    LossMismatch,
}

impl Kind {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 12] = [
        Self::Vanishing,
        Self::Exploding,
        Self::DyingRelu,
        Self::Saturated,
        Self::PoorInit,
        Self::UpdateTooLarge,
        Self::UpdateTooSmall,
        Self::Unchanged,
        Self::NotLearning,
        Self::Oscillating,
        Self::Overfitting,
        Self::LossMismatch,
    ];

    /// The rules of ours that mean the same, in the widest sense: a tool that names this kind named the fault rightly if
    /// any of these is accepted for the fault.
    pub(crate) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Vanishing => &["vanishing", "bad_init"],
            Self::Exploding => &["exploding", "not_finite", "diverging"],
            Self::DyingRelu => &["dead_units"],
            Self::Saturated => &["saturated_units"],
            // Too small a draw makes gradients vanish, too large a one makes them explode.
            Self::PoorInit => &["bad_init", "vanishing", "exploding"],
            Self::UpdateTooLarge => &["update_too_large", "diverging", "oscillating_loss"],
            Self::UpdateTooSmall => &["update_too_small", "frozen_layer"],
            Self::Unchanged => &["frozen_layer", "update_too_small", "bad_init"],
            Self::NotLearning => &["plateau", "update_too_small"],
            Self::Oscillating => &["oscillating_loss", "gradient_noise", "update_too_large", "diverging"],
            Self::Overfitting => &["overfitting"],
            Self::LossMismatch => &["loss_mismatch"],
        }
    }
}

/// Something that a tool says of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symptom {
    /// The tool's name for the rule that rang.
    pub(crate) rule: &'static str,
    /// Which fault that names.
    pub(crate) kind: Kind,
    /// Of which layer, from 0; None if the tool names none.
    pub(crate) layer: Option<usize>,
    /// The step at which the tool would have said so first.
    pub(crate) step: i64,
}

/// Collects what a tool says; what it says again is left out.
#[derive(Debug, Default)]
pub(crate) struct Symptoms(Vec<Symptom>);

impl Symptoms {
    /// The tool says so at this step.
    pub(crate) fn add(&mut self, step: i64, rule: &'static str, kind: Kind, layer: Option<usize>) {
        let again = |symptom: &Symptom| (symptom.rule, symptom.kind, symptom.layer) == (rule, kind, layer);
        if !self.0.iter().any(again) {
            self.0.push(Symptom { rule, kind, layer, step });
        }
    }

    /// Whether something was said at this step.
    pub(crate) fn any_at(&self, step: i64) -> bool {
        self.0.iter().any(|symptom| symptom.step == step)
    }

    pub(crate) fn into_vec(self) -> Vec<Symptom> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use headwater_diagnose::Rule;

    use super::*;

    #[test]
    fn kinds_are_compared_with_rules_that_there_are() {
        for kind in Kind::ALL {
            for name in kind.rules() {
                assert!(Rule::named(name).is_some(), "{kind:?}: {name}");
            }
        }
    }

    #[test]
    fn what_is_said_twice_is_kept_with_its_first_step() {
        let mut symptoms = Symptoms::default();
        symptoms.add(3, "rule", Kind::Vanishing, Some(0));
        symptoms.add(4, "rule", Kind::Vanishing, Some(0));
        symptoms.add(4, "rule", Kind::Vanishing, Some(1));
        assert!(symptoms.any_at(3) && !symptoms.any_at(5));
        let steps: Vec<i64> = symptoms.into_vec().iter().map(|symptom| symptom.step).collect();
        assert_eq!(steps, [3, 4]);
    }
}
