//! Gradient clipping, by the norm of the whole gradient and by value.

use crate::Real;

/// Bounds put on a gradient before the optimizer sees it; by default there are none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Clip {
    /// Largest Euclidean norm of the gradient of all parameters together. Pascanu, Mikolov and Bengio, 2013.
    pub norm: Option<Real>,
    /// Largest absolute value of any element; applied after `norm`.
    pub value: Option<Real>,
}

impl Clip {
    /// Scales, then cuts, `gradients` (all parameters, flat) in place.
    ///
    /// As in PyTorch's `clip_grad_norm_`, the scale is norm / (|g| + 1e-6), and a gradient within bounds is left as it is.
    pub fn apply(&self, gradients: &mut [Real]) {
        if let Some(bound) = self.norm {
            let squares: f64 = gradients.iter().map(|&g| f64::from(g) * f64::from(g)).sum();
            let scale = f64::from(bound) / (squares.sqrt() + 1e-6);
            if scale < 1.0 {
                for g in gradients.iter_mut() {
                    *g *= scale as Real;
                }
            }
        }
        if let Some(bound) = self.value {
            for g in gradients {
                *g = g.clamp(-bound, bound);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_gradient_is_scaled_to_the_norm_and_a_small_one_is_untouched() {
        let clip = Clip { norm: Some(1.0), value: None };
        let mut gradient = [3.0, -4.0];
        clip.apply(&mut gradient);
        assert!((gradient[0] - 0.6).abs() < 1e-6 && (gradient[1] + 0.8).abs() < 1e-6);
        let mut small = [0.3, -0.4];
        clip.apply(&mut small);
        assert_eq!(small, [0.3, -0.4]);
    }

    #[test]
    fn every_element_is_cut_to_the_value() {
        let mut gradient = [3.0, -4.0, 0.1];
        Clip { norm: None, value: Some(0.5) }.apply(&mut gradient);
        assert_eq!(gradient, [0.5, -0.5, 0.1]);
    }
}
