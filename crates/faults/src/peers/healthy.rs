//! A healthy run, made up, for tests to alter.

use headwater_events::Bucket;
use headwater_nn::{Activation, Loss};

use super::values::Values;
use super::watched::{Layer, Record, Tensor, Watched};

/// Layers of it.
pub(crate) const LAYERS: usize = 4;

/// Forty records, ten steps apart, of four layers that learn; without held-out data.
pub(crate) fn run() -> Watched {
    let records = (0..40).map(|index| {
        let done = f64::from(index) / 40.0;
        let left = (-5.0 * done).exp();
        let (loss, accuracy) = (0.3 + 2.0 * left, 0.95 - 0.85 * left);
        Record {
            step: i64::from(index) * 10,
            loss,
            accuracy,
            validation: None,
            // Something moves in every step.
            layers: (0..LAYERS).map(|_| layer(1.0 + 0.1 * done)).collect(),
        }
    });
    let mut activations = vec![Activation::Relu; LAYERS];
    activations[LAYERS - 1] = Activation::Identity;
    Watched { activations, loss: Loss::SoftmaxCrossEntropy, learning_rate: 0.1, records: records.collect() }
}

fn layer(scale: f64) -> Layer {
    let tensor = |size: f64| Tensor {
        mean_abs: 0.8 * size * scale,
        rms: size * scale,
        min: -3.0 * size * scale,
        max: 3.0 * size * scale,
        zeros: 0.0,
        count: 100.0,
        finite: true,
    };
    Layer {
        gradient: tensor(1e-3),
        gradients: values(-2e-3, 2e-3),
        weights: tensor(0.3),
        preactivation: tensor(1.0),
        activation: Tensor { zeros: 50.0, min: 0.0, ..tensor(0.7) },
        inputs: values(-2.0, 2.0),
        update_ratio: Some(1e-3),
        dead_units: 0.0,
    }
}

/// A hundred values spread evenly.
pub(crate) fn values(left: f64, right: f64) -> Values {
    Values::new(vec![Bucket { left, right, count: 100.0 }])
}

/// The run with something done to a layer of each record.
pub(crate) fn with_layer(layer: usize, alter: impl Fn(&mut Layer)) -> Watched {
    let mut watched = run();
    watched.records.iter_mut().for_each(|record| alter(&mut record.layers[layer]));
    watched
}

/// The run with something done to every layer of each record.
pub(crate) fn with_layers(alter: impl Fn(usize, &mut Layer)) -> Watched {
    let mut watched = run();
    for record in &mut watched.records {
        record.layers.iter_mut().enumerate().for_each(|(index, layer)| alter(index, layer));
    }
    watched
}

/// The run with something done to each record, of which there are forty, counted from 0.
pub(crate) fn with_records(alter: impl Fn(usize, &mut Record)) -> Watched {
    let mut watched = run();
    watched.records.iter_mut().enumerate().for_each(|(index, record)| alter(index, record));
    watched
}
