//! Networks learn, short and deep ones.

use headwater_lab::Status;
use headwater_probe::Measure;

use crate::recorded::Recorded;
use crate::trained::{PLAIN, preset, train};

#[test]
fn relu_learns_mnist_and_sigmoid_hardly_begins() {
    let set = ["train.steps=400", "record.every=100", "data.validation=500", "data.test=500"];
    let trained = train(&preset(&set), PLAIN);
    let loss = |run: &str| {
        let losses = Recorded::of(&trained.folder(run)).scalar(Measure::ValidationLoss.tag());
        (f64::from(losses[&0]), f64::from(losses[&399]))
    };
    let ((relu_first, relu_last), (_, sigmoid_last)) = (loss("relu"), loss("sigmoid"));
    // The loss of a guess among ten classes is ln 10.
    let guess = 10_f64.ln();
    assert!(relu_first > 0.9 * guess, "{relu_first}");
    assert!(relu_last < 0.8 * guess, "{relu_last}");
    assert!(sigmoid_last > 0.95 * guess, "{sigmoid_last}");
    let attenuation: Vec<_> = trained.reports().iter().map(|report| report.attenuation.unwrap()).collect();
    assert!(attenuation[0] > 3.0 * attenuation[1], "{attenuation:?}");
}

#[test]
fn a_network_of_a_thousand_layers_is_trained_and_recorded() {
    let hidden = format!("network.hidden={:?}", [10; 999]);
    let set = ["data.source=blobs", "network.activation=tanh", "network.init=orthogonal(1)", "train.steps=3", &hidden];
    let trained = train(&preset(&set), PLAIN);
    let report = trained.reports()[0];
    assert_eq!((report.status, report.steps), (Status::Done, 3));
    assert_eq!(report.gradient_mean_abs.len(), 1000);
    assert!(report.gradient_mean_abs.iter().all(|gradient| gradient.is_finite()));
    assert!(report.gradient_mean_abs[999] > 0.0);
    assert_eq!(Recorded::of(&report.logdir).steps()["gradient/mean_abs/layer1000"], [0, 2]);
}
