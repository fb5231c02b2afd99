//! Skip connections: what a block of layers computes is added to what it was given.
//!
//! A block begins after a layer, the skip's source, and ends with the layer that has the [`Skip`]. With y = x W + b
//! of that layer, norm its normalisation (if any), and alpha the branch's factor:
//!
//! ```text
//! post-activation     z = a_source + alpha norm(y)                            a = f(z)     He and others, 2015
//! pre-activation      s = s_source + alpha y            z = norm(s)           a = f(z)     He and others, 2016
//! ```
//!
//! In the first form activations are added and f comes after the sum; in the second the stream s of sums is never cut by
//! an f, and each product of the branch comes after its own norm and f. alpha is 1, or 1 / sqrt(number of blocks), or
//! a parameter that begins at 0 (`ReZero`; Bachlechner and others, 2020).

use std::fmt;
use std::str::FromStr;

use strum::{EnumIter, EnumMessage};

use crate::call::{Call, CallError};

/// Where the sum stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage)]
pub enum Place {
    /// On activations, with f after the sum.
    PostActivation,
    /// On the products, with normalisation and f inside the branch.
    PreActivation,
}

/// The factor of the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage)]
pub enum BranchScale {
    /// 1.
    One,
    /// 1 / sqrt(number of blocks in the network), so that the variance of the sum does not grow with depth.
    InverseSqrtDepth,
    /// A parameter of the block that begins at 0.
    ReZero,
}

/// A skip connection that ends at the layer that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skip {
    /// Index of the layer after which the block begins; it has as many units.
    pub source: usize,
    /// Where the sum stands. The same in a whole network.
    pub place: Place,
    /// The factor of the branch.
    pub scale: BranchScale,
}

/// How the hidden layers of a network are joined into residual blocks: `post(2)`, `pre(2)`, and with
/// `_scaled` or `_rezero` behind the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Residual {
    /// Where the sums stand.
    pub place: Place,
    /// The factor of the branches.
    pub scale: BranchScale,
    /// Layers in a block.
    pub block: usize,
}

impl Residual {
    const NAMES: [&str; 6] = ["post", "pre", "post_scaled", "pre_scaled", "post_rezero", "pre_rezero"];

    /// The skip of each hidden layer of these widths: blocks begin after the first layer, which changes the width, and
    /// layers that are left over at the end have none; so has a block whose width changes inside.
    pub fn skips(self, hidden: &[usize]) -> Vec<Option<Skip>> {
        let mut skips = vec![None; hidden.len()];
        let (mut source, mut end) = (0, self.block);
        while end < hidden.len() {
            if hidden[source..=end].iter().all(|width| *width == hidden[source]) {
                skips[end] = Some(Skip { source, place: self.place, scale: self.scale });
            }
            (source, end) = (end, end + self.block);
        }
        skips
    }
}

impl fmt::Display for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            Place::PostActivation => "post",
            Place::PreActivation => "pre",
        };
        let scale = match self.scale {
            BranchScale::One => "",
            BranchScale::InverseSqrtDepth => "_scaled",
            BranchScale::ReZero => "_rezero",
        };
        write!(f, "{place}{scale}({})", self.block)
    }
}

impl FromStr for Residual {
    type Err = CallError;

    /// Reads a name as [`Display`](fmt::Display) prints it; without a number a block has two layers.
    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        let (place, scale) = match call.name {
            "post" => (Place::PostActivation, BranchScale::One),
            "pre" => (Place::PreActivation, BranchScale::One),
            "post_scaled" => (Place::PostActivation, BranchScale::InverseSqrtDepth),
            "pre_scaled" => (Place::PreActivation, BranchScale::InverseSqrtDepth),
            "post_rezero" => (Place::PostActivation, BranchScale::ReZero),
            "pre_rezero" => (Place::PreActivation, BranchScale::ReZero),
            _ => return Err(call.unknown_name("residual connection", &Self::NAMES)),
        };
        let [block] = call.arguments([("block", Some(2.0))])?;
        if block.fract() != 0.0 || !(1.0..=1e6).contains(&block) {
            return Err(call.bad_arguments("block must be a whole number of layers, at least 1"));
        }
        Ok(Self { place, scale, block: block as usize })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_begin_after_the_first_layer_and_end_where_the_width_changes() {
        let sources = |text: &str, hidden: &[usize]| -> Vec<Option<usize>> {
            let residual: Residual = text.parse().unwrap();
            residual.skips(hidden).iter().map(|skip| skip.map(|skip| skip.source)).collect()
        };
        assert_eq!(sources("post(2)", &[8; 6]), [None, None, Some(0), None, Some(2), None]);
        assert_eq!(sources("pre(1)", &[8; 3]), [None, Some(0), Some(1)]);
        assert_eq!(sources("pre(2)", &[8, 8, 8, 4, 4]), [None, None, Some(0), None, None]);
        assert_eq!(sources("pre(2)", &[8]), [None]);
    }

    #[test]
    fn every_residual_is_parsed_from_the_name_it_prints() {
        for text in ["post(2)", "pre(1)", "post_scaled(3)", "pre_scaled(2)", "post_rezero(2)", "pre_rezero(2)"] {
            assert_eq!(text.parse::<Residual>().unwrap().to_string(), text);
        }
        assert_eq!("pre".parse::<Residual>().unwrap().block, 2);
        assert!("pre(0)".parse::<Residual>().unwrap_err().to_string().contains("at least 1"));
        assert!("pre(1.5)".parse::<Residual>().is_err());
        assert!("prae".parse::<Residual>().unwrap_err().to_string().contains("did you mean"));
    }
}
