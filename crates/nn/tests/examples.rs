//! The examples do what they say.

#[path = "../examples/train.rs"]
mod train;

#[test]
fn the_example_trains_a_network_that_tells_points_apart() {
    let (before, after) = (train::train(0).unwrap(), train::train(300).unwrap());
    assert!(before < 0.9 && after > 0.97, "{before}, {after}");
    train::main().unwrap();
}
