//! Whatever is recorded, under whatever tags, in whatever order: there is a diagnosis, and always the same.

use headwater_diagnose::{Evidence, diagnose, evidence};
use headwater_events::{Graph, Node, Store, Writer};
use proptest::prelude::*;

fn tag() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "loss",
        "val",
        "train",
        "accuracy",
        "epoch",
        "grad",
        "grad_norm",
        "gradients",
        "delta",
        "activations",
        "weight",
        "kernel",
        "bias",
        "rms",
        "update_ratio",
        "units/dead",
        "layer1",
        "layer2",
        "layers.10",
        "head",
        "lr",
        "total",
        "/",
        "/",
        ".",
        "_",
        " ",
    ]);
    prop_oneof![
        4 => prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat()),
        4 => (
            prop::sample::select(vec!["delta/rms", "gradient/rms", "weight/rms", "update_ratio", "units/dead", "grad_norm", "gain/weight"]),
            1..5,
        ).prop_map(|(what, layer)| format!("{what}/layer{layer}")),
        2 => prop::sample::select(vec!["loss", "validation/loss", "accuracy"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..3.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e-300, f64::MAX]),
    ]
}

fn series() -> impl Strategy<Value = Vec<(i64, f64)>> {
    prop_oneof![
        prop::collection::vec((any::<i64>(), number()), 0..8),
        (0i64..5, prop::collection::vec(number(), 0..30)).prop_map(|(first, numbers)| (first..).zip(numbers).collect()),
    ]
}

/// Tags of layers whose names may be none.
fn of_a_layer() -> impl Strategy<Value = String> {
    let what = prop::sample::select(vec!["units/dead", "update_ratio", "delta/rms", "grad_norm"]);
    let layer = prop_oneof!["[a-c./ \\[]{0,3}", "layer[12]"];
    (what, layer).prop_map(|(what, layer)| format!("{what}/{layer}"))
}

/// Names of operations, as programs make them of scopes, and any others.
fn operation() -> impl Strategy<Value = String> {
    prop_oneof!["(Net/)?(Linear\\[)?[a-c./ ]{0,4}(\\]/weight)?", "layer[12]/MatMul", any::<String>()]
}

proptest! {
    // Each writes files.
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn there_is_a_diagnosis_of_any_log_with_any_graph(
        records in prop::collection::vec((0usize..5, prop_oneof![tag(), of_a_layer(), of_a_layer()], series()), 0..16),
        operations in prop::collection::vec(operation(), 0..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let runs = ["run", "run", "run", "run/eval", "run/loss_val"];
        for name in &runs[2..] {
            let mut writer = Writer::create(&folder.path().join(name)).unwrap();
            let node = |name: &String| Node { name: name.clone(), op: "Dense".to_owned(), ..Node::default() };
            writer.graph(&Graph { nodes: operations.iter().map(node).collect() }).unwrap();
            for (_, tag, points) in records.iter().filter(|(run, ..)| runs[*run] == *name) {
                for (step, value) in points {
                    writer.scalar(*step, tag, *value as f32).unwrap();
                }
            }
            writer.close().unwrap();
        }
        let store = Store::open(folder.path());
        store.load();
        let diagnoses: Vec<_> = store.runs().iter().filter_map(|run| Some(diagnose(&evidence(&store, run)?))).collect();
        prop_assert!(diagnoses.iter().any(|diagnosis| diagnosis.run == "run"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn there_is_a_diagnosis_and_the_order_of_adding_does_not_matter(
        mut records in prop::collection::btree_map(tag(), series(), 0..16).prop_map(|records| records.into_iter().collect::<Vec<_>>()),
        turn in 0usize..16,
    ) {
        let diagnosis = |records: &[(String, Vec<(i64, f64)>)]| {
            let mut evidence = Evidence::new("run");
            for (tag, points) in records {
                evidence.add(tag, points.iter().copied());
            }
            diagnose(&evidence)
        };
        let first = diagnosis(&records);
        let turn = turn % records.len().max(1);
        records.rotate_left(turn);
        // NaN is not equal to itself.
        prop_assert_eq!(format!("{:?}", diagnosis(&records)), format!("{first:?}"));
        records.reverse();
        prop_assert_eq!(format!("{:?}", diagnosis(&records)), format!("{first:?}"));
    }
}
