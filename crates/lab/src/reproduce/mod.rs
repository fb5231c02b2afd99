//! Published claims, measured here, beside the published numbers.
//!
//! Each claim is one file: what was published and where, and the measurement. A disagreement is reported as one;
//! nothing is tuned until it agrees. Seeds count from 0, so every number is the same in every run on the same
//! instruction set.

mod article;
mod born_dead;
mod context;
mod degradation;
mod drawn;
mod edge_of_chaos;
mod finding;
mod finite_width;
mod glorot;
mod he;
mod isometry;
mod mean_field;
mod norm_explosion;
mod selu;
mod shattering;
mod svd;
mod training;

pub use finding::{Finding, Interval, Measured, Rule, Verdict};

use std::num::NonZero;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use headwater_data::DataError;
use headwater_nn::{InitialiseError, Interrupted, ShapeError};
use thiserror::Error;

use self::context::Context;
use crate::keys::{self, hint};

/// The machine on which [`Claim::core_seconds`] was measured.
pub const MEASURED_ON: &str = "an AMD EPYC of 2021 (Zen 3, AVX2)";

/// What somebody published, and how it is measured here.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Its name on the command line.
    pub id: &'static str,
    /// What is claimed.
    pub title: &'static str,
    /// Authors, year, title.
    pub source: &'static str,
    /// What is done here, with how many seeds, and where that differs from the publication.
    pub method: &'static str,
    /// Why some of its numbers disagree or only touch, if they do.
    pub why: Option<&'static str>,
    /// How many networks are drawn or trained for it.
    pub runs: u64,
    /// Processor seconds that this takes on [`MEASURED_ON`]. For the longest claims, only a part of the runs was timed.
    pub core_seconds: u32,
    run: fn(&Context<'_>) -> Result<(), ReproduceError>,
}

/// The result of measuring a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The findings, in the order in which they were made.
    pub findings: Vec<Finding>,
    /// Whether all findings were made. False if the measurement was interrupted.
    pub is_complete: bool,
    /// Number of finished runs.
    pub runs: u64,
}

/// Why a claim could not be measured.
#[derive(Debug, Error)]
pub enum ReproduceError {
    /// The data cannot be had.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A network cannot be built: there is not the memory.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The measurement was interrupted. [`Claim::measure`] does not return this: it returns what is known so far.
    #[error("interrupted")]
    Interrupted,
}

impl From<Interrupted> for ReproduceError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<InitialiseError> for ReproduceError {
    fn from(error: InitialiseError) -> Self {
        match error {
            InitialiseError::Interrupted(interrupted) => interrupted.into(),
            InitialiseError::Memory(source) => source.into(),
        }
    }
}

/// There is no claim of this name.
#[derive(Debug, Error)]
#[error("there is no claim {name:?}{}; `headwater reproduce` lists the claims", hint(*nearest))]
pub struct UnknownClaim {
    /// What was asked for.
    pub name: String,
    /// The claim that is spelled most alike.
    pub nearest: Option<&'static str>,
}

/// All claims, in the order in which they are told.
pub static CLAIMS: [Claim; 12] = [
    article::CLAIM,
    mean_field::CLAIM,
    edge_of_chaos::CLAIM,
    glorot::CLAIM,
    he::CLAIM,
    finite_width::CLAIM,
    norm_explosion::CLAIM,
    selu::CLAIM,
    born_dead::CLAIM,
    isometry::CLAIM,
    degradation::CLAIM,
    shattering::CLAIM,
];

impl Claim {
    /// The claims that a name means: one, or all.
    ///
    /// # Errors
    /// [`UnknownClaim`].
    pub fn named(name: &str) -> Result<&'static [Self], UnknownClaim> {
        if name == "all" {
            return Ok(&CLAIMS);
        }
        let found = CLAIMS.iter().position(|claim| claim.id == name);
        found.map(|index| &CLAIMS[index..=index]).ok_or_else(|| UnknownClaim {
            name: name.to_owned(),
            nearest: keys::nearest(name, CLAIMS.iter().map(|claim| claim.id)),
        })
    }

    /// About how long [`Self::measure`] takes on this machine, if each core is as fast as one of [`MEASURED_ON`].
    pub fn expected(&self) -> Duration {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Duration::from_secs(self.core_seconds.into()) / cores as u32
    }

    /// Measures the claim on all cores. `progress` receives the number of finished runs, out of [`Self::runs`]. Raising
    /// `interrupt` ends the measurement and returns what is known by then.
    ///
    /// # Errors
    /// [`ReproduceError`] when the data or the memory is missing.
    pub fn measure(
        &self,
        interrupt: &AtomicBool,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Measurement, ReproduceError> {
        let context = Context::new(interrupt, progress);
        let is_complete = match (self.run)(&context) {
            Ok(()) => true,
            Err(ReproduceError::Interrupted) => false,
            Err(error) => return Err(error),
        };
        let (findings, runs) = context.end();
        debug_assert!(!is_complete || runs == self.runs, "{} announces {} runs and has {runs}", self.id, self.runs);
        Ok(Measurement { findings, is_complete, runs })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn every_claim_has_a_name_of_its_own() {
        let mut ids = CLAIMS.map(|claim| claim.id);
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
        assert!(!ids.contains(&"all"));
        assert_eq!(Claim::named("all").unwrap().len(), CLAIMS.len());
        assert_eq!(Claim::named("selu").unwrap()[0].id, "selu");
        assert!(Claim::named("sellu").unwrap_err().to_string().contains("did you mean \"selu\"?"));
    }

    fn claim(id: &str) -> &'static Claim {
        &Claim::named(id).unwrap()[0]
    }

    #[test]
    fn an_interrupted_measurement_returns_what_is_known_so_far() {
        let interrupt = AtomicBool::new(false);
        // The first 300 runs are those of the sigmoid network.
        let stop = |done| interrupt.store(done > 300, Ordering::Relaxed);
        let known = claim("mean-field").measure(&interrupt, &stop).unwrap();
        assert_eq!((known.is_complete, known.findings.len()), (false, 2));
        assert!((301..600).contains(&known.runs), "{}", known.runs);
        assert!(known.findings.iter().all(|finding| finding.quantity.starts_with("sigmoid")), "{known:?}");
    }

    #[test]
    fn every_claim_ends_at_once_when_it_is_interrupted() {
        for claim in &CLAIMS {
            let nothing = claim.measure(&AtomicBool::new(true), &|_| ()).unwrap();
            assert_eq!((nothing.is_complete, nothing.runs), (false, 0), "{}", claim.id);
        }
    }

    #[test]
    fn progress_hears_of_every_run_that_was_announced() {
        let heard = AtomicU64::new(0);
        let progress = |done| {
            heard.fetch_max(done, Ordering::Relaxed);
        };
        let claim = claim("norm-explosion");
        let measured = claim.measure(&AtomicBool::new(false), &progress).unwrap();
        assert!(measured.is_complete);
        assert_eq!((measured.runs, heard.into_inner()), (claim.runs, claim.runs));
    }
}
