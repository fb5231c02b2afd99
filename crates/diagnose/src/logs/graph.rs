//! In which order a recorded graph has the layers.

use std::collections::HashMap;

use headwater_events::{
    Datum, Run, SeriesKind,
    proto::{GraphDef, TensorProto},
};
use prost::Message as _;

/// The names of `layers` that a graph of the run has, in its order: that in which operations stand in it, which is that in
/// which they are done, or in which a program made them. Empty if there is no graph.
pub(super) fn layers(run: &Run, layers: &[String]) -> Vec<String> {
    if layers.len() < 2 {
        return Vec::new();
    }
    for series in run.series() {
        let is_keras = series.info().metadata.plugin == "graph_keras_model";
        if series.kind() != SeriesKind::Graph && !is_keras || series.is_empty() {
            continue;
        }
        let Some(Ok(Datum::Bytes(bytes))) = series.read(0..1).pop().map(|sample| sample.datum) else { continue };
        let scopes = Scopes::new(if is_keras { of_keras(&bytes) } else { of_operations(&bytes) });
        let mut found: Vec<(usize, &String)> =
            layers.iter().filter_map(|layer| Some((scopes.place(layer)?, layer))).collect();
        found.sort();
        if found.len() > 1 {
            return found.into_iter().map(|(_, layer)| layer.clone()).collect();
        }
    }
    Vec::new()
}

/// The scopes of the operations of a graph, indexed by the parts of their names.
struct Scopes {
    scopes: Vec<Vec<String>>,
    /// For each part of a scope's name, the indices of the scopes that have it, in ascending order.
    having: HashMap<String, Vec<usize>>,
}

impl Scopes {
    fn new(scopes: Vec<Vec<String>>) -> Self {
        let mut having: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, scope) in scopes.iter().enumerate() {
            for part in scope {
                let places = having.entry(part.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Self { scopes, having }
    }

    /// The index of a layer's first operation: the first scope that contains the layer's name, whatever is around it.
    fn place(&self, layer: &str) -> Option<usize> {
        let parts: Vec<&str> = layer.split(['/', '.']).filter(|part| !part.is_empty()).collect();
        let having = |part: &&str| self.having.get(*part).map_or(&[][..], Vec::as_slice);
        // The rarest part has the fewest scopes to check. A layer name without parts matches no scope.
        let rarest = parts.iter().map(having).min_by_key(|places| places.len())?;
        rarest.iter().copied().find(|&place| self.scopes[place].windows(parts.len()).any(|window| window == parts))
    }
}

/// The scopes of each operation that computes something, from the outermost in: `Net/Linear[fc1]/weight` is `fc1`,
/// `weight` in `PyTorch`, where the brackets hold the names of modules, and `layer1/weights/add` itself in `TensorFlow`.
fn of_operations(bytes: &[u8]) -> Vec<Vec<String>> {
    const NO_WORK: [&str; 10] = [
        "Const",
        "Placeholder",
        "VariableV2",
        "VarHandleOp",
        "Assign",
        "Identity",
        "IO Node",
        "Parameter",
        "ReadVariableOp",
        "NoOp",
    ];
    // A message that is none has no operations.
    let graph = GraphDef::decode(bytes).unwrap_or_default();
    let works = graph.node.into_iter().filter(|node| {
        !node.op.starts_with("prim::") && !NO_WORK.contains(&&*node.op) && !node.name.starts_with("gradients/")
    });
    let scope = |name: &str| {
        let scope = |part: &str| match part.split_once('[') {
            Some((_, inside)) => inside.trim_end_matches(']').to_owned(),
            None => part.to_owned(),
        };
        // Modules of modules: "Linear[0]" below "Sequential[layers]", or "Linear[layers.0]".
        name.split('/').map(scope).flat_map(|part| part.split('.').map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    works.map(|node| scope(&node.name)).collect()
}

/// The layers of a Keras model, which is a text in JSON: `config.layers`, each with a name and perhaps layers of its own.
fn of_keras(bytes: &[u8]) -> Vec<Vec<String>> {
    let tensor = TensorProto::decode(bytes).unwrap_or_default();
    let text = tensor.string_val.first().map_or(&[][..], |text| &text[..]);
    let model = serde_json::from_slice(text).unwrap_or_default();
    let mut scopes = Vec::new();
    walk(&model, &[], &mut scopes);
    scopes
}

fn walk(model: &serde_json::Value, above: &[String], scopes: &mut Vec<Vec<String>>) {
    for layer in model["config"]["layers"].as_array().into_iter().flatten() {
        let name = layer["config"]["name"].as_str().or(layer["name"].as_str()).unwrap_or_default();
        let mut scope = above.to_vec();
        scope.push(name.to_owned());
        if layer["config"]["layers"].is_array() {
            walk(layer, &scope, scopes);
        } else {
            scopes.push(scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_stands_where_its_name_does_and_one_without_a_name_nowhere() {
        let scopes: Vec<Vec<String>> = [&["Net", "fc1"][..], &["Net", "layers", "0", "weight"]]
            .iter()
            .map(|scope| scope.iter().map(|&part| part.to_owned()).collect())
            .collect();
        let scopes = Scopes::new(scopes);
        let places = ["fc1", "layers.0", "layers.1", "", ".", "/./"].map(|layer| scopes.place(layer));
        assert_eq!(places, [Some(0), Some(1), None, None, None, None]);
    }
}
