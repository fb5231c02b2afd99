//! Initialisers: how weights and biases are drawn before the first step.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::AtomicBool;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use strum::{EnumIter, EnumMessage};
use thiserror::Error;

use crate::call::{Call, CallError};
use crate::{Interrupted, Real, ShapeError, interrupt, memory};

/// How many numbers are drawn between two checks of the flag. It takes less than a hundredth of a second.
const BETWEEN_CHECKS: usize = 1 << 18;

/// Why parameters were not drawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InitialiseError {
    /// The interrupt flag was raised.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// There is not enough memory to make orthogonal weights.
    #[error(transparent)]
    Memory(#[from] ShapeError),
}

/// A rule that fills a matrix of fan-in rows and fan-out columns.
#[derive(Debug, Clone, Copy, PartialEq, EnumIter, EnumMessage)]
pub enum Initialiser {
    /// All 0.
    Zeros,
    /// All the same value.
    Constant(f64),
    /// Normal with mean 0 and this standard deviation.
    Normal {
        /// Standard deviation.
        std: f64,
    },
    /// Weights normal with variance `sigma_w2` / fan-in, biases normal with variance `sigma_b2`: the coordinates of the
    /// theory of signal propagation (Poole and others, 2016).
    Scaled {
        /// Fan-in times the variance of the weights.
        sigma_w2: f64,
        /// Variance of the biases.
        sigma_b2: f64,
    },
    /// Uniform on [-limit, limit).
    Uniform {
        /// Half the width.
        limit: f64,
    },
    /// Variance 2 / (fan-in + fan-out), uniform. Glorot and Bengio, 2010, equation 16.
    GlorotUniform,
    /// Variance 2 / (fan-in + fan-out), normal.
    GlorotNormal,
    /// Variance 2 / fan-in, uniform. He et al., 2015, equation 10.
    HeUniform,
    /// Variance 2 / fan-in, normal.
    HeNormal,
    /// Variance 1 / fan-in, uniform. LeCun et al., 1998, section 4.6.
    LecunUniform,
    /// Variance 1 / fan-in, normal.
    LecunNormal,
    /// A random matrix with orthonormal columns (or rows, where there are fewer), times `gain`. Saxe, McClelland and
    /// Ganguli, 2013.
    Orthogonal {
        /// All singular values of the matrix.
        gain: f64,
    },
    /// Orthogonal, and then scaled layer by layer until the products have variance 1 over a batch. Mishkin and Matas, 2015.
    Lsuv,
}

impl Initialiser {
    const NAMES: [&str; 12] = [
        "zeros",
        "constant",
        "normal",
        "uniform",
        "glorot_uniform",
        "glorot_normal",
        "he_uniform",
        "he_normal",
        "lecun_uniform",
        "lecun_normal",
        "orthogonal",
        "lsuv",
    ];

    /// Whether the rule goes by fan-in or fan-out, which a vector of biases does not have.
    pub fn needs_fans(self) -> bool {
        !matches!(self, Self::Zeros | Self::Constant(_) | Self::Normal { .. } | Self::Uniform { .. })
    }

    /// How the biases are drawn by a rule that says so itself.
    pub fn own_bias(self) -> Option<Self> {
        match self {
            Self::Scaled { sigma_b2, .. } => Some(Self::Normal { std: sigma_b2.sqrt() }),
            _ => None,
        }
    }

    /// Sets `matrix`, `[inputs, outputs]`, from the random stream `rng`.
    pub(crate) fn fill(
        self,
        matrix: &mut [Real],
        [inputs, outputs]: [usize; 2],
        rng: &mut ChaCha8Rng,
        interrupt: &AtomicBool,
    ) -> Result<(), InitialiseError> {
        debug_assert_eq!(matrix.len(), inputs * outputs);
        match self {
            Self::Orthogonal { gain } => return orthogonal(matrix, [inputs, outputs], gain, rng, interrupt),
            Self::Lsuv => return orthogonal(matrix, [inputs, outputs], 1.0, rng, interrupt),
            _ => {}
        }
        for few in matrix.chunks_mut(BETWEEN_CHECKS) {
            interrupt::check(interrupt)?;
            self.fill_some(few, inputs as f64, outputs as f64, rng);
        }
        Ok(())
    }

    /// Fills the next part of a matrix whose numbers are independent of each other.
    fn fill_some(self, matrix: &mut [Real], fan_in: f64, fan_out: f64, rng: &mut ChaCha8Rng) {
        match self {
            // An orthogonal matrix is made as a whole.
            Self::Zeros | Self::Orthogonal { .. } | Self::Lsuv => matrix.fill(0.0),
            Self::Constant(value) => matrix.fill(value as Real),
            Self::Normal { std } => normal(matrix, std, rng),
            Self::Scaled { sigma_w2, .. } => normal(matrix, (sigma_w2 / fan_in).sqrt(), rng),
            Self::Uniform { limit } => uniform(matrix, limit, rng),
            // A uniform variable on [-limit, limit) has the variance limit^2 / 3.
            Self::GlorotUniform => uniform(matrix, (6.0 / (fan_in + fan_out)).sqrt(), rng),
            Self::GlorotNormal => normal(matrix, (2.0 / (fan_in + fan_out)).sqrt(), rng),
            Self::HeUniform => uniform(matrix, (6.0 / fan_in).sqrt(), rng),
            Self::HeNormal => normal(matrix, (2.0 / fan_in).sqrt(), rng),
            Self::LecunUniform => uniform(matrix, (3.0 / fan_in).sqrt(), rng),
            Self::LecunNormal => normal(matrix, (1.0 / fan_in).sqrt(), rng),
        }
    }
}

fn uniform(values: &mut [Real], limit: f64, rng: &mut ChaCha8Rng) {
    for value in values {
        *value = (limit * (2.0 * rng.random::<f64>() - 1.0)) as Real;
    }
}

fn normal(values: &mut [Real], std: f64, rng: &mut ChaCha8Rng) {
    for value in values {
        let sample: f64 = rng.sample(StandardNormal);
        *value = (std * sample) as Real;
    }
}

/// Orthonormalises `min(rows, columns)` Gaussian vectors of length `max(rows, columns)` by modified Gram-Schmidt, in
/// f64 and twice over, which is as orthogonal as Householder's method. The result has the Haar distribution, because
/// Gram-Schmidt gives the QR factor whose R has a positive diagonal (Mezzadri, 2007).
fn orthogonal(
    matrix: &mut [Real],
    [rows, columns]: [usize; 2],
    gain: f64,
    rng: &mut ChaCha8Rng,
    interrupt: &AtomicBool,
) -> Result<(), InitialiseError> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    // The vectors, one after another, `[count, length]`.
    let mut vectors = memory::try_filled(0.0_f64, matrix.len(), "orthogonal weights")?;
    let mut known = 0;
    while known < count {
        let (others, rest) = vectors.split_at_mut(known * length);
        let vector = &mut rest[..length];
        vector.fill_with(|| rng.sample(StandardNormal));
        for _ in 0..2 {
            interrupt::check(interrupt)?;
            for other in others.chunks_exact(length) {
                let along: f64 = vector.iter().zip(other).map(|(v, o)| v * o).sum();
                vector.iter_mut().zip(other).for_each(|(v, o)| *v -= along * o);
            }
        }
        let norm = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
        // A vector in the span of the others has probability zero; drawing again costs nothing.
        if norm > 1e-6 {
            for v in vector {
                *v /= norm;
            }
            known += 1;
        }
    }
    for row in 0..rows {
        for column in 0..columns {
            let at = if columns <= rows { column * length + row } else { row * length + column };
            matrix[row * columns + column] = (gain * vectors[at]) as Real;
        }
    }
    Ok(())
}

impl fmt::Display for Initialiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zeros => f.write_str("zeros"),
            Self::Constant(value) => write!(f, "constant({value})"),
            Self::Normal { std } => write!(f, "normal({std})"),
            Self::Scaled { sigma_w2, sigma_b2 } => write!(f, "normal(sigma_w2 = {sigma_w2}, sigma_b2 = {sigma_b2})"),
            Self::Uniform { limit } => write!(f, "uniform({limit})"),
            Self::GlorotUniform => f.write_str("glorot_uniform"),
            Self::GlorotNormal => f.write_str("glorot_normal"),
            Self::HeUniform => f.write_str("he_uniform"),
            Self::HeNormal => f.write_str("he_normal"),
            Self::LecunUniform => f.write_str("lecun_uniform"),
            Self::LecunNormal => f.write_str("lecun_normal"),
            Self::Orthogonal { gain } => write!(f, "orthogonal({gain})"),
            Self::Lsuv => f.write_str("lsuv"),
        }
    }
}

impl FromStr for Initialiser {
    type Err = CallError;

    /// Reads a name as [`Display`](fmt::Display) prints it; `orthogonal` alone has gain 1.
    fn from_str(text: &str) -> Result<Self, CallError> {
        let call = Call::parse(text)?;
        let one = |name, default| {
            let [value] = call.arguments([(name, default)])?;
            if (value as f32).is_finite() {
                Ok(value)
            } else {
                Err(call.bad_arguments(&format!("{name} must be finite")))
            }
        };
        let spread = |name| {
            let value = one(name, None)?;
            if value >= 0.0 { Ok(value) } else { Err(call.bad_arguments(&format!("{name} must not be negative"))) }
        };
        let none = |initialiser| call.arguments([]).map(|[]| initialiser);
        match call.name {
            "zeros" => none(Self::Zeros),
            "constant" => one("value", None).map(Self::Constant),
            "normal" if call.names("sigma_w2") || call.names("sigma_b2") => {
                let [sigma_w2, sigma_b2] = call.arguments([("sigma_w2", None), ("sigma_b2", Some(0.0))])?;
                if [sigma_w2, sigma_b2].iter().all(|variance| (0.0..1e30).contains(variance)) {
                    Ok(Self::Scaled { sigma_w2, sigma_b2 })
                } else {
                    Err(call.bad_arguments("sigma_w2 and sigma_b2 are variances: finite and not negative"))
                }
            }
            "normal" => spread("std").map(|std| Self::Normal { std }),
            "uniform" => spread("limit").map(|limit| Self::Uniform { limit }),
            "glorot_uniform" => none(Self::GlorotUniform),
            "glorot_normal" => none(Self::GlorotNormal),
            "he_uniform" => none(Self::HeUniform),
            "he_normal" => none(Self::HeNormal),
            "lecun_uniform" => none(Self::LecunUniform),
            "lecun_normal" => none(Self::LecunNormal),
            "orthogonal" => one("gain", Some(1.0)).map(|gain| Self::Orthogonal { gain }),
            "lsuv" => none(Self::Lsuv),
            _ => Err(call.unknown_name("initialiser", &Self::NAMES)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::interrupt::NEVER;

    fn drawn(text: &str, inputs: usize, outputs: usize) -> Vec<Real> {
        let mut matrix = vec![0.0; inputs * outputs];
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        text.parse::<Initialiser>().unwrap().fill(&mut matrix, [inputs, outputs], &mut rng, &NEVER).unwrap();
        matrix
    }

    #[test]
    fn variances_are_those_of_the_papers() {
        let (inputs, outputs) = (400, 100);
        for (text, variance) in [
            ("normal(0.3)", 0.09),
            ("uniform(0.3)", 0.03),
            ("glorot_uniform", 2.0 / 500.0),
            ("glorot_normal", 2.0 / 500.0),
            ("he_uniform", 2.0 / 400.0),
            ("he_normal", 2.0 / 400.0),
            ("lecun_uniform", 1.0 / 400.0),
            ("lecun_normal", 1.0 / 400.0),
            ("normal(sigma_w2 = 1.76)", 1.76 / 400.0),
        ] {
            let weights = drawn(text, inputs, outputs);
            let mean_square = weights.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / weights.len() as f64;
            assert!((mean_square / variance - 1.0).abs() < 0.03, "{text}: {mean_square} not {variance}");
            assert_eq!(weights, drawn(text, inputs, outputs), "{text} depends on the seed alone");
        }
    }

    #[test]
    fn orthogonal_matrices_have_all_singular_values_at_the_gain() {
        for (rows, columns) in [(7, 3), (3, 7), (5, 5), (1, 4)] {
            let matrix = drawn("orthogonal(1.5)", rows, columns);
            let at = |row: usize, column: usize| f64::from(matrix[row * columns + column]);
            let count = rows.min(columns);
            for i in 0..count {
                for j in 0..count {
                    let product: f64 = if columns <= rows {
                        (0..rows).map(|row| at(row, i) * at(row, j)).sum()
                    } else {
                        (0..columns).map(|column| at(i, column) * at(j, column)).sum()
                    };
                    let expected = if i == j { 2.25 } else { 0.0 };
                    assert!((product - expected).abs() < 1e-5, "{rows}x{columns}: {product} not {expected}");
                }
            }
        }
    }

    /// A seed means the same weights for ever: every published figure hangs on it.
    #[cfg(not(feature = "f64"))]
    #[test]
    fn the_first_values_of_a_seed_stay_what_they_are() {
        let first = |text| drawn(text, 3, 2)[0];
        assert_eq!(
            [first("uniform(1)"), first("normal(1)"), first("orthogonal")],
            [-0.684_407_83, -0.775_371_9, -0.426_399_02]
        );
    }

    #[test]
    fn every_initialiser_is_parsed_from_the_name_it_prints() {
        for text in ["zeros", "constant(0.1)", "normal(0.05)", "uniform(0.5)", "glorot_uniform", "glorot_normal"]
            .into_iter()
            .chain(["he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal(1.4)", "lsuv"])
            .chain(["normal(sigma_w2 = 1.76, sigma_b2 = 0.05)"])
        {
            assert_eq!(text.parse::<Initialiser>().unwrap().to_string(), text);
        }
        assert!("normal".parse::<Initialiser>().unwrap_err().to_string().contains("\"std\" is missing"));
        assert!("normal(sigma_w2 = -1)".parse::<Initialiser>().unwrap_err().to_string().contains("variances"));
        assert!(
            "normal(sigma_b2 = 1)".parse::<Initialiser>().unwrap_err().to_string().contains("\"sigma_w2\" is missing")
        );
        assert!("normal(-1)".parse::<Initialiser>().unwrap_err().to_string().contains("negative"));
        assert!("he".parse::<Initialiser>().unwrap_err().to_string().contains("did you mean"));
    }
}
