//! `/api/graph`: a graph of operations.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use headwater_events::{
    Datum, SeriesKind,
    proto::{Attribute, AttributeList, DataType, GraphDef, NodeDef, TensorShapeProto},
};
use prost::Message as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{beginning, of_kind, sample};
use crate::{Board, error::ApiError, extract::Query, work::Wanted};

/// Bytes of an attribute that are shown.
const LONGEST: usize = 1000;
/// How many elements of a list are shown.
const MOST_ELEMENTS: usize = 50;
/// Bytes of an answer, at most.
const MOST_BYTES: usize = 64 << 20;
/// The attribute in which writers put the shapes of a node's outputs.
const OUTPUT_SHAPES: &str = "_output_shapes";

#[derive(Debug, Deserialize)]
pub(super) struct Params {
    run: String,
    tag: String,
}

/// `GET /api/graph`.
pub(super) async fn graph(State(board): State<Arc<Board>>, Query(params): Query<Params>) -> Result<Response, ApiError> {
    board.long(move |board, wanted| answer(board, &params, wanted)).await
}

fn answer(board: &Board, params: &Params, wanted: &Wanted) -> Result<Response, ApiError> {
    let Params { run, tag } = params;
    let series = of_kind(board, run, tag, SeriesKind::Graph)?;
    // Of several the last: a training that was begun anew wrote it again.
    let datum = sample(&series, series.len().saturating_sub(1))?.datum;
    let no_graph = |reason: String| ApiError::internal(format!("\"{tag}\" of run \"{run}\" is no graph: {reason}"));
    let bytes = match datum {
        Ok(Datum::Bytes(bytes)) => bytes,
        Ok(_) => return Err(no_graph("it is of another kind".to_owned())),
        Err(error) => return Err(ApiError::internal(error.to_string())),
    };
    let graph = GraphDef::decode(&bytes[..]).map_err(|error| no_graph(error.to_string()))?;
    let count = graph.node.len();
    let nodes = nodes(graph, MOST_BYTES, wanted)?.ok_or_else(|| {
        let most = MOST_BYTES >> 20;
        let message = format!("the {count} nodes of \"{tag}\" of run \"{run}\" are more than {most} MiB");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    })?;
    let body = format!("{{\"generation\":{},\"nodes\":{nodes}}}", series.generation());
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The nodes in JSON, written one by one: as values, all of them would take several times as much memory. None if they
/// have more than `most` bytes.
fn nodes(graph: GraphDef, most: usize, wanted: &Wanted) -> Result<Option<String>, ApiError> {
    let mut nodes = String::from("[");
    for (index, one) in graph.node.into_iter().enumerate() {
        wanted.check()?;
        let comma = if index > 0 { "," } else { "" };
        nodes.push_str(&format!("{comma}{}", node(one)));
        if nodes.len() >= most {
            return Ok(None);
        }
    }
    nodes.push(']');
    Ok(Some(nodes))
}

fn node(node: NodeDef) -> Value {
    let mut shapes = Vec::new();
    let mut attributes = Map::new();
    for (name, attribute) in node.attr {
        match attribute.value {
            Some(Attribute::List(list)) if name == OUTPUT_SHAPES => shapes = list.shape.iter().map(dims).collect(),
            Some(Attribute::Shape(shape)) if name == OUTPUT_SHAPES => shapes = vec![dims(&shape)],
            value => {
                attributes.insert(name, json!(value.map_or("...".to_owned(), |value| short(words(&value)))));
            }
        }
    }
    json!({
        "name": node.name,
        "op": node.op,
        "device": node.device,
        "inputs": node.input,
        "shapes": shapes,
        "attrs": attributes,
    })
}

fn dims(shape: &TensorShapeProto) -> Vec<i64> {
    shape.dim.iter().map(|dim| dim.size).collect()
}

/// An attribute for people to read.
fn words(attribute: &Attribute) -> String {
    match attribute {
        Attribute::S(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Attribute::I(number) => number.to_string(),
        Attribute::F(number) => number.to_string(),
        Attribute::B(truth) => truth.to_string(),
        Attribute::Type(number) => type_name(*number),
        Attribute::Shape(shape) if shape.unknown_rank => "unknown".to_owned(),
        Attribute::Shape(shape) => format!("{:?}", dims(shape)),
        Attribute::List(list) => list_words(list),
    }
}

fn list_words(list: &AttributeList) -> String {
    let strings = list.s.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let elements = strings
        .chain(list.i.iter().map(i64::to_string))
        .chain(list.f.iter().map(f32::to_string))
        .chain(list.b.iter().map(bool::to_string))
        .chain(list.r#type.iter().map(|number| type_name(*number)))
        .chain(list.shape.iter().map(|shape| format!("{:?}", dims(shape))));
    let mut elements: Vec<String> = elements.take(MOST_ELEMENTS + 1).collect();
    if elements.len() > MOST_ELEMENTS {
        elements.truncate(MOST_ELEMENTS);
        elements.push("...".to_owned());
    }
    format!("[{}]", elements.join(", "))
}

fn type_name(number: i32) -> String {
    DataType::try_from(number).map_or_else(|_| format!("type {number}"), |known| format!("{known:?}").to_lowercase())
}

fn short(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(beginning(&text, LONGEST).len());
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use headwater_events::{Graph, Node};

    use super::*;
    use crate::data::testing::Logs;

    #[test]
    fn our_own_graph_is_given_node_by_node() {
        let logs = Logs::written(|writer| {
            let input = Node {
                name: "<b>input".to_owned(),
                op: "Placeholder".to_owned(),
                inputs: Vec::new(),
                output_shape: Some(vec![-1, 10]),
                attributes: vec![("dataset".to_owned(), "mnist".to_owned())],
            };
            let layer = Node {
                name: "layer1".to_owned(),
                op: "Dense".to_owned(),
                inputs: vec!["<b>input".to_owned()],
                ..input.clone()
            };
            writer.graph(&Graph { nodes: vec![input, layer] }).unwrap();
        });
        let nodes = logs.get("/graph?run=run&tag=__run_graph__").json()["nodes"].clone();
        assert_eq!((&nodes[0]["name"], &nodes[0]["op"]), (&json!("<b>input"), &json!("Placeholder")));
        assert_eq!((&nodes[0]["shapes"], &nodes[0]["attrs"]), (&json!([[-1, 10]]), &json!({ "dataset": "mnist" })));
        assert_eq!(nodes[1]["inputs"], json!(["<b>input"]));
    }

    #[test]
    fn a_graph_that_is_too_large_is_refused() {
        let graph = GraphDef { node: vec![NodeDef::default(); 3], ..GraphDef::default() };
        let of = |most: usize| nodes(graph.clone(), most, &Wanted::always()).unwrap();
        let all = of(usize::MAX).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&all).unwrap().as_array().unwrap().len(), 3);
        assert_eq!((of(all.len()), of(all.len() - 1)), (Some(all), None));
    }

    #[test]
    fn graphs_of_other_frameworks_are_read() {
        let logs = Logs::foreign();
        for run in ["pytorch", "tensorflow/one", "tensorflow/two"] {
            let tags = logs.tags(run, SeriesKind::Graph);
            assert!(!tags.is_empty(), "{run}");
            for tag in tags {
                let answer = logs.get(&format!("/graph?run={run}&tag={tag}")).json();
                let nodes = answer["nodes"].as_array().unwrap();
                assert!(nodes.len() > 1 && nodes.iter().all(|node| node["name"] != ""), "{run}: {answer}");
            }
        }
        let pytorch = logs.get("/graph?run=pytorch&tag=__run_graph__").json();
        let nodes = pytorch["nodes"].as_array().unwrap();
        let linear = nodes.iter().find(|node| node["op"] == "aten::linear").unwrap();
        assert_eq!((&linear["shapes"], linear["inputs"].as_array().unwrap().len()), (&json!([[1, 1]]), 3));
        logs.get("/graph?run=pytorch&tag=weights").error(400);
    }

    #[test]
    fn attributes_are_words_of_bounded_length() {
        let list = AttributeList { i: (0..1000).collect(), ..AttributeList::default() };
        let words_of_list = words(&Attribute::List(list));
        assert!(words_of_list.starts_with("[0, 1, ") && words_of_list.ends_with("49, ...]"), "{words_of_list}");
        assert_eq!(words(&Attribute::Type(1)), "float");
        assert_eq!(words(&Attribute::Type(77)), "type 77");
        assert_eq!(words(&Attribute::Shape(TensorShapeProto::of(&[2, -1]))), "[2, -1]");
        assert!(short("é".repeat(2000)).len() <= LONGEST + 3);
    }
}
