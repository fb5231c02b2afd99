//! A guard on subnormal numbers affects its own thread and no other.

use std::hint::black_box;

use headwater_nn::{Real, Subnormals};

/// A product that is subnormal, and a product with a subnormal operand.
fn computed() -> [Real; 2] {
    let subnormal = black_box(Real::from_bits(1 << 10));
    [black_box(Real::MIN_POSITIVE) * black_box(0.5), subnormal * black_box(1.0 / Real::EPSILON)]
}

#[test]
fn a_guard_works_until_it_is_dropped_and_on_its_own_thread_alone() {
    let (flushed, others) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || others.recv().map(|()| computed()));
    let kept = computed();
    assert!(kept.iter().all(|number| *number > 0.0));
    if !Subnormals::can_flush() {
        return;
    }
    let flushing = Subnormals::flush();
    assert_eq!(computed(), [0.0; 2]);
    {
        let _again = Subnormals::flush();
        let _keeping = Subnormals::keep();
        assert_eq!(computed(), kept);
    }
    assert_eq!(computed(), [0.0; 2], "what was before is back");
    flushed.send(()).unwrap();
    assert_eq!(other.join().unwrap(), Ok(kept));
    drop(flushing);
    assert_eq!(computed(), kept);
}
