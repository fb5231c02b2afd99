//! `headwater glossary`.

use crate::program::{headwater, outcome};

#[test]
fn a_term_is_explained_under_its_name_here_and_elsewhere() {
    for word in [&["pre-activation"][..], &["Z"], &["weight.grad"], &["mean", "absolute", "gradient"]] {
        let outcome = outcome(headwater(["glossary"]).args(word)).success();
        assert!(outcome.stdout.contains("(term)"), "{word:?}: {}", outcome.stdout);
    }
    assert!(outcome(&mut headwater(["help", "attenuation"])).success().stdout.contains("last layer divided by"));
}

#[test]
fn all_terms_are_listed_and_an_unknown_one_is_an_error_that_names_the_nearest() {
    let all = outcome(&mut headwater(["glossary"])).success().stdout;
    assert!(all.lines().count() > 25 && all.contains("fan-in, fan-out"), "{all}");
    let refused = outcome(&mut headwater(["glossary", "atenuation"]));
    assert_eq!(refused.code, Some(2));
    let error = refused.stderr;
    assert!(error.contains("(did you mean \"attenuation\"?)"), "{error}");
}
