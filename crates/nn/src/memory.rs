//! Why a network cannot be built, and allocations that return an error if memory is short.

use thiserror::Error;

use crate::Real;

/// Why a network cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// The first layer has no inputs.
    #[error("a network needs at least one input")]
    NoInputs,
    /// There are no layers.
    #[error("a network needs at least one layer")]
    NoLayers,
    /// A layer has no units.
    #[error("layer{number} has no units: expected at least 1")]
    NoUnits {
        /// Number of the layer, from 1.
        number: usize,
    },
    /// The parameters or the activations of the network do not fit into memory.
    #[error(
        "there is not enough memory for the network and its batch, from layer{number} on; fewer units or a smaller batch need less"
    )]
    TooLarge {
        /// Number of the layer, from 1.
        number: usize,
    },
    /// The memory that is needed to train the network cannot be allocated.
    #[error("there is not enough memory for {what} ({} MB); fewer or narrower layers, or a smaller batch, need less", bytes.div_ceil(1_000_000))]
    NoMemory {
        /// What the memory is for.
        what: &'static str,
        /// How many bytes were asked for.
        bytes: usize,
    },
    /// A skip connection does not fit.
    #[error("layer{number}: {reason}")]
    Skip {
        /// Number of the layer at which it ends, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A dropout probability is out of range.
    #[error("layer{number}: dropout must be at least 0 and below 1")]
    Dropout {
        /// Number of the layer, from 1.
        number: usize,
    },
}

/// Allocates this many zeros for the layer with this number. A length of None stands for one that overflows.
pub(crate) fn zeros(length: Option<usize>, number: usize) -> Result<Vec<Real>, ShapeError> {
    let too_large = ShapeError::TooLarge { number };
    let length = length.ok_or_else(|| too_large.clone())?;
    let mut values = reserve(length).ok_or(too_large)?;
    values.resize(length, 0.0);
    Ok(values)
}

/// An allocation of this many bytes or more must leave [`LEFT`] bytes.
const LARGE: usize = 1 << 20;
/// Bytes that are left for the small allocations of all threads. Those are not checked: if one fails, the program ends.
const LEFT: usize = 8 << 20;

/// An empty vector with room for `length` values. None if there is not enough memory.
pub(crate) fn reserve<T>(length: usize) -> Option<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).ok()?;
    let is_large = length.saturating_mul(size_of::<T>()) >= LARGE;
    (!is_large || Vec::<u8>::new().try_reserve_exact(LEFT).is_ok()).then_some(values)
}

/// An empty vector with room for `length` values. `what` says in the error what they are for.
pub(crate) fn room<T>(length: usize, what: &'static str) -> Result<Vec<T>, ShapeError> {
    let refused = || ShapeError::NoMemory { what, bytes: length.saturating_mul(size_of::<T>()) };
    reserve(length).ok_or_else(refused)
}

/// A vector of `length` copies of `value`. Unlike `vec!`, it returns an error if there is not enough memory; `what`
/// says in the error what the values are for.
///
/// # Errors
/// [`ShapeError::NoMemory`] if there is not enough memory.
pub fn try_filled<T: Clone>(value: T, length: usize, what: &'static str) -> Result<Vec<T>, ShapeError> {
    let mut values = room(length, what)?;
    values.resize(length, value);
    Ok(values)
}

/// A copy of `values`, or an error if there is not enough memory; `what` says in the error what the values are.
///
/// # Errors
/// [`ShapeError::NoMemory`] if there is not enough memory.
pub fn try_copy<T: Clone>(values: &[T], what: &'static str) -> Result<Vec<T>, ShapeError> {
    let mut copy = room(values.len(), what)?;
    copy.extend_from_slice(values);
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_not_there_is_refused_with_what_it_was_for() {
        let refused = try_filled(0_u8, usize::MAX / 2, "the gradients").unwrap_err();
        assert_eq!(refused, ShapeError::NoMemory { what: "the gradients", bytes: usize::MAX / 2 });
        assert!(refused.to_string().starts_with("there is not enough memory for the gradients (9223372036855 MB); "));
        assert_eq!(try_copy(&try_filled(7, 3, "x").unwrap(), "y").unwrap(), [7; 3]);
    }
}
