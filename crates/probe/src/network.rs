//! The network record: what the network of a run is made of, in JSON.
//!
//! A run writes it once, before its first step. The diagnosis and the board take layers, their order, kinds and branches
//! from it. Without one, they are guessed from tags. `docs/network.schema.json` is its schema.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version that this crate writes and the newest one that it reads.
pub const VERSION: u32 = 1;
/// The tag of the record.
pub const TAG: &str = "network";

/// What the network of a run is made of.
///
/// ```
/// use headwater_probe::network::NetworkRecord;
///
/// let record = NetworkRecord::from_json(
///     r#"{ "version": 1, "output": "fc1", "nodes": [
///         { "name": "x", "kind": "input" },
///         { "name": "fc1", "kind": "dense", "module": "fc1", "inputs": ["x"],
///           "parameters": [{ "name": "weight", "shape": [784, 10] }, { "name": "bias", "shape": [10] }] }
///     ] }"#,
/// )?;
/// assert_eq!(record.layers(), ["fc1"]);
/// assert_eq!(record.parameters(), 7850);
/// # Ok::<(), headwater_probe::network::NetworkRecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Headwater network record")]
pub struct NetworkRecord {
    /// Version of the format: 1.
    pub version: u32,
    /// The operations in forward order: the inputs of a node are nodes before it.
    pub nodes: Vec<Node>,
    /// Name of the node that feeds the loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Unique name: any path, with slashes or dots (`layer3/activation`, `blocks.3.attn.proj`).
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// What exactly it computes, as the program that wrote the record names it: `leaky_relu(0.01)`, `Conv2d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    /// The module that it belongs to, by its path. Measures are recorded under the names of modules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Names of the nodes whose outputs it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// What it learns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Shape of its output; null for a length that is not fixed, such as the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<Option<usize>>>,
    /// Settings for people to read: the probability of a dropout, the name of a dataset.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// A tensor that an operation learns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// Name within the module: `weight`.
    pub name: String,
    /// Its shape; empty for a single number.
    pub shape: Vec<usize>,
}

/// What an operation does. A kind that this version does not know is kept as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Samples.
    Input,
    /// What the loss compares the output with.
    Labels,
    /// x W + b.
    Dense,
    /// An activation function, element by element.
    Activation,
    /// Batch normalisation.
    BatchNorm,
    /// Layer normalisation.
    LayerNorm,
    /// Dropout.
    Dropout,
    /// A sum of its inputs: the end of a skip connection.
    Add,
    /// The loss.
    Loss,
    /// Another one.
    #[serde(untagged)]
    Other(String),
}

/// Why a text is no network record.
#[derive(Debug, Error)]
pub enum NetworkRecordError {
    /// It is not JSON, or not of this form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A newer version wrote it.
    #[error("expected version {VERSION} or older, found {0}: a newer version of Headwater can read it")]
    Version(u32),
    /// Two nodes have one name.
    #[error("two nodes have the name {0:?}")]
    Twice(String),
    /// The input of a node is not a node before it.
    #[error("{node:?} takes {input:?}, which is not the name of a node before it")]
    Input {
        /// The node.
        node: String,
        /// What it takes.
        input: String,
    },
    /// The output is no node.
    #[error("the output {0:?} is not the name of a node")]
    Output(String),
}

impl NetworkRecord {
    /// A record of the version that this crate writes.
    pub fn new(nodes: Vec<Node>, output: Option<String>) -> Self {
        Self { version: VERSION, nodes, output }
    }

    /// Reads and checks a record.
    ///
    /// # Errors
    /// [`NetworkRecordError`].
    pub fn from_json(text: &str) -> Result<Self, NetworkRecordError> {
        /// Read first: other versions may have another form.
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let Head { version } = serde_json::from_str(text)?;
        if version > VERSION {
            return Err(NetworkRecordError::Version(version));
        }
        let record: Self = serde_json::from_str(text)?;
        let mut names = HashSet::with_capacity(record.nodes.len());
        for node in &record.nodes {
            if let Some(input) = node.inputs.iter().find(|input| !names.contains(input.as_str())) {
                return Err(NetworkRecordError::Input { node: node.name.clone(), input: input.clone() });
            }
            if !names.insert(node.name.as_str()) {
                return Err(NetworkRecordError::Twice(node.name.clone()));
            }
        }
        match &record.output {
            Some(output) if !names.contains(output.as_str()) => Err(NetworkRecordError::Output(output.clone())),
            _ => Ok(record),
        }
    }

    /// The record in JSON.
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists of them can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.nodes.iter().flat_map(|node| &node.parameters).map(Parameter::count).sum()
    }

    /// The modules that have weights, in forward order. Weights are parameters of two dimensions or more.
    pub fn layers(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let has_weights = |node: &&Node| node.parameters.iter().any(|parameter| parameter.shape.len() > 1);
        let modules = self.nodes.iter().filter(has_weights).filter_map(|node| node.module.as_deref());
        modules.filter(|module| seen.insert(*module)).collect()
    }

    /// The modules in forward order. A module stands where its first node does.
    pub fn modules(&self) -> Modules {
        let mut seen = HashSet::new();
        let modules = self.nodes.iter().filter_map(|node| node.module.as_deref());
        Modules(modules.filter(|module| seen.insert(*module)).map(str::to_owned).collect())
    }

    /// Whether a branch joins the main path somewhere: the network is no chain.
    pub fn has_joins(&self) -> bool {
        self.nodes.iter().any(|node| node.kind == Kind::Add && node.inputs.len() > 1)
    }

    /// Whether there are normalisations.
    pub fn has_norms(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.kind, Kind::BatchNorm | Kind::LayerNorm))
    }
}

/// The modules of a network in forward order, by their paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Modules(Vec<String>);

impl Modules {
    /// The order of these modules in the forward pass: the indices of `names` in that order. A module that contains others
    /// stands where the first of them does. None if a name is of no module.
    pub fn order<T: AsRef<str>>(&self, names: &[T]) -> Option<Vec<usize>> {
        let mut places = HashMap::new();
        for (place, module) in self.0.iter().enumerate() {
            places.entry(module.as_str()).or_insert(place);
            for (end, _) in module.match_indices(['.', '/']) {
                places.entry(&module[..end]).or_insert(place);
            }
        }
        let place = |name: &T| places.get(name.as_ref()).copied();
        let places: Vec<usize> = names.iter().map(place).collect::<Option<_>>()?;
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|index| places[*index]);
        Some(order)
    }
}

impl Parameter {
    /// The number of its elements.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The schema of network records.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(NetworkRecord).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two blocks in parallel, as a program of another language may write it.
    const FOREIGN: &str = r#"{ "version": 1, "output": "head", "writer": "somebody", "nodes": [
        { "name": "x", "kind": "input", "shape": [null, 3, 32, 32] },
        { "name": "stem", "kind": "conv", "op": "Conv2d", "module": "stem", "inputs": ["x"],
          "parameters": [{ "name": "weight", "shape": [16, 3, 3, 3] }] },
        { "name": "b.z", "kind": "conv", "module": "blocks.1.z", "inputs": ["stem"],
          "parameters": [{ "name": "weight", "shape": [16, 16, 3, 3] }] },
        { "name": "b.n", "kind": "batch_norm", "module": "blocks.1.norm", "inputs": ["b.z"],
          "parameters": [{ "name": "weight", "shape": [16] }, { "name": "bias", "shape": [16] }] },
        { "name": "b.a", "kind": "conv", "module": "blocks.1.a", "inputs": ["b.n"],
          "parameters": [{ "name": "weight", "shape": [16, 16, 3, 3] }] },
        { "name": "sum", "kind": "add", "module": "blocks.1", "inputs": ["stem", "b.a"] },
        { "name": "head", "kind": "dense", "module": "head", "inputs": ["sum"],
          "parameters": [{ "name": "weight", "shape": [10, 16] }, { "name": "scale", "shape": [] }] }
    ] }"#;

    #[test]
    fn layers_their_order_and_the_joins_of_branches_are_in_the_record() {
        let record = NetworkRecord::from_json(FOREIGN).unwrap();
        assert_eq!(record.layers(), ["stem", "blocks.1.z", "blocks.1.a", "head"]);
        assert_eq!(record.parameters(), 432 + 2 * 2304 + 32 + 161);
        assert!(record.has_joins() && record.has_norms());
        assert_eq!(record.modules().order(&["head", "blocks.1.a", "blocks.1", "stem"]), Some(vec![3, 2, 1, 0]));
        assert_eq!(record.modules().order(&["head", "nose"]), None);
        assert_eq!(record.nodes[1].kind, Kind::Other("conv".to_owned()));
    }

    #[test]
    fn what_is_written_is_read_and_unknown_kinds_stay_as_they_are() {
        let record = NetworkRecord::from_json(FOREIGN).unwrap();
        assert_eq!(NetworkRecord::from_json(&record.to_json()).unwrap(), record);
        assert!(record.to_json().contains(r#""kind":"conv""#), "{}", record.to_json());
    }

    #[test]
    fn what_is_wrong_with_a_record_is_said() {
        for (from, to, message) in [
            (r#""version": 1"#, r#""version": 2"#, "expected version 1 or older, found 2"),
            (r#""name": "b.z""#, r#""name": "stem""#, r#"two nodes have the name "stem""#),
            (r#"["sum"]"#, r#"["some"]"#, r#""head" takes "some", which is not the name of a node before it"#),
            (r#"["x"]"#, r#"["head"]"#, r#""stem" takes "head""#),
            (r#""output": "head""#, r#""output": "tail""#, r#"the output "tail" is not"#),
            (r#""name": "sum","#, "", "missing field `name`"),
            (r#""nodes""#, r#""knots""#, "missing field `nodes`"),
        ] {
            assert!(FOREIGN.contains(from), "{from}");
            let error = NetworkRecord::from_json(&FOREIGN.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
