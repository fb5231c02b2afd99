//! How it is known in which order layers stand.

use std::fmt;

use serde::Serialize;

/// How it is known in which order layers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Numbers and words in their names.
    #[default]
    Names,
    /// Their names do not tell all of it; they stand as their first records do.
    Records,
    /// The graph that was recorded.
    Graph,
    /// The network record.
    Network,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Names => "by their names",
            Self::Records => "by the order of their first records",
            Self::Graph => "by the graph that was recorded",
            Self::Network => "by the network record",
        })
    }
}
