//! `headwater reproduce`: published numbers beside measured ones.

use crate::program::{headwater, outcome};

/// A claim that is measured in a moment.
const CHEAP: &str = "mean-field";

#[test]
fn without_a_claim_all_are_listed() {
    let text = outcome(&mut headwater(["reproduce"])).success().stdout;
    let lines = outcome(&mut headwater(["reproduce", "--json"])).success().json();
    assert!(lines.len() >= 12, "{}", lines.len());
    for claim in &lines {
        let id = claim["id"].as_str().unwrap();
        assert!(text.lines().any(|line| line == id), "{id}: {text}");
        assert!(claim["findings"].is_null(), "nothing has been measured of {id}");
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
}

#[test]
fn a_misspelt_claim_gets_the_nearest_one() {
    let outcome = outcome(&mut headwater(["reproduce", "mean-fields"]));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(outcome.stderr, @r#"error: there is no claim "mean-fields" (did you mean "mean-field"?); `headwater reproduce` lists the claims"#);
}
