//! Dropout: in training, each activation is set to 0 with probability p, and the others are divided by 1 - p, so that
//! nothing needs to be done in evaluation. Srivastava and others, 2014, in its inverted form.
//!
//! Shapes: a, mask and da `[batch, outputs]`.
//!
//! ```text
//! forward     mask = 0 or 1 / (1 - p), drawn anew in every pass        a = mask a
//! backward    da = mask da
//! ```

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::Real;

/// Draws `mask` and applies it to `a`.
pub(crate) fn forward(probability: f64, a: &mut [Real], mask: &mut [Real], rng: &mut ChaCha8Rng) {
    let kept = (1.0 / (1.0 - probability)) as Real;
    for (a, mask) in a.iter_mut().zip(mask) {
        *mask = if rng.random::<f64>() < probability { 0.0 } else { kept };
        *a *= *mask;
    }
}

/// Turns the gradient of what dropout gave into that of what it was given, in place.
pub(crate) fn backward(mask: &[Real], gradient: &mut [Real]) {
    gradient.iter_mut().zip(mask).for_each(|(da, mask)| *da *= mask);
}
