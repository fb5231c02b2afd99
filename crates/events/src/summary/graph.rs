//! The graph of a network: a serialised `GraphDef` in an event of its own, for `TensorBoard`'s Graphs page.

use crate::proto::{Attribute, AttributeList, AttributeValue, GraphDef, NodeDef, TensorShapeProto, VersionDef};

/// The attribute from which `TensorBoard` takes the sizes that it writes along the edges.
const OUTPUT_SHAPES: &str = "_output_shapes";

/// The version of graphs that `TensorBoard`'s own writer for Keras models declares.
const PRODUCER: i32 = 22;

/// A graph of operations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// Nodes, in any order.
    pub nodes: Vec<Node>,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Unique name. Slashes group nodes into boxes: `layer1/weights`.
    pub name: String,
    /// What it does: `Dense`, `Sigmoid`, ...
    pub op: String,
    /// Names of the nodes whose outputs it takes.
    pub inputs: Vec<String>,
    /// Shape of its output, -1 where a length is not fixed (the batch). None if there is nothing to say.
    pub output_shape: Option<Vec<i64>>,
    /// Further names and texts, shown when the node is selected.
    pub attributes: Vec<(String, String)>,
}

impl Graph {
    /// The message of the Graphs page.
    pub(crate) fn to_proto(&self) -> GraphDef {
        GraphDef {
            node: self.nodes.iter().map(Node::to_proto).collect(),
            versions: Some(VersionDef { producer: PRODUCER, min_consumer: 0 }),
        }
    }
}

impl Node {
    fn to_proto(&self) -> NodeDef {
        let texts = self.attributes.iter().map(|(name, text)| (name.clone(), Attribute::S(text.clone().into_bytes())));
        let shape = self.output_shape.iter().map(|shape| {
            let shape = vec![TensorShapeProto::of(shape)];
            (OUTPUT_SHAPES.to_owned(), Attribute::List(AttributeList { shape, ..AttributeList::default() }))
        });
        NodeDef {
            name: self.name.clone(),
            op: self.op.clone(),
            input: self.inputs.clone(),
            device: String::new(),
            attr: texts.chain(shape).map(|(name, value)| (name, AttributeValue { value: Some(value) })).collect(),
        }
    }
}
