//! A network record as the graph that `TensorBoard`'s Graphs page draws: a box for each module, and a node of its own for
//! each parameter.

use headwater_events::{Graph, Node};
use headwater_probe::network::{self, Kind, NetworkRecord};

/// The graph of a network that takes batches of this many samples.
pub(super) fn graph(record: &NetworkRecord, batch: usize) -> Graph {
    let mut nodes = Vec::new();
    for node in &record.nodes {
        let mut inputs = node.inputs.clone();
        for parameter in &node.parameters {
            let name = match &node.module {
                Some(module) => format!("{module}/{}", parameter.name),
                None => format!("{}/{}", node.name, parameter.name),
            };
            let shape = parameter.shape.iter().map(|&length| Some(length)).collect();
            inputs.push(name.clone());
            nodes.push(graph_node(name, "Variable".to_owned(), Vec::new(), Some(shape), batch));
        }
        let mut graph_node = graph_node(node.name.clone(), op(node), inputs, node.shape.clone(), batch);
        graph_node.attributes = node.attributes.clone().into_iter().collect();
        nodes.push(graph_node);
    }
    Graph { nodes }
}

/// What a node computes, in the words of other programs' graphs.
fn op(node: &network::Node) -> String {
    node.op.clone().unwrap_or_else(|| match &node.kind {
        Kind::Input | Kind::Labels => "Placeholder".to_owned(),
        Kind::Dense => "Dense".to_owned(),
        Kind::Activation => "Activation".to_owned(),
        Kind::BatchNorm => "BatchNorm".to_owned(),
        Kind::LayerNorm => "LayerNorm".to_owned(),
        Kind::Dropout => "Dropout".to_owned(),
        Kind::Add => "Add".to_owned(),
        Kind::Loss => "Loss".to_owned(),
        Kind::Other(name) => name.clone(),
    })
}

fn graph_node(name: String, op: String, inputs: Vec<String>, shape: Option<Vec<Option<usize>>>, batch: usize) -> Node {
    let length = |length: Option<usize>| length.unwrap_or(batch).cast_signed() as i64;
    let output_shape = shape.map(|shape| shape.into_iter().map(length).collect());
    Node { name, op, inputs, output_shape, attributes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use headwater_nn::Network;

    use super::*;
    use crate::recorder::network;
    use crate::{Experiment, Overrides};

    /// The graph of a network of blobs with these settings, and how many parameters the network has.
    fn graph_of(settings: &[&str]) -> (Graph, usize) {
        let mut set: Vec<String> =
            ["data.source=blobs", "network.depth=6", "network.width=8"].map(str::to_owned).into();
        set.extend(settings.iter().map(|&setting| setting.to_owned()));
        let experiment = Experiment::load("vanishing", &Overrides { set, ..Overrides::default() }).unwrap();
        let config = &experiment.scenarios[0].config;
        let dataset = headwater_data::load(&config.data.request()).unwrap();
        let shapes = config.network.shapes(dataset.classes);
        let network = Network::new(dataset.train.width(), &shapes, config.network.loss).unwrap();
        let record = network::record(config, &dataset, &network);
        assert_eq!(record.parameters(), network.parameters().len());
        assert_eq!(NetworkRecord::from_json(&record.to_json()).unwrap(), record);
        (graph(&record, config.train.batch_size), record.parameters())
    }

    fn variables(graph: &Graph) -> usize {
        let shapes =
            graph.nodes.iter().filter(|node| node.op == "Variable").filter_map(|node| node.output_shape.as_ref());
        shapes.map(|shape| shape.iter().map(|&length| length as usize).product::<usize>()).sum()
    }

    #[test]
    fn every_parameter_is_of_a_node_and_every_input_is_one() {
        for norm in ["", "network.norm=batch", "network.norm=layer"] {
            for residual in
                ["", "post(2)", "pre(2)", "post_scaled(2)", "pre_scaled(1)", "post_rezero(2)", "pre_rezero(2)"]
            {
                let residual = if residual.is_empty() { String::new() } else { format!("network.residual={residual}") };
                let all = [norm, &residual, "network.dropout=0.1"];
                let set: Vec<&str> = all.into_iter().filter(|setting| !setting.is_empty()).collect();
                let (graph, parameters) = graph_of(&set);
                assert_eq!(variables(&graph), parameters, "{norm} {residual}");
                let mut names = HashSet::new();
                for node in &graph.nodes {
                    assert!(node.inputs.iter().all(|input| names.contains(&**input) || input == "labels"), "{node:?}");
                    assert!(names.insert(&*node.name), "{node:?}");
                }
            }
        }
    }

    #[test]
    fn a_layer_computes_what_it_is_made_of_in_order() {
        let inputs = |settings: &[&str], name: &str| {
            let (graph, _) = graph_of(settings);
            graph.nodes.iter().find(|node| node.name == name).map(|node| node.inputs.join(" "))
        };
        let all = ["network.norm=batch", "network.residual=pre(2)", "network.dropout=0.1"];
        assert_eq!(inputs(&all, "layer3/skip").as_deref(), Some("layer1/preactivation layer3/preactivation"));
        assert_eq!(inputs(&all, "layer5/skip").as_deref(), Some("layer3/skip layer5/preactivation"));
        assert_eq!(inputs(&all, "layer3/norm").as_deref(), Some("layer3/skip layer3/gamma layer3/beta"));
        assert_eq!(inputs(&all, "layer3/activation").as_deref(), Some("layer3/norm"));
        assert_eq!(inputs(&all, "layer4/preactivation").as_deref(), Some("layer3/dropout layer4/weights layer4/bias"));
        let post = ["network.norm=layer", "network.residual=post_rezero(2)"];
        assert_eq!(inputs(&post, "layer3/skip").as_deref(), Some("layer1/activation layer3/norm layer3/branch_scale"));
        assert_eq!(inputs(&[], "layer2/skip"), None);
    }
}
