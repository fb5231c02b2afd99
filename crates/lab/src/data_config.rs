//! The part of a configuration that describes the data.

use headwater_data::{Missing, Request, Scale, Separator, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::as_text;

/// The dataset, how it is read and scaled, and its splits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// What is trained on: `mnist` (it is in the program), `blobs` or `circles`, or a path, from where the command is run: a
    /// folder of IDX files, a table (.csv, .tsv, .txt, .data), an .npz file.
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub source: Source,
    /// The column of a table that holds the label: its name, or its number from 1 if the table has no header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"label")]
    pub label: Option<String>,
    /// Columns of a table that are left out, such as names and identifiers. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// What separates the cells of a table: `comma`, `semicolon`, `tab` or `pipe`. Default: detected.
    #[serde(with = "as_text::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    #[schemars(example = &"semicolon")]
    pub separator: Option<Separator>,
    /// Whether the first row of a table names the columns. Default: detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = true)]
    pub header: Option<bool>,
    /// What happens to missing values (empty cells, NA, NaN, ? and null in a table, NaN in an .npz file): `refuse`, `drop`
    /// (the sample), or `mean` (of the input over the training samples). Default: refuse.
    #[serde(with = "as_text", skip_serializing_if = "is_default")]
    #[schemars(with = "String")]
    pub missing: Missing,
    /// Scales the inputs, fitted on the training samples: `none`, `minmax` (to 0..1) or `standardise` (mean 0, variance 1).
    /// Each column of a table has its own scale; the pixels of images share one. Default: none.
    #[serde(with = "as_text", skip_serializing_if = "is_default")]
    #[schemars(with = "String")]
    pub scale: Scale,
    /// Validation samples. Default: 5,000 of a source with a test set, or a tenth where that is less or there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 5000)]
    pub validation: Option<usize>,
    /// Test samples. Default: those of the source, or a sixth where it has no test set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 10_000)]
    pub test: Option<usize>,
    /// Seed of synthetic data, and of the split of a source that has no test set.
    pub seed: u64,
}

/// Leaves out default values, so that the record of a run that does not set them stays as it was.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl DataConfig {
    pub(crate) fn request(&self) -> Request {
        Request {
            label_column: self.label.clone(),
            ignore: self.ignore.clone(),
            separator: self.separator,
            header: self.header,
            missing: self.missing,
            scale: self.scale,
            validation: self.validation,
            test: self.test,
            seed: self.seed,
            ..Request::new(self.source.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reaches_the_request_and_survives_being_written() {
        let text = "source = \"table.csv\"\nlabel = \"y\"\nignore = [\"id\"]\nseparator = \"semicolon\"\nheader = false\n\
                    missing = \"mean\"\nscale = \"standardise\"\nvalidation = 3\ntest = 4\nseed = 5\n";
        let config: DataConfig = toml::from_str(text).unwrap();
        assert_eq!(toml::to_string(&config).unwrap(), text);
        let request = Request {
            source: Source::Table("table.csv".into()),
            label_column: Some("y".to_owned()),
            ignore: vec!["id".to_owned()],
            separator: Some(Separator::Semicolon),
            header: Some(false),
            missing: Missing::Mean,
            scale: Scale::Standardise,
            validation: Some(3),
            test: Some(4),
            seed: 5,
        };
        assert_eq!(config.request(), request);
    }

    #[test]
    fn what_is_not_chosen_is_not_written() {
        assert_eq!(toml::to_string(&DataConfig::default()).unwrap(), "source = \"mnist\"\nseed = 0\n");
    }

    #[test]
    fn choices_that_do_not_exist_are_named_with_those_that_do() {
        for (text, expected) in [
            ("scale = \"zscore\"", "unknown scale \"zscore\": expected none, minmax or standardise"),
            ("missing = \"zero\"", "unknown treatment of missing values \"zero\": expected refuse, mean or drop"),
            (
                "separator = \":\"",
                "unknown separator \":\": expected comma, semicolon, tab, pipe, or the character itself",
            ),
        ] {
            let message = toml::from_str::<DataConfig>(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
