//! What evidence tells of what was added to it.

use headwater_probe::Measure;

use super::*;

#[test]
fn layers_stand_in_the_order_of_their_names_whenever_they_come() {
    let mut evidence = Evidence::new("run");
    for layer in ["head", "layers.10", "layers.2", "embed"] {
        assert!(evidence.add(&format!("{layer}.weight.grad"), [(0, 1.0)]));
    }
    assert_eq!(evidence.layers(), ["embed", "layers.2", "layers.10", "head"]);
    assert!(!evidence.add("learning_rate", [(0, 0.1)]));
    assert!(!evidence.add(Measure::CounterfactualWeights.tag(), [(0, 0.1)]));
}

#[test]
fn a_loss_without_numbers_takes_nothings_place() {
    for tags in [["loss", "rest/loss_kl"], ["rest/loss_kl", "loss"]] {
        let mut evidence = Evidence::new("run");
        for tag in tags {
            let numbers: &[(i64, f64)] = if tag == "loss" { &[] } else { &[(0, 1.0), (1, 0.5)] };
            evidence.add(tag, numbers.iter().copied());
        }
        assert_eq!(evidence.loss.len(), 2, "{tags:?}");
    }
}

#[test]
fn sizes_of_one_kind_are_compared_and_that_which_most_layers_have_is_taken() {
    let mut evidence = Evidence::new("run");
    evidence.add("gradient/rms/layer1", [(0, 1.0)]);
    evidence.add("grad_norm/layer1", [(0, 5.0)]);
    evidence.add("grad_norm/layer2", [(0, 6.0)]);
    let sizes: Vec<f64> = evidence.sizes(Quantity::Gradient).iter().map(|(_, series)| series.at(0).unwrap()).collect();
    assert_eq!(sizes, [5.0, 6.0]);
}

#[test]
fn what_was_recorded_later_is_not_known_at_a_step() {
    let mut evidence = Evidence::new("run");
    evidence.add("loss", (0..10).map(|step| (step, 1.0)));
    evidence.add("fc1.weight.grad", (0..10).map(|step| (step, 1.0)));
    let then = evidence.until(3);
    assert_eq!((then.steps(), then.layers()), (Some((0, 3)), evidence.layers()));
    assert_eq!(evidence.until(99).steps(), evidence.steps());
}

#[test]
fn what_is_missing_is_said_with_what_to_add() {
    assert_eq!(Evidence::new("run").missing().len(), 1);
    let mut evidence = Evidence::new("run");
    evidence.add("loss", (0..10).map(|step| (step, 1.0)));
    let missing = evidence.missing();
    assert!(missing[0].starts_with("no gradients recorded"), "{missing:?}");
    assert!(missing.iter().any(|text| text.contains("validation loss")));
}
