//! An activation and its derivative, as points of a curve.

use headwater_nn::{Activation, CallError, Real};

/// f and f' at points of z.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Where: equally far apart.
    pub z: Vec<f64>,
    /// f(z).
    pub f: Vec<f64>,
    /// f'(z).
    pub df: Vec<f64>,
}

/// The curve of an activation that is named as in a configuration: `relu`, `leaky_relu(0.2)`. The first of the `points`
/// is at `low`, the last at `high`.
///
/// # Errors
///
/// If there is no such activation; the message lists those that there are.
pub fn curve(name: &str, low: f64, high: f64, points: usize) -> Result<Curve, CallError> {
    let activation: Activation = name.parse()?;
    let last = points.saturating_sub(1).max(1) as f64;
    let mut curve = Curve::default();
    for index in 0..points {
        let way = index as f64 / last;
        let z = low * (1.0 - way) + high * way;
        curve.z.push(z);
        curve.f.push(f64::from(activation.f(z as Real)));
        curve.df.push(f64::from(activation.df(z as Real)));
    }
    Ok(curve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_from_end_to_end() {
        let curve = curve("leaky_relu(0.5)", -2.0, 2.0, 5).unwrap();
        assert_eq!(curve.z, [-2.0, -1.0, 0.0, 1.0, 2.0]);
        assert_eq!(curve.f, [-1.0, -0.5, 0.0, 1.0, 2.0]);
        assert_eq!(curve.df, [0.5, 0.5, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn few_points_make_short_curves() {
        assert_eq!(curve("relu", -1.0, 1.0, 0).unwrap(), Curve::default());
        assert_eq!(curve("relu", -1.0, 1.0, 1).unwrap().z, [-1.0]);
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = curve("swoosh", -1.0, 1.0, 3).unwrap_err().to_string();
        assert!(error.contains("sigmoid") && error.contains("leaky_relu"), "{error}");
    }
}
