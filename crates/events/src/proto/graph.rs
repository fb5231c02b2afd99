//! `graph.proto`, `node_def.proto`, `attr_value.proto`, `versions.proto`: a graph of operations.

use std::collections::BTreeMap;

use super::TensorShapeProto;

/// A graph.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GraphDef {
    /// Nodes.
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<NodeDef>,
    /// Which version of `TensorFlow`'s operations it speaks of.
    #[prost(message, optional, tag = "4")]
    pub versions: Option<VersionDef>,
}

/// A version of `TensorFlow`'s graphs.
#[derive(Clone, PartialEq, prost::Message)]
pub struct VersionDef {
    /// Who wrote it.
    #[prost(int32, tag = "1")]
    pub producer: i32,
    /// Who may read it.
    #[prost(int32, tag = "2")]
    pub min_consumer: i32,
}

/// A node.
#[derive(Clone, PartialEq, prost::Message)]
pub struct NodeDef {
    /// Name; slashes group nodes into boxes.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Operation.
    #[prost(string, tag = "2")]
    pub op: String,
    /// Names of the nodes whose outputs it takes.
    #[prost(string, repeated, tag = "3")]
    pub input: Vec<String>,
    /// Where it runs.
    #[prost(string, tag = "4")]
    pub device: String,
    /// Attributes.
    #[prost(btree_map = "string, message", tag = "5")]
    pub attr: BTreeMap<String, AttributeValue>,
}

/// The value of an attribute.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttributeValue {
    /// The value.
    #[prost(oneof = "Attribute", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub value: Option<Attribute>,
}

/// The kinds of attribute.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Attribute {
    /// A list.
    #[prost(message, tag = "1")]
    List(AttributeList),
    /// A string.
    #[prost(bytes, tag = "2")]
    S(Vec<u8>),
    /// A whole number.
    #[prost(int64, tag = "3")]
    I(i64),
    /// A number.
    #[prost(float, tag = "4")]
    F(f32),
    /// A truth value.
    #[prost(bool, tag = "5")]
    B(bool),
    /// A [`super::DataType`].
    #[prost(enumeration = "super::DataType", tag = "6")]
    Type(i32),
    /// A shape.
    #[prost(message, tag = "7")]
    Shape(TensorShapeProto),
}

/// A list of values of one kind.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttributeList {
    /// Strings.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub s: Vec<Vec<u8>>,
    /// Whole numbers.
    #[prost(int64, repeated, tag = "3")]
    pub i: Vec<i64>,
    /// Numbers.
    #[prost(float, repeated, tag = "4")]
    pub f: Vec<f32>,
    /// Truth values.
    #[prost(bool, repeated, tag = "5")]
    pub b: Vec<bool>,
    /// [`super::DataType`]s.
    #[prost(enumeration = "super::DataType", repeated, tag = "6")]
    pub r#type: Vec<i32>,
    /// Shapes.
    #[prost(message, repeated, tag = "7")]
    pub shape: Vec<TensorShapeProto>,
}
