//! Intervention: what no configuration asks for, done to a network on purpose, so that its fault is known.

use headwater_nn::{Activation, Network};

/// What is done to a network besides what its configuration says. The default does nothing.
#[derive(Default, Clone, Copy)]
pub struct Intervention<'a> {
    /// Done to the network after its weights were drawn and before the first step.
    pub before: Option<&'a (dyn Fn(&mut Network) + Sync)>,
    /// Layers, counted from 0, whose parameters get no updates, though their gradients are computed and recorded.
    pub frozen: &'a [usize],
    /// An activation on the outputs, where the loss expects none.
    pub output: Option<Activation>,
}
