//! One run: trains one configuration and records it.

use std::collections::BTreeMap;
use std::time::Instant;

use headwater_events::{WriteError, Writer};
use headwater_nn::{Clip, Interrupted, Subnormals};
use headwater_probe::counterfactual::{self, Unanswered};
use headwater_probe::measures::{Counterfactuals, Start, Step};

use super::Setting;
use super::instruments::{Instruments, Measured};
use super::setting::Ended;
use super::stepper::Stepper;
use crate::chance::chance_loss;
use crate::detail::Detail;
use crate::evaluator::Evaluation;
use crate::measures::Record;
use crate::memory;
use crate::recorder::Recorder;
use crate::thread_cache::ThreadCache;
use crate::watch::Watch;
use crate::{Forecast, Manifest, Phase, Progress, RunError, RunReport, Status};

/// Steps between two reports of progress.
const PROGRESS_EVERY: u64 = 25;

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
    let mut run = Run::new(setting, cache)?;
    save(manifest, setting)?;
    run.begin()?;

    let started = Instant::now();
    let steps = setting.config.train.steps;
    let mut status = Status::Done;
    for step in 0..steps {
        if setting.is_interrupted() {
            status = Status::Interrupted;
            break;
        }
        let batch = match run.step(step) {
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
        if run.stopped_by.is_some() {
            status = Status::Stopped;
            break;
        }
    }
    setting.enter(Phase::Evaluating);
    let report = run.report(status, started);
    run.finish(&report, cache)?;
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

/// The state of a run between its steps.
struct Run<'a> {
    setting: &'a Setting<'a>,
    stepper: Stepper,
    instruments: Instruments,
    recorder: Recorder,
    watch: Option<Watch>,
    /// The rule whose finding stopped the run.
    stopped_by: Option<&'static str>,
    /// Steps that were made.
    made: u64,
}

impl<'a> Run<'a> {
    fn new(setting: &'a Setting<'a>, cache: &mut ThreadCache) -> Result<Self, Ended> {
        let (config, dataset) = (setting.config, setting.dataset);
        let too_large = |source| setting.too_large(source);
        setting.enter(Phase::Building);
        let wanted = config.train.steps.saturating_mul(config.train.batch_size as u64);
        let batches = cache.batches(dataset.train.len(), config.train.seed, wanted);
        let mut stepper = Stepper::new(config, dataset, setting.intervention.output, batches).map_err(too_large)?;
        let (is_watched, has_steps) = (setting.watching.is_some(), setting.detail.has_steps());
        let known = cache.evaluator.take();
        let instruments =
            Instruments::new(config, &stepper.network, known, is_watched, has_steps).map_err(too_large)?;

        setting.enter(Phase::Initialising);
        stepper.draw(config, dataset, setting.interrupt).map_err(|error| setting.not_drawn(error))?;
        if let Some(before) = setting.intervention.before {
            before(&mut stepper.network);
        }
        let create = if has_steps { Writer::create } else { Writer::create_unfollowed };
        let writer =
            create(setting.folder).map_err(|source| RunError::Record { run: setting.run.clone(), steps: 0, source })?;
        Ok(Self {
            stepper,
            instruments,
            recorder: Recorder::new(writer, setting.detail),
            watch: setting.watching.map(|watching| Watch::new(watching, &setting.run, config)),
            stopped_by: None,
            made: 0,
            setting,
        })
    }

    /// Records what is known before the first step.
    fn begin(&mut self) -> Result<(), Ended> {
        let setting = self.setting;
        setting.enter(Phase::Recording);
        let begun = self.recorder.begin(setting.config, setting.dataset, &self.stepper.network, setting.interrupt);
        begun.map_err(|error| self.failed(error))?;
        if setting.detail.has_steps() {
            setting.enter(Phase::Theory);
            let theory = Forecast::layers(setting.config, setting.dataset, setting.interrupt);
            let (dataset, loss) = (setting.dataset, setting.config.network.loss);
            let start = Start { chance_loss: chance_loss(dataset.train.labels(), dataset.classes, loss) };
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
        let setting = self.setting;
        // In effect up to the update, whether or not the step is recorded: recording must not change the training.
        let flushing = Subnormals::flush();
        let batch = self.stepper.forward(setting.dataset, setting.interrupt)?;
        let batch = Evaluation { loss: batch.loss, accuracy: batch.correct as f64 / self.stepper.batch_size() as f64 };
        let healthy = batch.loss.is_finite();
        let measured = self.measured(step, healthy);
        self.backward(measured)?;
        self.instruments.accuracy(step, batch.accuracy);
        self.made = step + 1;
        // What is told of the gradients is told of them as they are, before anything is done to them.
        if (!healthy || self.alters_gradients())
            && let Some(probe) = self.instruments.probe(measured)
        {
            probe.measure_weights(self.stepper.network.parameters(), &self.stepper.gradients);
        }
        let mut validation = None;
        if measured == Measured::Recorded && setting.detail.has_steps() {
            let samples = &setting.dataset.validation;
            let evaluator = &mut self.instruments.evaluator;
            validation = evaluator.evaluate_interruptible(&self.stepper.network, samples, setting.interrupt);
            if self.instruments.is_pictured(step) {
                self.picture(step, healthy)?;
            }
        }
        if healthy {
            let train = &setting.config.train;
            self.stepper.condition(train, setting.intervention.frozen);
            self.stepper.update(train.learning_rate_at(step), self.instruments.probe(measured));
        }
        drop(flushing);
        self.measure(measured, step, batch, validation)?;
        Ok(batch)
    }

    /// What is to be done with the numbers of a step.
    fn measured(&self, step: u64, healthy: bool) -> Measured {
        if !healthy || self.instruments.is_recorded(step) {
            Measured::Recorded
        } else if self.watch.as_ref().is_some_and(|watch| watch.is_due(step)) {
            Measured::LookedAt
        } else {
            Measured::No
        }
    }

    /// The gradients, and the numbers of each layer where they are wanted.
    fn backward(&mut self, measured: Measured) -> Result<(), Interrupted> {
        let interrupt = self.setting.interrupt;
        let Some(probe) = self.instruments.probe(measured) else {
            return self.stepper.backward(&mut (), interrupt);
        };
        self.stepper.backward(probe, interrupt)?;
        if !probe.blame().is_faithful() {
            self.instruments.retrace(measured, &mut self.stepper, interrupt)?;
        }
        Ok(())
    }

    /// Whether the optimizer gets other gradients than backward computed.
    fn alters_gradients(&self) -> bool {
        let train = &self.setting.config.train;
        train.clip() != Clip::default() || train.weight_decay.is_some() || !self.setting.intervention.frozen.is_empty()
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
        let Some((probe, means)) = self.instruments.probe_and_means(measured) else { return Ok(()) };
        let updated = batch.loss.is_finite();
        let (layers, blame) = (probe.layers(), probe.blame());
        let validation = validation.map(|validation| (validation.loss, validation.accuracy));
        let record =
            Record { step, numbers: Step { loss: batch.loss, accuracy: batch.accuracy, validation, layers, blame } };
        // Looking and recording may take longer than the user is willing to wait after an interrupt.
        if self.setting.is_interrupted() {
            return Err(Ended::Interrupted);
        }
        if let Some(watch) = self.watch.as_mut().filter(|watch| watch.is_due(step)) {
            for finding in watch.look(self.recorder.columns(), &record, self.setting.interrupt) {
                (self.setting.progress)(Progress::Found { index: self.setting.index, step, finding: &finding });
                self.recorder.finding(&record, &finding).map_err(|source| failed(self.setting, self.made, source))?;
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
            means.add(&record);
        }
        let recorded =
            self.recorder.step(&record).and_then(|()| self.recorder.histograms(step, probe.take_histograms()));
        Ok(recorded.map_err(|error| self.failed(error))?)
    }

    /// Pictures the first layer, and asks what would have reached it if one thing had been otherwise.
    fn picture(&mut self, step: u64, healthy: bool) -> Result<(), Ended> {
        let setting = self.setting;
        if let Some(shape) = setting.dataset.image.filter(|_| setting.detail == Detail::All) {
            self.recorder.first_layer(step, &self.stepper.network, shape).map_err(|error| self.failed(error))?;
        }
        if healthy && self.stepper.network.layers().len() > 1 {
            let Instruments { scratch, edge, .. } = &mut self.instruments;
            let mut scene = self.stepper.scene(scratch, setting.interrupt);
            let edge = *edge.get_or_init(|| counterfactual::edge_of_chaos(scene.network));
            let answers = counterfactual::relu(&mut scene).and_then(|relu| {
                let weights = edge.map(|edge| counterfactual::critical_weights(&mut scene, edge)).transpose()?;
                Ok(Counterfactuals { relu: Some(relu), critical_weights: weights })
            });
            let answers = answers.map_err(|unanswered| match unanswered {
                Unanswered::Interrupted(_) => Ended::Interrupted,
                Unanswered::Memory(source) => Ended::Failed(setting.too_large(source)),
            })?;
            self.recorder.counterfactuals(step, &answers).map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    fn report(&mut self, status: Status, started: Instant) -> RunReport {
        let Setting { run, scenario, config, dataset, folder, .. } = self.setting;
        let Instruments { means, evaluator, .. } = &mut self.instruments;
        let gradient_mean_abs = means.gradient_mean_abs();
        let ratio = gradient_mean_abs[gradient_mean_abs.len() - 1] / gradient_mean_abs[0];
        let (network, interrupt) = (&self.stepper.network, self.setting.interrupt);
        let mut evaluate = |samples| evaluator.evaluate_interruptible(network, samples, interrupt);
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
            train_accuracy_last_200: self.instruments.last_accuracy(self.made),
            validation_accuracy: accuracy(validation),
            test_accuracy: accuracy(test),
            delta_rms: self.instruments.means.delta_rms(),
            gains: self.instruments.gains(network),
            zero_inputs: self.instruments.means.zero_inputs(),
            gradient_mean_abs,
            attenuation: (!ratio.is_nan()).then_some(ratio),
            diverged: status == Status::Diverged,
            stopped_by: self.stopped_by,
            logdir: folder.to_path_buf(),
            seconds: started.elapsed().as_secs_f64(),
        }
    }

    fn finish(mut self, report: &RunReport, cache: &mut ThreadCache) -> Result<(), RunError> {
        let setting = self.setting;
        let shown = setting.detail == Detail::All && !report.diverged;
        if let Some(shape) = setting.dataset.image.filter(|_| shown) {
            let (network, test) = (&self.stepper.network, &setting.dataset.test);
            let (samples, answers) = self.instruments.evaluator.mistakes(network, test, setting.interrupt);
            if !answers.is_empty() {
                let step = report.steps.saturating_sub(1);
                self.recorder.misclassified(step, &samples, &answers, shape).map_err(|error| self.failed(error))?;
            }
        }
        let Self { made: steps, stepper, instruments, recorder, watch, .. } = self;
        let ended = recorder.end(report);
        if report.status == Status::Interrupted && memory::is_large(setting.config, setting.dataset.classes) {
            // The user should not have to wait until millions of allocations are freed one by one.
            memory::drop_later((stepper, instruments, watch));
        } else {
            cache.evaluator = Some(instruments.evaluator);
        }
        ended.map_err(|source| RunError::Record { run: setting.run.clone(), steps, source })
    }

    fn failed(&self, source: WriteError) -> RunError {
        failed(self.setting, self.made, source)
    }
}

/// The error of a run that cannot be recorded after so many steps.
fn failed(setting: &Setting<'_>, steps: u64, source: WriteError) -> RunError {
    RunError::Record { run: setting.run.clone(), steps, source }
}
