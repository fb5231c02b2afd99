//! What initialisers draw: the mean and variance of a weight and a bias.

use headwater_nn::Initialiser;

/// Variance of a weight of a matrix of `fan_in` rows and `fan_out` columns; none for constant weights other than 0,
/// whose mean is not 0, and for those that are scaled by the data.
pub fn weight_variance(initialiser: Initialiser, fan_in: usize, fan_out: usize) -> Option<f64> {
    let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
    Some(match initialiser {
        Initialiser::Zeros | Initialiser::Constant(0.0) => 0.0,
        Initialiser::Constant(_) | Initialiser::Lsuv => return None,
        Initialiser::Scaled { sigma_w2, .. } => sigma_w2 / fan_in,
        Initialiser::Normal { std } => std * std,
        // A uniform variable on [-limit, limit) has the variance limit^2 / 3.
        Initialiser::Uniform { limit } => limit * limit / 3.0,
        Initialiser::GlorotUniform | Initialiser::GlorotNormal => 2.0 / (fan_in + fan_out),
        Initialiser::HeUniform | Initialiser::HeNormal => 2.0 / fan_in,
        Initialiser::LecunUniform | Initialiser::LecunNormal => 1.0 / fan_in,
        // min(fans) orthonormal vectors of max(fans) entries each: the squares sum up to gain^2 min(fans).
        Initialiser::Orthogonal { gain } => gain * gain / fan_in.max(fan_out),
    })
}

/// Mean and variance of the biases of `fan_out` units.
pub(super) fn bias_moments(initialiser: Initialiser, fan_out: usize) -> (f64, f64) {
    match (initialiser, weight_variance(initialiser, 1, fan_out)) {
        (Initialiser::Constant(value), _) => (value, 0.0),
        (_, variance) => (0.0, variance.unwrap_or(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use headwater_nn::{Activation, LayerShape, Loss, Network};

    use super::*;

    #[test]
    fn variances_are_those_that_are_drawn() {
        for (fan_in, fan_out) in [(300, 100), (100, 300)] {
            let shape = LayerShape::new(fan_out, Activation::Identity);
            let mut network = Network::new(fan_in, &[shape], Loss::MeanSquaredError).unwrap();
            for text in
                ["normal(0.3)", "uniform(0.3)", "glorot_uniform", "he_normal", "lecun_uniform", "orthogonal(1.5)"]
            {
                let initialiser = text.parse().unwrap();
                network.initialise(initialiser, Initialiser::Zeros, 5);
                let weights = &network.parameters()[network.layers()[0].weights()];
                let drawn = weights.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>() / weights.len() as f64;
                let expected = weight_variance(initialiser, fan_in, fan_out).unwrap();
                assert!((drawn / expected - 1.0).abs() < 0.03, "{text}: {drawn}, not {expected}");
            }
        }
        assert_eq!(weight_variance(Initialiser::Constant(0.1), 3, 3), None);
        assert_eq!(bias_moments(Initialiser::Constant(0.1), 3), (0.1, 0.0));
        assert_eq!(bias_moments(Initialiser::Normal { std: 0.5 }, 3), (0.0, 0.25));
    }
}
