//! The network record of a run, in the order of the forward pass: a module for each layer, with everything that it computes.

use std::collections::BTreeMap;

use headwater_data::Dataset;
use headwater_nn::{BranchScale, Layer, Network, Norm, Place};
use headwater_probe::network::{Kind, NetworkRecord, Node, Parameter};
use headwater_probe::tags;

use crate::Config;

/// The record of a network, from the input to the loss.
pub(super) fn record(config: &Config, dataset: &Dataset, network: &Network) -> NetworkRecord {
    let mut input = node("input", Kind::Input, &[], rows(network.inputs()));
    input.attributes.insert("dataset".to_owned(), dataset.name.clone());
    let mut nodes = vec![input];
    let mut ends: Vec<Ends> = Vec::with_capacity(network.layers().len());
    for (index, layer) in network.layers().iter().enumerate() {
        let below = ends.last().map_or("input", |below| &below.output);
        let ends_here = layer_nodes(layer, &tags::layer(index), below, &ends, &mut nodes);
        ends.push(ends_here);
    }
    let output = ends.pop().map_or_else(|| "input".to_owned(), |last| last.output);
    nodes.push(node("labels", Kind::Labels, &[], vec![None]));
    let mut loss = node("loss", Kind::Loss, &[&output, "labels"], Vec::new());
    loss.op = Some(config.network.loss.to_string());
    nodes.push(loss);
    NetworkRecord::new(nodes, Some(output))
}

/// The nodes of a layer from which others begin.
struct Ends {
    /// What a pre-activation skip connection carries on: the sum, or the product where no skip ends.
    stream: String,
    /// What the next layer takes, and a post-activation skip connection.
    output: String,
}

/// Adds the nodes of one layer. `below`: what its product takes; `ends`: of the layers before it.
fn layer_nodes(layer: &Layer, module: &str, below: &str, ends: &[Ends], nodes: &mut Vec<Node>) -> Ends {
    let (inputs, outputs) = (layer.inputs(), layer.outputs());
    let mut module = Module { name: module, outputs, nodes };
    let mut last = module.add("preactivation", Kind::Dense, &[below]);
    module.learns(&[("weights", &[inputs, outputs]), ("bias", &[outputs])]);

    let skip = |place| layer.shape().skip.filter(|skip| skip.place == place);
    if let Some(skip) = skip(Place::PreActivation) {
        last = module.join(&ends[skip.source].stream, &last, skip.scale);
    }
    let stream = last.clone();
    if let Some(norm) = layer.shape().norm {
        let kind = match norm {
            Norm::Batch => Kind::BatchNorm,
            Norm::Layer => Kind::LayerNorm,
        };
        last = module.add("norm", kind, &[&last]);
        module.learns(&[("gamma", &[outputs]), ("beta", &[outputs])]);
    }
    if let Some(skip) = skip(Place::PostActivation) {
        last = module.join(&ends[skip.source].output, &last, skip.scale);
    }
    last = module.add("activation", Kind::Activation, &[&last]);
    module.last().op = Some(layer.activation().to_string());
    let dropout = layer.shape().dropout;
    if dropout > 0.0 {
        last = module.add("dropout", Kind::Dropout, &[&last]);
        module.last().attributes.insert("probability".to_owned(), dropout.to_string());
    }
    Ends { stream, output: last }
}

/// The nodes of one layer.
struct Module<'a> {
    name: &'a str,
    outputs: usize,
    nodes: &'a mut Vec<Node>,
}

impl Module<'_> {
    /// Adds a node, and returns its name.
    fn add(&mut self, part: &str, kind: Kind, inputs: &[&str]) -> String {
        let name = format!("{}/{part}", self.name);
        let mut node = node(&name, kind, inputs, rows(self.outputs));
        node.module = Some(self.name.to_owned());
        self.nodes.push(node);
        name
    }

    /// The node that was added last.
    fn last(&mut self) -> &mut Node {
        self.nodes.last_mut().expect("a node was added before")
    }

    /// Sets what the node that was added last learns.
    fn learns(&mut self, parameters: &[(&str, &[usize])]) {
        let parameter =
            |(name, shape): &(&str, &[usize])| Parameter { name: (*name).to_owned(), shape: shape.to_vec() };
        self.last().parameters = parameters.iter().map(parameter).collect();
    }

    /// Adds the sum of a skip connection and the branch beside it, which is scaled.
    fn join(&mut self, carried: &str, branch: &str, scale: BranchScale) -> String {
        let name = self.add("skip", Kind::Add, &[carried, branch]);
        if scale != BranchScale::One {
            self.last().op = Some("AddScaled".to_owned());
        }
        if scale == BranchScale::ReZero {
            self.learns(&[("branch_scale", &[])]);
        }
        name
    }
}

/// The shape of a batch of rows.
fn rows(width: usize) -> Vec<Option<usize>> {
    vec![None, Some(width)]
}

fn node(name: &str, kind: Kind, inputs: &[&str], shape: Vec<Option<usize>>) -> Node {
    Node {
        name: name.to_owned(),
        kind,
        op: None,
        module: None,
        inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
        parameters: Vec::new(),
        shape: Some(shape),
        attributes: BTreeMap::new(),
    }
}
