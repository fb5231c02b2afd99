//! One run: trains one configuration and records it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use headwater_data::{Batches, Dataset};
use headwater_events::Writer;
use headwater_nn::{
    Clip, InitialiseError, Initialiser, Interrupted, Layer, Network, OptimizerState, ShapeError, Stage, Subnormals,
    Targets, Workspace, count_correct, try_filled,
};
use headwater_probe::Probe;
use headwater_probe::counterfactual::{self, Scene, Unanswered};
use headwater_probe::measures::{Counterfactuals, Start, Step};
use headwater_probe::theory::Critical;

use crate::chance::chance_loss;
use crate::detail::Detail;
use crate::evaluator::{Evaluation, Evaluator};
use crate::means::Means;
use crate::measures::Record;
use crate::memory;
use crate::recorder::Recorder;
use crate::runner::{Phase, Progress, RunError};
use crate::thread_cache::ThreadCache;
use crate::watch::{Watch, Watching};
use crate::{Config, Forecast, Intervention, Manifest, RunReport, Status};

/// Steps whose accuracy goes into the report's mean.
const LAST: usize = 200;
/// Steps between two reports of progress.
const PROGRESS_EVERY: u64 = 25;
/// The first layer is pictured, and counterfactuals are asked, about this often in a run.
const PICTURES: u64 = 10;
/// Samples by which LSUV scales the weights.
const LSUV_BATCH: usize = 256;

/// What a run needs to know besides its configuration.
pub(crate) struct Setting<'a> {
    pub(crate) index: usize,
    pub(crate) experiment: &'a str,
    pub(crate) scenario: &'a str,
    pub(crate) run: String,
    pub(crate) config: &'a Config,
    pub(crate) dataset: &'a Dataset,
    pub(crate) folder: &'a Path,
    pub(crate) detail: Detail,
    pub(crate) interrupt: &'a AtomicBool,
    pub(crate) progress: &'a (dyn Fn(Progress<'_>) + Sync),
    pub(crate) intervention: Intervention<'a>,
    /// How the run is watched; none if it is not.
    pub(crate) watching: Option<Watching>,
}

impl Setting<'_> {
    /// Reports what the run is about to do.
    fn enter(&self, phase: Phase) {
        let classes = self.dataset.classes;
        (self.progress)(Progress::Phase { index: self.index, phase, is_long: memory::is_large(self.config, classes) });
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }
}

/// Why a run stops early.
enum Ended {
    Interrupted,
    Failed(RunError),
}

impl From<RunError> for Ended {
    fn from(error: RunError) -> Self {
        Self::Failed(error)
    }
}

impl From<Interrupted> for Ended {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// Trains one run to its end, to its divergence, to a finding that stops it or to the interruption, whichever comes first.
pub(crate) fn train(setting: &Setting<'_>, cache: &mut ThreadCache) -> Result<RunReport, RunError> {
    let mut manifest = Manifest::new(setting.experiment, setting.scenario, setting.config);
    let begun = Instant::now();
    let result = match train_and_record(setting, &mut manifest, cache) {
        Ok(report) => Ok(report),
        Err(Ended::Interrupted) => not_begun(setting, &mut manifest),
        Err(Ended::Failed(error)) => Err(error),
    };
    if let Err(error) = &result {
        manifest.status = Status::Failed;
        manifest.seconds = begun.elapsed().as_secs_f64();
        if let RunError::Record { steps, .. } = error {
            manifest.steps = *steps;
        }
        // Where the record failed this may fail too; the error that is returned is the one that matters.
        let _ = save(&manifest, setting).or_else(|_| manifest.overwrite(setting.folder));
    }
    result
}

/// A run that was interrupted before its first step.
fn not_begun(setting: &Setting<'_>, manifest: &mut Manifest) -> Result<RunReport, RunError> {
    manifest.status = Status::Interrupted;
    if setting.detail.has_steps() {
        let folder = setting.folder;
        std::fs::create_dir_all(folder).map_err(|source| RunError::Manifest { path: folder.to_path_buf(), source })?;
    }
    save(manifest, setting)?;
    let unknown = vec![f64::NAN; setting.config.network.shapes(setting.dataset.classes).len()];
    Ok(RunReport {
        run: setting.run.clone(),
        scenario: setting.scenario.to_owned(),
        seed: setting.config.train.seed,
        status: Status::Interrupted,
        steps: 0,
        seconds: 0.0,
        train_accuracy_last_200: None,
        validation_accuracy: None,
        test_accuracy: None,
        gradient_mean_abs: unknown.clone(),
        delta_rms: unknown,
        gains: BTreeMap::new(),
        zero_inputs: f64::NAN,
        attenuation: None,
        diverged: false,
        stopped_by: None,
        logdir: setting.folder.to_path_buf(),
    })
}

fn train_and_record(
    setting: &Setting<'_>,
    manifest: &mut Manifest,
    cache: &mut ThreadCache,
) -> Result<RunReport, Ended> {
    let mut trainer = Trainer::new(setting, cache)?;
    save(manifest, setting)?;
    trainer.begin()?;

    let started = Instant::now();
    let steps = setting.config.train.steps;
    let mut status = Status::Done;
    for step in 0..steps {
        if setting.is_interrupted() {
            status = Status::Interrupted;
            break;
        }
        let batch = match trainer.step(step) {
            Ok(batch) => batch,
            Err(Ended::Interrupted) => {
                status = Status::Interrupted;
                break;
            }
            Err(failed) => return Err(failed),
        };
        if step.is_multiple_of(PROGRESS_EVERY) || step + 1 == steps {
            (setting.progress)(Progress::Step {
                index: setting.index,
                step: step + 1,
                loss: batch.loss,
                accuracy: batch.accuracy,
            });
        }
        if !batch.loss.is_finite() {
            status = Status::Diverged;
            break;
        }
        if trainer.stopped_by.is_some() {
            status = Status::Stopped;
            break;
        }
    }
    setting.enter(Phase::Evaluating);
    let report = trainer.report(status, started);
    trainer.finish(&report, cache)?;
    // Only now is it true: the record is with the operating system.
    (manifest.status, manifest.steps, manifest.seconds) = (report.status, report.steps, report.seconds);
    manifest.stopped_by = report.stopped_by;
    save(manifest, setting)?;
    Ok(report)
}

fn save(manifest: &Manifest, setting: &Setting<'_>) -> Result<(), RunError> {
    if !setting.detail.has_steps() {
        return Ok(());
    }
    let folder = setting.folder;
    manifest.write(folder).map_err(|source| RunError::Manifest { path: folder.join(Manifest::FILE_NAME), source })
}

/// What is done with the numbers of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measured {
    No,
    /// By the watch alone.
    LookedAt,
    /// And by the watch, if there is one.
    Recorded,
}

impl Measured {
    /// The one of the two that measures such a step, if one does.
    fn by<'p>(self, probe: &'p mut Probe, glance: &'p mut Option<Probe>) -> Option<&'p mut Probe> {
        match self {
            Self::Recorded => Some(probe),
            Self::LookedAt => glance.as_mut(),
            Self::No => None,
        }
    }
}

/// The state of a run between its steps.
struct Trainer<'a> {
    setting: &'a Setting<'a>,
    network: Network,
    workspace: Workspace,
    gradients: Vec<f32>,
    optimizer: OptimizerState,
    batches: Batches,
    indices: Vec<u32>,
    inputs: Vec<f32>,
    labels: Vec<u32>,
    evaluator: Evaluator,
    probe: Probe,
    /// Measures the steps that are looked at and not recorded, if the run is watched: without histograms.
    glance: Option<Probe>,
    /// Memory for passes beside the training's own: as many numbers as there are parameters.
    scratch: Vec<f32>,
    recorder: Recorder,
    watch: Option<Watch>,
    /// The rule whose finding stopped the run.
    stopped_by: Option<&'static str>,
    schedule: headwater_probe::Schedule,
    /// Steps that were made.
    made: u64,
    /// The edge of chaos of the network's activation, once it was asked for.
    edge: OnceCell<Option<Critical>>,
    /// The step at which the first layer was last pictured.
    pictured: Option<u64>,
    /// Accuracies of the last steps, as a ring.
    accuracies: [f64; LAST],
    /// Over the recorded steps.
    means: Means,
}

impl<'a> Trainer<'a> {
    fn new(setting: &'a Setting<'a>, cache: &mut ThreadCache) -> Result<Self, Ended> {
        let Config { network: shape, train, record, .. } = setting.config;
        let (dataset, batch) = (setting.dataset, train.batch_size);
        let width = dataset.train.width();
        setting.enter(Phase::Building);
        let too_large = |source| RunError::Shape { run: setting.run.clone(), source };
        let mut shapes = shape.shapes(dataset.classes);
        if let (Some(last), Some(activation)) = (shapes.last_mut(), setting.intervention.output) {
            last.activation = activation;
        }
        let mut network = Network::new(width, &shapes, shape.loss).map_err(too_large)?;
        let mut workspace = Workspace::new(&network, batch).map_err(too_large)?;
        workspace.seed_dropout(train.seed);
        let evaluator = Evaluator::after(cache.evaluator.take(), &network, width).map_err(too_large)?;
        let (layers, parameters) = (network.layers().len(), network.parameters().len());
        let zeros = |count, what| try_filled(0.0, count, what).map_err(too_large);
        let (gradients, scratch) = (zeros(parameters, "the gradients")?, zeros(parameters, "the counterfactuals")?);
        let optimizer = OptimizerState::new(train.optimizer, parameters).map_err(too_large)?;
        let inputs = zeros(batch.saturating_mul(width), "the batch")?;
        let probe = |histograms| Probe::new(&network, histograms).map_err(too_large);
        let glance = setting.watching.map(|_| probe(false)).transpose()?;
        let probe = probe(record.histograms)?;
        if setting.detail.has_steps() {
            memory::for_records(layers).map_err(too_large)?;
        }

        setting.enter(Phase::Initialising);
        draw(&mut network, setting)?;
        if let Some(before) = setting.intervention.before {
            before(&mut network);
        }
        let create = if setting.detail.has_steps() { Writer::create } else { Writer::create_unfollowed };
        let writer =
            create(setting.folder).map_err(|source| RunError::Record { run: setting.run.clone(), steps: 0, source })?;
        Ok(Self {
            workspace,
            gradients,
            optimizer,
            batches: cache.batches(dataset.train.len(), train.seed, train.steps.saturating_mul(batch as u64)),
            indices: vec![0; batch],
            inputs,
            labels: vec![0; batch],
            evaluator,
            probe,
            glance,
            scratch,
            recorder: Recorder::new(writer, setting.detail),
            watch: setting.watching.map(|watching| Watch::new(watching, &setting.run, setting.config)),
            stopped_by: None,
            schedule: record.schedule(),
            made: 0,
            edge: OnceCell::new(),
            pictured: None,
            accuracies: [0.0; LAST],
            means: Means::new(layers),
            setting,
            network,
        })
    }

    /// Records what is known before the first step.
    fn begin(&mut self) -> Result<(), Ended> {
        let setting = self.setting;
        setting.enter(Phase::Recording);
        let begun = self.recorder.begin(setting.config, setting.dataset, &self.network, setting.interrupt);
        begun.map_err(|error| self.failed(error))?;
        if setting.detail.has_steps() {
            setting.enter(Phase::Theory);
            let theory = Forecast::layers(setting.config, setting.dataset, setting.interrupt);
            let (dataset, loss) = (setting.dataset, setting.config.network.loss);
            let chance_loss = chance_loss(dataset.train.labels(), dataset.classes, loss);
            let start = Start { chance_loss };
            self.recorder.start(start, &theory).map_err(|error| self.failed(error))?;
            if let Some(watch) = &mut self.watch {
                watch.start(start, &theory);
            }
        }
        setting.enter(Phase::Training);
        Ok(())
    }

    /// One step: forward, backward, update, and the record where it is due. The record of a step is of the
    /// weights before its update, except for the update ratio. An interrupted step is not recorded.
    fn step(&mut self, step: u64) -> Result<Evaluation, Ended> {
        // In effect up to the update, whether or not the step is recorded: recording must not change the training.
        let flushing = Subnormals::flush();
        self.batches.next(&mut self.indices);
        self.setting.dataset.train.gather(&self.indices, &mut self.inputs, &mut self.labels);
        let targets = Targets::Labels(&self.labels);
        let outputs =
            self.network.forward_training_interruptible(&self.inputs, &mut self.workspace, self.setting.interrupt)?;
        let correct = count_correct(outputs, self.network.outputs(), &self.labels);
        let batch = Evaluation {
            loss: f64::from(self.network.loss(outputs, targets)),
            accuracy: correct as f64 / self.labels.len() as f64,
        };

        let healthy = batch.loss.is_finite();
        let measured = self.measured(step, healthy);
        self.backward(measured)?;
        self.accuracies[step as usize % LAST] = batch.accuracy;
        self.made = step + 1;
        // What is told of the gradients is told of them as they are, before anything is done to them.
        if (!healthy || self.alters_gradients())
            && let Some(probe) = measured.by(&mut self.probe, &mut self.glance)
        {
            probe.measure_weights(self.network.parameters(), &self.gradients);
        }
        let mut validation = None;
        if measured == Measured::Recorded && self.setting.detail.has_steps() {
            let samples = &self.setting.dataset.validation;
            validation = self.evaluator.evaluate_interruptible(&self.network, samples, self.setting.interrupt);
            if self.is_due(step) {
                self.pictured = Some(step);
                self.picture(step, healthy)?;
            }
        }
        if healthy {
            self.update(step, measured);
        }
        drop(flushing);
        self.measure(measured, step, batch, validation)?;
        Ok(batch)
    }

    /// What is to be done with the numbers of a step.
    fn measured(&self, step: u64, healthy: bool) -> Measured {
        if !healthy || self.schedule.includes(step, self.setting.config.train.steps) {
            Measured::Recorded
        } else if self.watch.as_ref().is_some_and(|watch| watch.is_due(step)) {
            Measured::LookedAt
        } else {
            Measured::No
        }
    }

    /// The gradients, and the numbers of each layer where they are wanted.
    fn backward(&mut self, measured: Measured) -> Result<(), Interrupted> {
        let (targets, interrupt) = (Targets::Labels(&self.labels), self.setting.interrupt);
        let (workspace, gradients) = (&mut self.workspace, &mut self.gradients);
        let Some(probe) = measured.by(&mut self.probe, &mut self.glance) else {
            return self.network.backward_interruptible(
                &self.inputs,
                targets,
                workspace,
                gradients,
                &mut (),
                interrupt,
            );
        };
        self.network.backward_interruptible(&self.inputs, targets, workspace, gradients, probe, interrupt)?;
        if !probe.blame().is_faithful() {
            // The gradient did not fit in f32. Follow it again, scaled and exactly.
            let _exact = Subnormals::keep();
            let blame = probe.blame_mut();
            let visit = |index, stage, ln_norm| blame.visit(index, stage, ln_norm);
            self.network.trace_interruptible(&self.inputs, targets, workspace, &mut self.scratch, visit, interrupt)?;
        }
        Ok(())
    }

    /// Whether the optimizer gets other gradients than backward computed.
    fn alters_gradients(&self) -> bool {
        let train = &self.setting.config.train;
        train.clip() != Clip::default() || train.weight_decay.is_some() || !self.setting.intervention.frozen.is_empty()
    }

    /// The optimizer's step, and how far it goes where that is wanted.
    fn update(&mut self, step: u64, measured: Measured) {
        let train = &self.setting.config.train;
        train.clip().apply(&mut self.gradients);
        if let Some(decay) = train.weight_decay.map(|decay| decay as f32) {
            for (gradient, parameter) in self.gradients.iter_mut().zip(self.network.parameters()) {
                *gradient += decay * parameter;
            }
        }
        for layer in self.setting.intervention.frozen.iter().filter_map(|index| self.network.layers().get(*index)) {
            for range in [layer.weights(), layer.bias(), layer.norm()] {
                self.gradients[range].fill(0.0);
            }
        }
        let (gradients, learning_rate) = (&self.gradients, train.learning_rate_at(step));
        match measured.by(&mut self.probe, &mut self.glance) {
            Some(probe) => probe.update(&mut self.network, &mut self.optimizer, gradients, learning_rate),
            None => self.optimizer.update(self.network.parameters_mut(), gradients, learning_rate),
        }
    }

    /// Records a step, and looks at it, if that is due.
    fn measure(
        &mut self,
        measured: Measured,
        step: u64,
        batch: Evaluation,
        validation: Option<Evaluation>,
    ) -> Result<(), Ended> {
        if let Some(watch) = &mut self.watch {
            watch.loss(step, batch.loss);
            if let Some(validation) = validation {
                watch.validation(step, validation);
            }
        }
        let Some(probe) = measured.by(&mut self.probe, &mut self.glance) else { return Ok(()) };
        let updated = batch.loss.is_finite();
        let (layers, blame) = (probe.layers(), probe.blame());
        let validation = validation.map(|validation| (validation.loss, validation.accuracy));
        let record =
            Record { step, numbers: Step { loss: batch.loss, accuracy: batch.accuracy, validation, layers, blame } };
        // Looking and recording may take longer than the user is willing to wait after an interrupt.
        if self.setting.is_interrupted() && measured != Measured::No {
            return Err(Ended::Interrupted);
        }
        if let Some(watch) = self.watch.as_mut().filter(|watch| watch.is_due(step)) {
            for finding in watch.look(self.recorder.columns(), &record, self.setting.interrupt) {
                (self.setting.progress)(Progress::Found { index: self.setting.index, step, finding: &finding });
            }
            self.stopped_by = watch.stops();
        }
        if self.setting.is_interrupted() {
            return Err(Ended::Interrupted);
        }
        if measured == Measured::LookedAt && self.stopped_by.is_none() {
            return Ok(());
        }
        if updated {
            self.means.add(&record);
        }
        let recorded =
            self.recorder.step(&record).and_then(|()| self.recorder.histograms(step, probe.take_histograms()));
        Ok(recorded.map_err(|error| self.failed(error))?)
    }

    /// Whether what is costly to ask is asked: at the first step, the last, and about ten times between.
    fn is_due(&self, step: u64) -> bool {
        let steps = self.setting.config.train.steps;
        step + 1 == steps || self.pictured.is_none_or(|last| step >= last + steps / PICTURES)
    }

    /// Pictures the first layer, and asks what would have reached it if one thing had been otherwise.
    fn picture(&mut self, step: u64, healthy: bool) -> Result<(), Ended> {
        if let Some(shape) = self.setting.dataset.image.filter(|_| self.setting.detail == Detail::All) {
            self.recorder.first_layer(step, &self.network, shape).map_err(|error| self.failed(error))?;
        }
        if healthy && self.network.layers().len() > 1 {
            let mut scene = Scene {
                network: &self.network,
                workspace: &mut self.workspace,
                x: &self.inputs,
                targets: Targets::Labels(&self.labels),
                scratch: &mut self.scratch,
                interrupt: self.setting.interrupt,
            };
            let edge = *self.edge.get_or_init(|| counterfactual::edge_of_chaos(scene.network));
            let answers = counterfactual::relu(&mut scene).and_then(|relu| {
                let weights = edge.map(|edge| counterfactual::critical_weights(&mut scene, edge)).transpose()?;
                Ok(Counterfactuals { relu: Some(relu), critical_weights: weights })
            });
            let answers = answers.map_err(|unanswered| match unanswered {
                Unanswered::Interrupted(_) => Ended::Interrupted,
                Unanswered::Memory(source) => Ended::Failed(RunError::Shape { run: self.setting.run.clone(), source }),
            })?;
            self.recorder.counterfactuals(step, &answers).map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    fn report(&mut self, status: Status, started: Instant) -> RunReport {
        let Setting { run, scenario, config, dataset, folder, .. } = self.setting;
        let last = &self.accuracies[..LAST.min(self.made as usize)];
        let gradient_mean_abs = self.means.gradient_mean_abs();
        let ratio = gradient_mean_abs[gradient_mean_abs.len() - 1] / gradient_mean_abs[0];
        let interrupt = self.setting.interrupt;
        let mut evaluate = |samples| self.evaluator.evaluate_interruptible(&self.network, samples, interrupt);
        let (validation, test) = (evaluate(&dataset.validation), evaluate(&dataset.test));
        // The last update may have been the one that broke the network.
        let broken = [validation, test].iter().flatten().any(|evaluation| !evaluation.loss.is_finite());
        let cut_short = status == Status::Done
            && [(&dataset.validation, validation), (&dataset.test, test)]
                .iter()
                .any(|(samples, evaluation)| !samples.is_empty() && evaluation.is_none());
        let status = match status {
            _ if broken => Status::Diverged,
            _ if cut_short => Status::Interrupted,
            status => status,
        };
        let accuracy = |evaluation: Option<Evaluation>| {
            evaluation.filter(|_| status != Status::Diverged).map(|evaluation| evaluation.accuracy)
        };
        RunReport {
            run: run.clone(),
            scenario: (*scenario).to_owned(),
            seed: config.train.seed,
            status,
            steps: self.made,
            train_accuracy_last_200: (!last.is_empty()).then(|| last.iter().sum::<f64>() / last.len() as f64),
            validation_accuracy: accuracy(validation),
            test_accuracy: accuracy(test),
            delta_rms: self.means.delta_rms(),
            gains: self.gains(),
            zero_inputs: self.means.zero_inputs(),
            gradient_mean_abs,
            attenuation: (!ratio.is_nan()).then_some(ratio),
            diverged: status == Status::Diverged,
            stopped_by: self.stopped_by,
            logdir: folder.to_path_buf(),
            seconds: started.elapsed().as_secs_f64(),
        }
    }

    /// The means of the gains of the parts that the network has.
    fn gains(&self) -> BTreeMap<String, f64> {
        let shapes: Vec<_> = self.network.layers().iter().map(Layer::shape).collect();
        let has = |stage| match stage {
            Stage::Weights | Stage::Activation => true,
            Stage::Norm => shapes.iter().any(|shape| shape.norm.is_some()),
            Stage::Skip => shapes.iter().any(|shape| shape.skip.is_some()),
            Stage::Dropout => shapes.iter().any(|shape| shape.dropout > 0.0),
        };
        self.means.gains().filter(|(stage, _)| has(*stage)).map(|(stage, mean)| (stage.to_string(), mean)).collect()
    }

    fn finish(mut self, report: &RunReport, cache: &mut ThreadCache) -> Result<(), RunError> {
        let shown = self.setting.detail == Detail::All && !report.diverged;
        if let Some(shape) = self.setting.dataset.image.filter(|_| shown) {
            let test = &self.setting.dataset.test;
            let (samples, answers) = self.evaluator.mistakes(&self.network, test, self.setting.interrupt);
            if !answers.is_empty() {
                let step = report.steps.saturating_sub(1);
                self.recorder.misclassified(step, &samples, &answers, shape).map_err(|error| self.failed(error))?;
            }
        }
        let Self { setting, made: steps, network, workspace, evaluator, probe, glance, recorder, watch, .. } = self;
        let ended = recorder.end(report);
        if report.status == Status::Interrupted && memory::is_large(setting.config, setting.dataset.classes) {
            // The user should not have to wait until millions of allocations are freed one by one.
            memory::drop_later((network, workspace, evaluator, probe, glance, watch));
        } else {
            cache.evaluator = Some(evaluator);
        }
        ended.map_err(|source| RunError::Record { run: setting.run.clone(), steps, source })
    }

    fn failed(&self, source: headwater_events::WriteError) -> RunError {
        RunError::Record { run: self.setting.run.clone(), steps: self.made, source }
    }
}

/// Draws the parameters. The same seed gives every scenario the same batches, and the same weights where the shapes agree.
fn draw(network: &mut Network, setting: &Setting<'_>) -> Result<(), Ended> {
    let Config { network: shape, train, .. } = setting.config;
    let too_large = |source: ShapeError| RunError::Shape { run: setting.run.clone(), source };
    // As in the steps that follow: a weight that counts as 0 is 0.
    let _flushing = Subnormals::flush();
    network.initialise_interruptible(shape.init, shape.bias_init, train.seed, setting.interrupt).map_err(|error| {
        match error {
            InitialiseError::Interrupted(_) => Ended::Interrupted,
            InitialiseError::Memory(source) => too_large(source).into(),
        }
    })?;
    if shape.init == Initialiser::Lsuv {
        let samples = &setting.dataset.train;
        let count = LSUV_BATCH.min(samples.len());
        let mut inputs = try_filled(0.0, count.saturating_mul(samples.width()), "the batch").map_err(too_large)?;
        samples.range(0, &mut inputs, &mut vec![0; count]);
        let mut workspace = Workspace::new(network, count).map_err(too_large)?;
        network.scale_to_unit_variance(&inputs, &mut workspace, setting.interrupt)?;
    }
    Ok(())
}
