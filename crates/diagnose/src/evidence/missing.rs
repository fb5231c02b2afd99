//! What cannot be judged, and what to record so that it can.

use headwater_probe::Measure;
use headwater_probe::tags::Quantity;

use super::Evidence;

impl Evidence {
    /// What cannot be judged from this evidence, and what to record so that it can.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        let has = |quantity| !self.sizes(quantity).is_empty();
        if self.steps().is_none() {
            return vec![
                "nothing was recorded that tells of training: no loss, no accuracy, no gradients or weights of a layer"
                    .to_owned(),
            ];
        }
        if !has(Quantity::Gradient) && !has(Quantity::Delta) {
            let instead = if self.movements().len() > 1 {
                "no gradients recorded: whether they reach the first layers was judged by how far the histograms of the \
                 weights move, which is less certain"
            } else {
                "no gradients recorded: whether they reach the first layers was not judged"
            };
            missing.push(format!(
                "{instead}; add a histogram or the norm of each layer's weight gradient (tags such as fc1.weight.grad, \
                 grad_norm/fc1)"
            ));
        } else if self.count() == 1 {
            missing.push(
                "gradients of one layer only: nothing to compare them with; record those of all layers".to_owned(),
            );
        }
        if !has(Quantity::Weight) && self.all(Measure::UpdateRatio).is_empty() {
            missing.push(
                "no weights recorded: the size of the updates was not judged; add histograms of the weights".to_owned(),
            );
        } else if self.is_bounded() {
            missing.push(
                "the size of the updates is known from histograms of the weights only: they moved at least so far"
                    .to_owned(),
            );
        }
        if self.loss.is_empty() {
            missing.push("no loss recorded (loss, train/loss): whether it learns was not judged".to_owned());
        } else if self.loss.len() < 5 {
            let values = if self.loss.len() == 1 { "value" } else { "values" };
            missing.push(format!("{} {values} of the loss: too few to judge its course", self.loss.len()));
        }
        if self.validation_loss.is_empty() {
            missing.push("no validation loss recorded: overfitting was not judged".to_owned());
        }
        missing
    }
}
