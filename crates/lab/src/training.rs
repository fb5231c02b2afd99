//! Training: what a step needs ([`Stepper`]), what measuring needs, and what a whole run needs.

mod instruments;
mod run;
mod setting;
mod stepper;

pub(crate) use run::train;
pub(crate) use setting::Setting;
pub(crate) use stepper::Stepper;
