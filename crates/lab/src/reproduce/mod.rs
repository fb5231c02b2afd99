//! Published claims, measured here, beside the published numbers.
//!
//! Each claim is one file: what was published and where, and the measurement. A disagreement is reported as one;
//! nothing is tuned until it agrees. Seeds count from 0, so every number is the same in every run on the same
//! instruction set.

mod article;
mod born_dead;
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
mod parallel;
mod selu;
mod shattering;
mod svd;
mod training;

pub use finding::{Finding, Interval, Measured, Rule, Verdict};

use headwater_data::DataError;
use headwater_nn::ShapeError;
use thiserror::Error;

use crate::keys::{self, hint};

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
    run: fn() -> Result<Vec<Finding>, ReproduceError>,
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

    /// Measures it, on all cores.
    ///
    /// # Errors
    /// [`ReproduceError`] when the data or the memory is missing.
    pub fn measure(&self) -> Result<Vec<Finding>, ReproduceError> {
        (self.run)()
    }
}

#[cfg(test)]
mod tests {
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
}
