// The network in a graph that Headwater wrote: layers from the input to the loss, with shapes and parameter counts.

/**
 * @typedef {object} GraphNode  An operation, as the server tells it.
 * @property {string} name
 * @property {string} op
 * @property {string} device
 * @property {string[]} inputs  As written: "^" before a control dependency, ":1" behind for another output than the first.
 * @property {number[][]} shapes  Of its outputs; empty if not recorded.
 * @property {Record<string, string>} attrs
 */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string[]} operations  All that it computes, in order: "Dense", "BatchNorm", "relu", "Dropout".
 * @property {number[]|null} weights  Shape of the weights: inputs by outputs.
 * @property {number[]|null} output  Shape of what it gives on.
 * @property {number} parameters
 */

/**
 * @typedef {object} Network
 * @property {string|null} dataset
 * @property {number[]|null} input  Shape of what goes in.
 * @property {Layer[]} layers  The first one stands at the input.
 * @property {{from: string, to: string}[]} skips  Connections beside the chain.
 * @property {string|null} loss
 * @property {number} parameters
 */

/** The name of the node that an input is written for: without control mark and output number. @param {string} input */
export const target = (input) => input.replace(/^\^/, "").replace(/:\d+$/, "");

const LAYER = /^(layer\d+)\/(.+)$/;

/** @param {number[]} shape */
const size = (shape) => shape.reduce((product, length) => product * length, 1);

/**
 * The network of a graph, or null if the graph is another program's.
 *
 * @param {GraphNode[]} nodes
 * @returns {Network|null}
 */
export function network(nodes) {
  /** @type {Map<string, GraphNode[]>} */
  const parts = new Map();
  for (const node of nodes) {
    const found = LAYER.exec(node.name);
    if (!found) continue;
    const of = parts.get(found[1]);
    if (of) of.push(node);
    else parts.set(found[1], [node]);
  }
  const names = [...parts.keys()].sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
  const input = nodes.find((node) => node.name === "input");
  const weighed = names.every((name) => parts.get(name)?.some((node) => node.name === `${name}/weights`));
  if (names.length === 0 || !input || !weighed) return null;
  const layers = names.map((name) => layer(name, parts.get(name) ?? []));
  return {
    dataset: input.attrs.dataset ?? null,
    input: input.shapes[0] ?? null,
    layers,
    skips: skips(names, parts),
    loss: nodes.find((node) => node.name === "loss")?.op ?? null,
    parameters: layers.reduce((sum, one) => sum + one.parameters, 0),
  };
}

/**
 * @param {string} name
 * @param {GraphNode[]} nodes
 * @returns {Layer}
 */
function layer(name, nodes) {
  const variables = nodes.filter((node) => node.op === "Variable");
  const operations = nodes.filter((node) => node.op !== "Variable");
  const weights = variables.find((node) => node.name === `${name}/weights`)?.shapes[0] ?? null;
  return {
    name,
    operations: operations.map((node) => node.op),
    weights,
    output: operations.at(-1)?.shapes[0] ?? null,
    parameters: variables.reduce((sum, node) => sum + (node.shapes[0] ? size(node.shapes[0]) : 0), 0),
  };
}

/**
 * @param {string[]} names  In order.
 * @param {Map<string, GraphNode[]>} parts
 */
function skips(names, parts) {
  /** @type {Map<string, {from: string, to: string}>} */
  const found = new Map();
  for (const [index, to] of names.entries()) {
    for (const node of parts.get(to) ?? []) {
      // Only the product takes what the layer below gives on.
      const last = node.inputs.some((text) => target(text) === `${to}/weights`) ? index - 2 : index - 1;
      for (const text of node.inputs) {
        const from = target(text).split("/")[0];
        const place = from === "input" ? -1 : names.indexOf(from);
        if ((from === "input" || place >= 0) && place <= last) found.set(`${from} ${to}`, { from, to });
      }
    }
  }
  return [...found.values()];
}

/** "[batch, 784]": the batch, whatever its length, is named. @param {number[]|null} shape */
export const batchShape = (shape) => (shape ? `[${["batch", ...shape.slice(1)].join(", ")}]` : "");

/** "[784, 10]" @param {number[]|null} shape */
export const shapeText = (shape) => (shape ? `[${shape.map((length) => (length < 0 ? "?" : length)).join(", ")}]` : "");

/**
 * Operations in lines of at most so many letters, or of one operation.
 *
 * @param {string[]} operations
 * @param {number} most
 * @returns {string[]}
 */
export function inLines(operations, most) {
  /** @type {string[]} */
  const lines = [];
  for (const operation of operations) {
    const longer = `${lines.at(-1)} · ${operation}`;
    if (lines.length > 0 && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(operation);
  }
  return lines;
}
