//! One step of an optimizer: the rules in single precision, line by line, with or without somebody who looks at the lines.

use std::ops::Range;

use super::{Optimizer, OptimizerState};
use crate::kernels::{BLOCK, EVEN, Kernel, LANES, Moves, ODD, Register, Surveyor};
use crate::{Real, Survey};

/// What one step tells of a range of the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateSurvey {
    /// Which parameters.
    pub range: Range<usize>,
    /// They, before the update: what [`Survey::of`] says of them.
    pub parameters: Survey,
    /// What the update was given as their gradients.
    pub gradients: Survey,
    /// The sum of (after - before)^2.
    pub moved: f64,
}

impl UpdateSurvey {
    /// Nothing yet of a range.
    pub fn new(range: Range<usize>) -> Self {
        Self { range, parameters: Survey::of(&[]), gradients: Survey::of(&[]), moved: f64::NAN }
    }
}

/// One step of an optimizer.
pub(super) struct Update<'a> {
    pub(super) state: &'a mut OptimizerState,
    pub(super) parameters: &'a mut [Real],
    pub(super) gradients: &'a [Real],
    pub(super) learning_rate: f64,
    pub(super) surveys: &'a mut [UpdateSurvey],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(self) {
        let (lr, steps) = (self.learning_rate, self.state.steps);
        let down = -lr as Real;
        match self.state.optimizer {
            Optimizer::Sgd => self.by::<R, _, 0>(&Sgd { down }),
            Optimizer::Momentum { momentum } => self.by::<R, _, 1>(&Momentum { down, momentum: momentum as Real }),
            Optimizer::Nesterov { momentum } => self.by::<R, _, 1>(&Nesterov { down, momentum: momentum as Real }),
            Optimizer::RmsProp { decay, epsilon } => self.by::<R, _, 1>(&RmsProp::new(down, decay, epsilon)),
            Optimizer::Adam { beta1, beta2, epsilon } => {
                self.by::<R, _, 2>(&Adam::new(1.0, lr, steps, [beta1, beta2, epsilon]));
            }
            Optimizer::AdamW { beta1, beta2, epsilon, weight_decay } => {
                self.by::<R, _, 2>(&Adam::new(1.0 - lr * weight_decay, lr, steps, [beta1, beta2, epsilon]));
            }
        }
    }
}

impl Update<'_> {
    #[inline(always)]
    fn by<R: Register, T: Rule<MEANS>, const MEANS: usize>(mut self, rule: &T) {
        let (mut before, mut after) = (BlockCopy::NOTHING, BlockCopy::NOTHING);
        let mut done = 0;
        for survey in std::mem::take(&mut self.surveys) {
            let (between, range) = (done..survey.range.start, survey.range.clone());
            done = range.end;
            self.numbers(between).each::<R, _, _>(rule, &mut ());
            let mut surveying = Surveying::<R>::new(&mut before, &mut after);
            self.numbers(range.clone()).each(rule, &mut surveying);
            survey.parameters = surveying.parameters.survey(range.len());
            survey.gradients = surveying.gradients.survey(range.len());
            survey.moved = surveying.moves.squares();
        }
        self.numbers(done..self.parameters.len()).each::<R, _, _>(rule, &mut ());
    }

    /// All that there is of a range.
    #[inline(always)]
    fn numbers<const MEANS: usize>(&mut self, range: Range<usize>) -> Numbers<'_, MEANS> {
        let mut means = self.state.means.iter_mut();
        let means =
            [(); MEANS].map(|()| means.next().and_then(|means| means.get_mut(range.clone())).unwrap_or_default());
        Numbers {
            gradients: &self.gradients[range.clone()],
            p: self.parameters[range.clone()].as_chunks_mut(),
            g: self.gradients[range].as_chunks(),
            means: means.map(<[Real]>::as_chunks_mut),
        }
    }
}

/// Sees an update line by line, in blocks of [`BLOCK`] numbers.
trait Witness<R> {
    /// The gradients of a line, and its parameters before and after. It is [`EVEN`] or [`ODD`], and begins at so many numbers of
    /// its block.
    fn line<const PARITY: usize>(&mut self, at: usize, line: [R; 3]);

    /// The same of the last numbers, fewer than a line.
    fn tail(&mut self, at: usize, tail: [&[Real]; 3]);

    /// The block is over, whose gradients were these.
    fn end_block(&mut self, gradients: &[Real]);
}

/// Nobody looks.
impl<R> Witness<R> for () {
    #[inline(always)]
    fn line<const PARITY: usize>(&mut self, _: usize, _: [R; 3]) {}

    #[inline(always)]
    fn tail(&mut self, _: usize, _: [&[Real]; 3]) {}

    #[inline(always)]
    fn end_block(&mut self, _: &[Real]) {}
}

/// Surveys everything: the update has in its registers what would have to be read again.
struct Surveying<'a, R> {
    parameters: Surveyor<R>,
    gradients: Surveyor<R>,
    moves: Moves<R>,
    /// The parameters of the block before the update and after it, for sums that have to be taken once more. They are
    /// elsewhere, so that the rest can stay in registers.
    before: &'a mut BlockCopy,
    after: &'a mut BlockCopy,
}

/// The numbers of a block, in whole lines of the cache.
#[repr(align(64))]
struct BlockCopy([Real; BLOCK]);

impl BlockCopy {
    const NOTHING: Self = Self([0.0; BLOCK]);
}

impl<'a, R: Register> Surveying<'a, R> {
    #[inline(always)]
    fn new(before: &'a mut BlockCopy, after: &'a mut BlockCopy) -> Self {
        Self { parameters: Surveyor::new(), gradients: Surveyor::new(), moves: Moves::new(), before, after }
    }
}

impl<R: Register> Witness<R> for Surveying<'_, R> {
    #[inline(always)]
    fn line<const PARITY: usize>(&mut self, at: usize, [gradients, before, after]: [R; 3]) {
        self.gradients.line::<PARITY>(gradients);
        self.parameters.line::<PARITY>(before);
        self.moves.line::<PARITY>(before, after);
        before.store(self.before.0[at..].first_chunk_mut().expect("a block is of whole lines"));
        after.store(self.after.0[at..].first_chunk_mut().expect("a block is of whole lines"));
    }

    #[inline(always)]
    fn tail(&mut self, at: usize, [gradients, before, after]: [&[Real]; 3]) {
        self.gradients.tail(gradients);
        self.parameters.tail(before);
        self.moves.tail(before, after);
        self.before.0[at..at + before.len()].copy_from_slice(before);
        self.after.0[at..at + after.len()].copy_from_slice(after);
    }

    #[inline(always)]
    fn end_block(&mut self, gradients: &[Real]) {
        let (before, after) = (&mut self.before.0[..gradients.len()], &self.after.0[..gradients.len()]);
        self.gradients.end_block(gradients);
        self.parameters.end_block(before);
        self.moves.end_block(before, after);
    }
}

/// Lines of the cache between the one that is worked on and the ones that are asked for. Adam goes through four arrays at a time,
/// and the processor does not look beyond the end of a page.
const AHEAD: usize = 16;

/// Parameters, their gradients and their running means: whole lines, and what is left at the end.
struct Numbers<'a, const MEANS: usize> {
    gradients: &'a [Real],
    p: (&'a mut [[Real; LANES]], &'a mut [Real]),
    g: (&'a [[Real; LANES]], &'a [Real]),
    means: [(&'a mut [[Real; LANES]], &'a mut [Real]); MEANS],
}

impl<const MEANS: usize> Numbers<'_, MEANS> {
    /// Updates them in place, line by line. No closures: they would be compiled for the baseline.
    #[inline(always)]
    fn each<R: Register, T: Rule<MEANS>, W: Witness<R>>(mut self, rule: &T, witness: &mut W) {
        let lines = self.g.0.len();
        for first in (0..lines).step_by(2) {
            let at = first * LANES % BLOCK;
            witness.line::<EVEN>(at, self.line(first, rule));
            if first + 1 < lines {
                witness.line::<ODD>(at + LANES, self.line(first + 1, rule));
            }
            let end = (first + 2) * LANES;
            if end.is_multiple_of(BLOCK) && first + 1 < lines {
                witness.end_block(&self.gradients[end - BLOCK..end]);
            }
        }
        self.tail(lines * LANES % BLOCK, rule, witness);
        let rest = self.gradients.len() % BLOCK;
        if rest > 0 {
            witness.end_block(&self.gradients[self.gradients.len() - rest..]);
        }
    }

    /// Updates a line; gives its gradients, and its parameters before and after.
    #[inline(always)]
    fn line<R: Register>(&mut self, line: usize, rule: &impl Rule<MEANS>) -> [R; 3] {
        if line + AHEAD < self.g.0.len() {
            R::prefetch(&self.p.0[line + AHEAD]);
            R::prefetch(&self.g.0[line + AHEAD]);
            for (means, _) in &self.means {
                R::prefetch(&means[line + AHEAD]);
            }
        }
        let (gradients, before) = (R::load(&self.g.0[line]), R::load(&self.p.0[line]));
        let mut means = [R::splat(0.0); MEANS];
        for (mean, (means, _)) in means.iter_mut().zip(&self.means) {
            *mean = R::load(&means[line]);
        }
        let (after, means) = rule.step(before, gradients, means);
        after.store(&mut self.p.0[line]);
        for ((place, _), mean) in self.means.iter_mut().zip(means) {
            mean.store(&mut place[line]);
        }
        [gradients, before, after]
    }

    /// Updates what is left.
    #[inline(always)]
    fn tail<R: Register>(&mut self, at: usize, rule: &impl Rule<MEANS>, witness: &mut impl Witness<R>) {
        let ((_, last), (_, gradients)) = (&mut self.p, self.g);
        let count = gradients.len();
        if count == 0 {
            return;
        }
        let nothing = R::splat(0.0);
        let before = R::load_tail(last, nothing);
        let mut means = [nothing; MEANS];
        for (mean, (_, last)) in means.iter_mut().zip(&self.means) {
            *mean = R::load_tail(last, nothing);
        }
        let (after, means) = rule.step(before, R::load_tail(gradients, nothing), means);
        last.copy_from_slice(&after.line().0[..count]);
        for ((_, last), mean) in self.means.iter_mut().zip(means) {
            last.copy_from_slice(&mean.line().0[..count]);
        }
        witness.tail(at, [gradients, &before.line().0[..count], last]);
    }
}

/// An update rule at one step, and how many running means of each parameter it has. `down` is minus the learning rate.
trait Rule<const MEANS: usize> {
    /// From parameters, their gradients and their means to the parameters and the means after the step.
    fn step<R: Register>(&self, p: R, g: R, means: [R; MEANS]) -> (R, [R; MEANS]);
}

struct Sgd {
    down: Real,
}

impl Rule<0> for Sgd {
    #[inline(always)]
    fn step<R: Register>(&self, p: R, g: R, []: [R; 0]) -> (R, [R; 0]) {
        (p.add_product(R::splat(self.down), g), [])
    }
}

struct Momentum {
    down: Real,
    momentum: Real,
}

impl Rule<1> for Momentum {
    #[inline(always)]
    fn step<R: Register>(&self, p: R, g: R, [v]: [R; 1]) -> (R, [R; 1]) {
        let v = g.add_product(R::splat(self.momentum), v);
        (p.add_product(R::splat(self.down), v), [v])
    }
}

struct Nesterov {
    down: Real,
    momentum: Real,
}

impl Rule<1> for Nesterov {
    #[inline(always)]
    fn step<R: Register>(&self, p: R, g: R, [v]: [R; 1]) -> (R, [R; 1]) {
        let momentum = R::splat(self.momentum);
        let v = g.add_product(momentum, v);
        (p.add_product(R::splat(self.down), g.add_product(momentum, v)), [v])
    }
}

struct RmsProp {
    down: Real,
    keep: Real,
    take: Real,
    epsilon: Real,
}

impl RmsProp {
    fn new(down: Real, decay: f64, epsilon: f64) -> Self {
        Self { down, keep: decay as Real, take: (1.0 - decay) as Real, epsilon: epsilon as Real }
    }
}

impl Rule<1> for RmsProp {
    #[inline(always)]
    fn step<R: Register>(&self, p: R, g: R, [s]: [R; 1]) -> (R, [R; 1]) {
        let s = R::splat(self.keep).mul(s).add_product(R::splat(self.take).mul(g), g);
        let root = R::splat(self.epsilon).add_product(R::splat(1.0), s.sqrt());
        (p.add_product(R::splat(self.down), g.div(root)), [s])
    }
}

/// The corrections of both biases are drawn out of the loop.
struct Adam {
    /// What the parameters are multiplied by before the step.
    kept: Real,
    /// - lr / (1 - beta1^t)
    down: Real,
    /// 1 / sqrt(1 - beta2^t)
    root: Real,
    keep: [Real; 2],
    take: [Real; 2],
    epsilon: Real,
}

impl Adam {
    fn new(kept: f64, learning_rate: f64, steps: i32, [beta1, beta2, epsilon]: [f64; 3]) -> Self {
        Self {
            kept: kept as Real,
            down: -(learning_rate / (1.0 - beta1.powi(steps))) as Real,
            root: (1.0 / (1.0 - beta2.powi(steps)).sqrt()) as Real,
            keep: [beta1, beta2].map(|beta| beta as Real),
            take: [beta1, beta2].map(|beta| (1.0 - beta) as Real),
            epsilon: epsilon as Real,
        }
    }
}

impl Rule<2> for Adam {
    #[inline(always)]
    fn step<R: Register>(&self, p: R, g: R, [m, s]: [R; 2]) -> (R, [R; 2]) {
        let m = R::splat(self.keep[0]).mul(m).add_product(R::splat(self.take[0]), g);
        let s = R::splat(self.keep[1]).mul(s).add_product(R::splat(self.take[1]).mul(g), g);
        let root = R::splat(self.epsilon).add_product(R::splat(self.root), s.sqrt());
        (R::splat(self.kept).mul(p).add_product(R::splat(self.down), m.div(root)), [m, s])
    }
}
