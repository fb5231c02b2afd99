//! What a tag says.

use headwater_probe::foreign::{self, Place};
use headwater_probe::tags;

use crate::names::{Course, course, is_some_loss};

#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// How well the whole network does.
    Course(Course),
    /// Share of the first layer's inputs that are 0 for a whole batch.
    ZeroInputs,
    /// The loss of a guess that does not look at the input.
    Chance,
    /// Something of a layer.
    Layer(Place),
    /// A loss, or a part of one.
    SomeLoss,
    /// Nothing that a rule could use.
    Nothing,
}

impl Meaning {
    pub(super) fn of(tag: &str) -> Self {
        if let Some(course) = course(tag) {
            Self::Course(course)
        } else if tag == tags::zero_inputs(0) {
            Self::ZeroInputs
        } else if tag == tags::CHANCE_LOSS {
            Self::Chance
        } else if let Some(place) = foreign::read(tag) {
            Self::Layer(place)
        } else if is_some_loss(tag) {
            Self::SomeLoss
        } else {
            Self::Nothing
        }
    }
}
