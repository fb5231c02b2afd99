//! What in a prediction should worry whoever is about to train.

use super::network::Prediction;

/// Delta's root mean square may change by this factor over the whole network before it is a concern.
const MUCH: f64 = 10.0;
/// Samples are alike when what tells two of them apart has shrunk to this share of the mean square.
const ALIKE: f64 = 1e-3;
/// A probability, or a share of units, that is worth a word.
const OFTEN: f64 = 0.01;
/// Samples that are all the same kill half of the rectifiers; more takes biases.
const MANY_UNITS: f64 = 0.4;
/// Standard deviation of ln |delta| beyond which the draw of the weights matters more than their rule.
const WIDE: f64 = 1.0;

/// One reason to worry. Layers are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Concern {
    /// Delta's root mean square falls to less than a tenth from the last layer to this one, where it is least.
    Vanishes {
        /// Number of the layer.
        number: usize,
        /// ln of delta's root mean square over the last layer's.
        ln_delta_rms: f64,
    },
    /// It grows to more than ten times as much, most of all in this layer.
    Explodes {
        /// Number of the layer.
        number: usize,
        /// ln of delta's root mean square over the last layer's.
        ln_delta_rms: f64,
    },
    /// From this layer down delta is zero or infinite in single precision.
    DeltaOutOfRange {
        /// Number of the layer.
        number: usize,
    },
    /// From this layer up pre-activations are zero or infinite in single precision.
    SignalOutOfRange {
        /// Number of the layer.
        number: usize,
    },
    /// From this layer up all samples look the same: the ordered phase of Poole et al., 2016.
    SamplesAlike {
        /// Number of the layer.
        number: usize,
        /// Correlation of its pre-activations between samples.
        correlation: f64,
    },
    /// A single input is silenced on its way this often: Lu et al., 2019.
    BornDead {
        /// The probability, for one draw of the weights.
        probability: f64,
    },
    /// Two in five of a layer's units or more are dead for a whole batch; this is the worst layer. Of a batch of one
    /// sample half of them always are.
    DeadUnits {
        /// Number of the layer.
        number: usize,
        /// Share of its units.
        share: f64,
    },
    /// The network is so deep for its width that draws of its weights differ by more than a factor of e: Hanin, 2018.
    Spread {
        /// Standard deviation of ln |delta| of the first layer over the last.
        deviation: f64,
    },
}

impl Prediction {
    /// What should worry, in the order of [`Concern`]'s variants.
    pub fn concerns(&self) -> Vec<Concern> {
        let layers = || (1_usize..).zip(&self.layers);
        let by_delta = || layers().filter(|(_, layer)| layer.ln_delta_rms.is_finite());
        let mut concerns = Vec::new();
        let least = by_delta().min_by(|a, b| a.1.ln_delta_rms.total_cmp(&b.1.ln_delta_rms));
        if let Some((number, layer)) = least.filter(|(_, layer)| layer.ln_delta_rms < -MUCH.ln()) {
            concerns.push(Concern::Vanishes { number, ln_delta_rms: layer.ln_delta_rms });
        }
        let most = by_delta().max_by(|a, b| a.1.ln_delta_rms.total_cmp(&b.1.ln_delta_rms));
        if let Some((number, layer)) = most.filter(|(_, layer)| layer.ln_delta_rms > MUCH.ln()) {
            concerns.push(Concern::Explodes { number, ln_delta_rms: layer.ln_delta_rms });
        }
        let out_of_range = |ln: f64| !(f64::from(f32::MIN_POSITIVE).ln()..f64::from(f32::MAX).ln()).contains(&ln);
        // A branch of weight 0 has no delta, which is no accident of single precision.
        let lost = |ln: f64| ln != f64::NEG_INFINITY && out_of_range(ln);
        if let Some(below) = self.layers.iter().rposition(|layer| lost(layer.ln_delta_rms)) {
            concerns.push(Concern::DeltaOutOfRange { number: below + 1 });
        }
        if let Some((number, _)) = layers().find(|(_, layer)| out_of_range(0.5 * layer.ln_q)) {
            concerns.push(Concern::SignalOutOfRange { number });
        }
        if let Some((number, layer)) = layers().find(|(_, layer)| layer.correlation > 1.0 - ALIKE) {
            concerns.push(Concern::SamplesAlike { number, correlation: layer.correlation });
        }
        if self.born_dead > OFTEN {
            concerns.push(Concern::BornDead { probability: self.born_dead });
        }
        let dead = layers().filter_map(|(number, layer)| Some((number, layer.dead_units?)));
        if let Some((number, share)) = dead.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, share)| *share > MANY_UNITS)
        {
            concerns.push(Concern::DeadUnits { number, share });
        }
        if let Some(deviation) = self.layers[0].ln_delta_deviation.filter(|deviation| *deviation > WIDE) {
            concerns.push(Concern::Spread { deviation });
        }
        concerns
    }
}
