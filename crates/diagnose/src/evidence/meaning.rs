//! What a tag says.

use headwater_probe::Measure;
use headwater_probe::foreign::{self, Place};
use headwater_probe::measures::{self, Subject};

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
    /// Of a tag, ours or another program's.
    pub(super) fn of(tag: &str) -> Self {
        if let Some(course) = course(tag) {
            return Self::Course(course);
        }
        if let Some(own) = measures::all().iter().find(|own| own.of == Subject::Run && own.path == tag) {
            return Self::of_measure(own.measure);
        }
        if let Some(place) = foreign::read(tag) {
            Self::Layer(place)
        } else if is_some_loss(tag) {
            Self::SomeLoss
        } else {
            Self::Nothing
        }
    }

    /// Of a measure of the run.
    pub(super) fn of_measure(measure: Measure) -> Self {
        match measure {
            Measure::Loss => Self::Course(Course::Loss),
            Measure::Accuracy => Self::Course(Course::Accuracy),
            Measure::ValidationLoss => Self::Course(Course::ValidationLoss),
            Measure::ValidationAccuracy => Self::Course(Course::ValidationAccuracy),
            Measure::ZeroInputs => Self::ZeroInputs,
            Measure::ChanceLoss => Self::Chance,
            _ => Self::Nothing,
        }
    }
}
