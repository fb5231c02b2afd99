//! `headwater reproduce`: published numbers beside measured ones.

use crate::program::{Running, headwater, outcome};

/// A claim that is measured in a moment.
const CHEAP: &str = "mean-field";

#[test]
fn without_a_claim_all_are_listed() {
    let text = outcome(&mut headwater(["reproduce"])).success().stdout;
    let lines = outcome(&mut headwater(["reproduce", "--json"])).success().json();
    assert!(lines.len() >= 12, "{}", lines.len());
    for claim in &lines {
        let id = claim["id"].as_str().unwrap();
        let (prefix, suffix) = (format!("{id} (about "), ")");
        assert!(text.lines().any(|line| line.starts_with(&prefix) && line.ends_with(suffix)), "{id}: {text}");
        assert!(claim["findings"].is_null(), "nothing has been measured of {id}");
        assert!(claim["runs"].as_u64() > Some(0) && claim["expected_seconds"].as_f64() > Some(0.0), "{claim}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn a_claim_is_told_with_its_source_its_numbers_and_a_verdict_on_each() {
    insta::assert_snapshot!("mean_field", outcome(&mut headwater(["reproduce", CHEAP])).success().stdout);
}

#[test]
fn a_claim_as_json_has_what_the_table_has() {
    let lines = outcome(&mut headwater(["reproduce", CHEAP, "--json"])).success().json();
    let [claim] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(claim["id"], CHEAP);
    let findings = claim["findings"].as_array().unwrap();
    let delta = findings.iter().find(|finding| finding["published"] == "0.236").unwrap();
    let measured = &delta["measured"];
    let number = |name: &str| measured[name].as_f64().unwrap();
    assert!(number("low") < number("value") && number("value") < number("high"), "{measured}");
    assert_eq!(measured["interval"]["from"], "bootstrap");
    assert_eq!(measured["interval"]["seeds"], 300);
    assert!(delta["rule"]["meets"].is_array(), "{delta}");
    assert_eq!(delta["verdict"], "agrees");
    let deviations = (number("value") - 0.236).abs() / number("standard_deviation");
    assert!((delta["deviations"].as_f64().unwrap() - deviations).abs() < 1e-9, "{delta}");
    assert_eq!((&claim["complete"], &claim["runs"]), (&true.into(), &600.into()));
}

#[test]
fn several_claims_are_measured_in_their_order_and_each_says_how_long_it_takes() {
    let outcome = outcome(&mut headwater(["reproduce", "norm-explosion", CHEAP, "norm-explosion", "--json"])).success();
    let ids: Vec<_> = outcome.json().into_iter().map(|claim| claim["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["norm-explosion", CHEAP]);
    assert!(outcome.stderr.starts_with("2 claims, about "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("8 runs, about ") && outcome.stderr.contains("600 runs, about "));
}

#[test]
fn ctrl_c_ends_it_with_what_is_known_and_code_130() {
    let mut program = Running::start(&mut headwater(["reproduce", CHEAP, "he", "article", "--json"]));
    let known: serde_json::Value = serde_json::from_str(&program.line()).unwrap();
    assert_eq!((&known["id"], &known["complete"]), (&CHEAP.into(), &true.into()));
    program.wait_for_stderr("measuring he");
    program.signal("INT");
    let outcome = program.wait();
    assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
    let [rest] = &outcome.json()[..] else { panic!("{}", outcome.stdout) };
    assert_eq!((&rest["id"], &rest["complete"]), (&"he".into(), &false.into()));
    assert!(outcome.stderr.contains("interrupted: 1 of 3 claims measured, and "), "{}", outcome.stderr);
}

#[test]
fn a_misspelt_claim_gets_the_nearest_one() {
    let outcome = outcome(&mut headwater(["reproduce", "mean-fields"]));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(outcome.stderr, @r#"error: there is no claim "mean-fields" (did you mean "mean-field"?); `headwater reproduce` lists the claims"#);
}
