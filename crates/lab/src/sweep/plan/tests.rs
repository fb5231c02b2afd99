use std::fs;

use super::*;

fn load(text: &str, set: &[&str]) -> Result<Plan, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.toml");
    fs::write(&path, text).unwrap();
    let set = set.iter().map(|&assignment| assignment.to_owned()).collect();
    Plan::load(&path, &Overrides { set, ..Overrides::default() }).map_err(|error| error.to_string())
}

const GRID_KEYS: &str = "[sweep.keys]\nnetwork.depth = [2, 4]\n";

const GRID: &str = "network.width = 7\n[sweep.keys]\nnetwork.depth = [2, 4]\n'train.learning_rate' = [0.1, 1]\n";

#[test]
fn a_grid_is_every_combination() {
    let plan = load(GRID, &[]).unwrap();
    assert_eq!(plan.keys, ["network.depth", "train.learning_rate"]);
    let seen: Vec<_> = plan
        .trials
        .iter()
        .map(|trial| (trial.config.network.widths().len(), trial.config.train.learning_rate))
        .collect();
    assert_eq!(seen, [(2, 0.1), (2, 1.0), (4, 0.1), (4, 1.0)]);
    assert!(plan.trials.iter().all(|trial| trial.config.network.width == Some(7)));
    assert_eq!(plan.values(3), "network.depth = 4, train.learning_rate = 1");
    let names: Vec<_> = plan.runs().into_iter().map(|run| run.name).collect();
    assert_eq!(names, ["0000", "0001", "0002", "0003"]);
}

#[test]
fn scenarios_see_the_same_values_and_seeds_count_up() {
    let scenarios = "[[scenario]]\nname = 'a'\n[[scenario]]\nname = 'b'\nnetwork.activation = 'relu'\n";
    let plan = load(&format!("{GRID}[sweep]\nseeds = 2\n{scenarios}"), &["train.seed=5"]).unwrap();
    assert_eq!(plan.trials.len(), 8);
    assert_eq!(plan.trials[0].values, plan.trials[1].values);
    let runs = plan.runs();
    assert_eq!((runs[2].name.as_str(), runs[3].name.as_str()), ("b/0001/seed-5", "b/0001/seed-6"));
    assert_eq!((runs[3].trial, runs[3].seed), (1, 6));
}

#[test]
fn what_is_read_is_what_was_written_to_the_last_bit() {
    let text = "[sweep]\nmethod = 'latin_hypercube'\ntrials = 50\nseed = 3\n[sweep.keys]\n\
        train.learning_rate = { log = [1e-5, 1] }\nnetwork.hidden = [[3], [4, 5]]\nnetwork.activation = ['relu', 'tanh']\n";
    let plan = load(text, &[]).unwrap();
    assert_eq!(Plan::parse(&plan.text().unwrap()).unwrap(), plan);
    assert_eq!(load(text, &[]).unwrap(), plan);
    let other = load(text, &["sweep.seed=4"]).unwrap();
    assert!(plan.difference(&other).unwrap().starts_with("trial 0: "), "{:?}", plan.difference(&other));
    assert_eq!(plan.difference(&plan), None);
}

#[test]
fn the_old_name_of_the_learning_rate_schedule_is_read_in_plans_and_refused_in_experiments() {
    let base = "[train]\nlr_schedule = 'cosine(0)'\n";
    let swept = "[sweep.keys]\n'train.lr_schedule' = ['constant', 'cosine(0.1)']\n";
    for text in [format!("{base}{GRID_KEYS}"), format!("{base}{swept}")] {
        let plan = load(&text, &[]).unwrap();
        let old = plan.text().unwrap().replace("lr_schedule", "decay");
        assert!(old.contains("decay"), "{old}");
        assert_eq!(Plan::parse(&old).unwrap(), plan);
        let refused = load(&text.replace("lr_schedule", "decay"), &[]).unwrap_err();
        assert!(refused.contains("\"train.decay\" (did you mean \"train.lr_schedule\"?)"), "{refused}");
    }
}

#[test]
fn a_plan_that_was_written_by_other_hands_is_checked_and_the_error_says_where() {
    let scenarios = "[[scenario]]\nname = 'a'\n[[scenario]]\nname = 'b'\nnetwork.activation = 'relu'\n";
    let text = load(&format!("{GRID}{scenarios}"), &[]).unwrap().text().unwrap();
    for (from, to, parts) in [
        ("\"a\"", "\"../../victim\"", &["scenario 0", "\"../../victim\" cannot be the name of a folder"][..]),
        ("\"a\"", "\"b\"", &["scenario 1", "\"b\" is there twice"]),
        ("values = [2, 0.1]", "values = [2]", &["trial 0", "each of 2 keys, found 1 values"]),
        ("values = [4, 1]", "values = [4, 1, 3]", &["trial 6", "each of 2 keys, found 3 values"]),
        ("seeds = 1", "seeds = 0", &["seeds: expected at least 1"]),
        ("seeds = 1", "seeds = 4294967295", &["34359738360 runs", "at most 100000"]),
    ] {
        assert!(text.contains(from), "{text}");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(Plan::FILE_NAME), text.replace(from, to)).unwrap();
        let error = Plan::read(folder.path()).unwrap_err().to_string();
        for part in ["plan.toml"].iter().chain(parts) {
            assert!(error.contains(part), "{to}: {error}");
        }
    }
}

#[test]
fn a_flag_holds_a_swept_key_at_one_value_and_can_change_the_section() {
    let plan = load(GRID, &["train.learning_rate=0.5"]).unwrap();
    assert_eq!(plan.keys, ["network.depth"]);
    assert!(plan.trials.iter().all(|trial| trial.config.train.learning_rate == 0.5));
    let random = load(GRID, &["sweep.method=random", "sweep.trials=7", "sweep.keys.network.depth={integers=[1,3]}"]);
    assert_eq!(random.unwrap().trials.len(), 7);
}

#[test]
fn only_a_sweep_that_records_all_has_histograms() {
    for (record, histograms) in [("results", false), ("scalars", false), ("all", true)] {
        let plan = load(GRID, &[&format!("sweep.record={record}")]).unwrap();
        assert_eq!(plan.trials[0].config.record.histograms, histograms);
    }
}

#[test]
fn a_trial_that_is_no_configuration_is_named_before_any_is_trained() {
    for (text, set, parts) in [
        ("train.steps = 3", &[][..], &["a section [sweep]"][..]),
        (
            "[network]\nhidden = [3]\n[sweep.keys]\nnetwork.depth = [2, 4]",
            &[],
            &["file.toml: trial 0 (network.depth = 2)", "keep one"],
        ),
        ("[sweep.keys]\ntrain.batch_size = [3, 0]", &[], &["trial 1", "train.batch_size: expected at least 1"]),
        ("[sweep.keys]\nnetwork.activation = ['relu', 'rleu']", &[], &["trial 1", "did you mean \"relu\""]),
        (
            "[sweep.keys]\nnetwork.depth = { uniform = [1, 9], points = 2 }",
            &[],
            &["network.depth: expected a whole number", "{ integers = [a, b] }"],
        ),
        (GRID, &["sweep.trails=3"], &["sweep.trails", "did you mean \"sweep.trials\""]),
        (GRID, &["sweep.seeds=100000"], &["400000 runs", "at most 100000"]),
        ("[sweep.keys]\ntrain.seed = { integers = [0, 99999] }\ntrain.steps = [1, 2]", &[], &["200000 combinations"]),
    ] {
        let error = load(text, set).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
