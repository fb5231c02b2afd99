//! The network as `TensorBoard`'s Graphs page and the board's Graph page draw it: a box for each layer, with everything
//! that a layer computes, in the order of its forward pass.

use headwater_data::Dataset;
use headwater_events::{Graph, Node};
use headwater_nn::{BranchScale, Layer, Network, Norm, Place};
use headwater_probe::tags;

use crate::Config;

/// The nodes of a network, from the input to the loss.
pub(super) fn graph(config: &Config, dataset: &Dataset, network: &Network) -> Graph {
    let batch = config.train.batch_size;
    let mut input = node("input", "Placeholder", &[], &[batch, network.inputs()]);
    input.attributes.push(("dataset".to_owned(), dataset.name.clone()));
    let mut nodes = vec![input];
    let mut ends: Vec<Ends> = Vec::with_capacity(network.layers().len());
    for (index, layer) in network.layers().iter().enumerate() {
        let below = ends.last().map_or("input", |below| &below.output);
        let ends_here = layer_nodes(layer, &tags::layer(index), batch, below, &ends, &mut nodes);
        ends.push(ends_here);
    }
    let output = ends.last().map_or("input", |last| &last.output);
    nodes.push(node("labels", "Placeholder", &[], &[batch]));
    nodes.push(node("loss", &config.network.loss.to_string(), &[output, "labels"], &[]));
    Graph { nodes }
}

/// The nodes of a layer from which others begin.
struct Ends {
    /// What a pre-activation skip connection carries on: the sum, or the product where no skip ends.
    stream: String,
    /// What the next layer takes, and a post-activation skip connection.
    output: String,
}

/// Adds the nodes of one layer. `below`: what its product takes; `ends`: of the layers before it.
fn layer_nodes(layer: &Layer, name: &str, batch: usize, below: &str, ends: &[Ends], nodes: &mut Vec<Node>) -> Ends {
    let (inputs, outputs) = (layer.inputs(), layer.outputs());
    let rows = [batch, outputs];
    let mut parts = Parts { name, nodes };
    let weights = parts.add("weights", "Variable", &[], &[inputs, outputs]);
    let bias = parts.add("bias", "Variable", &[], &[outputs]);
    let mut last = parts.add("preactivation", "Dense", &[below, &weights, &bias], &rows);

    let skip = |place| layer.shape().skip.filter(|skip| skip.place == place);
    if let Some(skip) = skip(Place::PreActivation) {
        last = parts.join(&ends[skip.source].stream, &last, skip.scale, &rows);
    }
    let stream = last.clone();
    if let Some(norm) = layer.shape().norm {
        let gamma = parts.add("gamma", "Variable", &[], &[outputs]);
        let beta = parts.add("beta", "Variable", &[], &[outputs]);
        let op = match norm {
            Norm::Batch => "BatchNorm",
            Norm::Layer => "LayerNorm",
        };
        last = parts.add("norm", op, &[&last, &gamma, &beta], &rows);
    }
    if let Some(skip) = skip(Place::PostActivation) {
        last = parts.join(&ends[skip.source].output, &last, skip.scale, &rows);
    }
    last = parts.add("activation", &layer.activation().to_string(), &[&last], &rows);
    let dropout = layer.shape().dropout;
    if dropout > 0.0 {
        last = parts.add("dropout", "Dropout", &[&last], &rows);
        if let Some(node) = parts.nodes.last_mut() {
            node.attributes.push(("probability".to_owned(), dropout.to_string()));
        }
    }
    Ends { stream, output: last }
}

/// The nodes of one layer, in a box of its name.
struct Parts<'a> {
    name: &'a str,
    nodes: &'a mut Vec<Node>,
}

impl Parts<'_> {
    /// Adds a node, and returns its name.
    fn add(&mut self, part: &str, op: &str, inputs: &[&str], shape: &[usize]) -> String {
        let name = format!("{}/{part}", self.name);
        self.nodes.push(node(&name, op, inputs, shape));
        name
    }

    /// Adds the sum of a skip connection and the branch beside it, which is scaled.
    fn join(&mut self, carried: &str, branch: &str, scale: BranchScale, rows: &[usize]) -> String {
        match scale {
            BranchScale::One => self.add("skip", "Add", &[carried, branch], rows),
            BranchScale::InverseSqrtDepth => self.add("skip", "AddScaled", &[carried, branch], rows),
            BranchScale::ReZero => {
                let scale = self.add("branch_scale", "Variable", &[], &[]);
                self.add("skip", "AddScaled", &[carried, branch, &scale], rows)
            }
        }
    }
}

fn node(name: &str, op: &str, inputs: &[&str], shape: &[usize]) -> Node {
    Node {
        name: name.to_owned(),
        op: op.to_owned(),
        inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
        output_shape: Some(shape.iter().map(|length| length.cast_signed() as i64).collect()),
        attributes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
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
        let parameters = network.parameters().len();
        (graph(config, &dataset, &network), parameters)
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
