//! What measuring needs: probes, the schedule, the evaluator, and what is summed up over the steps.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use headwater_nn::{Interrupted, Layer, Network, ShapeError, Stage, try_filled};
use headwater_probe::theory::Critical;
use headwater_probe::{Probe, Schedule};

use super::Stepper;
use crate::evaluator::Evaluator;
use crate::means::Means;
use crate::{Config, memory};

/// Steps whose accuracy goes into the report's mean.
const LAST: usize = 200;
/// The first layer is pictured, and counterfactuals are asked, about this often in a run.
const PICTURES: u64 = 10;

/// What is done with the numbers of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    No,
    /// By the watch alone.
    LookedAt,
    /// And by the watch, if there is one.
    Recorded,
}

/// The instruments of a run, and what they have measured so far.
pub(super) struct Instruments {
    probe: Probe,
    /// Measures the steps that are looked at and not recorded, if the run is watched: without histograms.
    glance: Option<Probe>,
    /// Memory for passes beside the training's own: as many numbers as there are parameters.
    pub(super) scratch: Vec<f32>,
    pub(super) evaluator: Evaluator,
    /// Which steps are recorded.
    schedule: Schedule,
    /// How many steps are planned.
    steps: u64,
    /// The edge of chaos of the network's activation, once it was asked for.
    pub(super) edge: OnceCell<Option<Critical>>,
    /// The step at which the first layer was last pictured.
    pictured: Option<u64>,
    /// Accuracies of the last steps, as a ring.
    accuracies: [f64; LAST],
    /// Over the recorded steps.
    pub(super) means: Means,
}

impl Instruments {
    /// For a network. `known`: an evaluator of another run, for its memory.
    pub(super) fn new(
        config: &Config,
        network: &Network,
        known: Option<Evaluator>,
        is_watched: bool,
        has_steps: bool,
    ) -> Result<Self, ShapeError> {
        let (layers, parameters) = (network.layers().len(), network.parameters().len());
        let probe = |histograms| Probe::new(network, histograms);
        let instruments = Self {
            evaluator: Evaluator::after(known, network, network.inputs())?,
            scratch: try_filled(0.0, parameters, "the counterfactuals")?,
            glance: is_watched.then(|| probe(false)).transpose()?,
            probe: probe(config.record.histograms)?,
            schedule: config.record.schedule(),
            steps: config.train.steps,
            edge: OnceCell::new(),
            pictured: None,
            accuracies: [0.0; LAST],
            means: Means::new(layers),
        };
        if has_steps {
            memory::for_records(layers)?;
        }
        Ok(instruments)
    }

    /// The probe that measures such a step, if one does.
    pub(super) fn probe(&mut self, measured: Measured) -> Option<&mut Probe> {
        self.probe_and_means(measured).map(|(probe, _)| probe)
    }

    /// The same, and the means over the recorded steps.
    pub(super) fn probe_and_means(&mut self, measured: Measured) -> Option<(&mut Probe, &mut Means)> {
        let probe = match measured {
            Measured::Recorded => &mut self.probe,
            Measured::LookedAt => self.glance.as_mut()?,
            Measured::No => return None,
        };
        Some((probe, &mut self.means))
    }

    /// Follows the gradient of a step again, where the blame of its probe did not fit in f32.
    pub(super) fn retrace(
        &mut self,
        measured: Measured,
        stepper: &mut Stepper,
        interrupt: &AtomicBool,
    ) -> Result<(), Interrupted> {
        let Self { probe, glance, scratch, .. } = self;
        let probe = if measured == Measured::Recorded { Some(probe) } else { glance.as_mut() };
        let Some(blame) = probe.map(Probe::blame_mut) else { return Ok(()) };
        stepper.retrace(scratch, |index, stage, ln_norm| blame.visit(index, stage, ln_norm), interrupt)
    }

    /// Whether a step is to be recorded.
    pub(super) fn is_recorded(&self, step: u64) -> bool {
        self.schedule.includes(step, self.steps)
    }

    /// Whether what is costly to ask is asked: at the first step, the last, and about ten times between.
    pub(super) fn is_pictured(&mut self, step: u64) -> bool {
        let is_due = step + 1 == self.steps || self.pictured.is_none_or(|last| step >= last + self.steps / PICTURES);
        if is_due {
            self.pictured = Some(step);
        }
        is_due
    }

    /// Notes the accuracy of a batch.
    pub(super) fn accuracy(&mut self, step: u64, accuracy: f64) {
        self.accuracies[step as usize % LAST] = accuracy;
    }

    /// The mean accuracy of the last of so many batches.
    pub(super) fn last_accuracy(&self, made: u64) -> Option<f64> {
        let last = &self.accuracies[..LAST.min(made as usize)];
        (!last.is_empty()).then(|| last.iter().sum::<f64>() / last.len() as f64)
    }

    /// The means of the gains of the parts that a network has.
    pub(super) fn gains(&self, network: &Network) -> BTreeMap<String, f64> {
        let shapes: Vec<_> = network.layers().iter().map(Layer::shape).collect();
        let has = |stage| match stage {
            Stage::Weights | Stage::Activation => true,
            Stage::Norm => shapes.iter().any(|shape| shape.norm.is_some()),
            Stage::Skip => shapes.iter().any(|shape| shape.skip.is_some()),
            Stage::Dropout => shapes.iter().any(|shape| shape.dropout > 0.0),
        };
        self.means.gains().filter(|(stage, _)| has(*stage)).map(|(stage, mean)| (stage.to_string(), mean)).collect()
    }
}
