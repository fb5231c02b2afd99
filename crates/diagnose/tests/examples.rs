//! The example does what it says.

use headwater_events::Writer;

#[path = "../examples/diagnose.rs"]
mod diagnose;

#[test]
fn the_example_names_what_is_wrong_and_what_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(&folder.path().join("run")).unwrap();
    for step in 0..200 {
        writer.scalar(step, "loss", 2.3).unwrap();
        for layer in 0..6 {
            writer.scalar(step, &format!("gradient/rms/fc{layer}"), 10.0_f32.powi(layer - 6)).unwrap();
        }
    }
    writer.close().unwrap();
    let lines = diagnose::diagnose(folder.path());
    assert!(lines[0].contains("run: vanishing in fc0") && lines[0].contains("; try: "), "{lines:?}");
    let _ = diagnose::main as fn();
}
