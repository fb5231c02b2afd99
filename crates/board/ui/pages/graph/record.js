// The network record of a run (docs/network.schema.json): as layers from the input to the loss, and as operations.

/** @typedef {import("./network.js").GraphNode} GraphNode */
/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {import("./network.js").Network} Network */

/**
 * @typedef {object} RecordNode  An operation.
 * @property {string} name
 * @property {string} kind
 * @property {string} [op]  What exactly it computes: "leaky_relu(0.01)".
 * @property {string} [module]  Path of the module that it belongs to.
 * @property {string[]} [inputs]  Names of nodes before it.
 * @property {{name: string, shape: number[]}[]} [parameters]
 * @property {(number|null)[]} [shape]  Of its output; null where a length is not fixed.
 * @property {Record<string, string>} [attributes]
 */

/**
 * @typedef {object} NetworkRecord
 * @property {number} version
 * @property {RecordNode[]} nodes  In forward order.
 * @property {string} [output]  The node that feeds the loss.
 */

/** What kinds are called where no operation is named. @type {Record<string, string>} */
const NAMES = { dense: "Dense", batch_norm: "BatchNorm", layer_norm: "LayerNorm", dropout: "Dropout", add: "Add" };

/** @param {RecordNode} node */
const nameOf = (node) => node.op ?? NAMES[node.kind] ?? node.kind;

/** @param {number[]} shape */
const size = (shape) => shape.reduce((product, length) => product * length, 1);

/** @param {RecordNode} node */
const parametersOf = (node) => (node.parameters ?? []).reduce((sum, { shape }) => sum + size(shape), 0);

/** A length that is not fixed is -1. @param {(number|null)[]|undefined} shape */
const lengths = (shape) => shape?.map((length) => length ?? -1) ?? null;

/** @param {RecordNode} node */
const weightsOf = (node) => node.parameters?.find(({ shape }) => shape.length > 1)?.shape ?? null;

/**
 * Modules with weights are layers. Operations of other modules belong to the layer before them, as an activation does to
 * the layer whose output it takes.
 *
 * @param {NetworkRecord} record
 * @returns {Network}
 */
export function networkOf({ nodes }) {
  const weighed = new Set(nodes.filter((node) => weightsOf(node) !== null).map(({ module }) => module));
  /** @type {Map<string, Layer>} */
  const layers = new Map();
  /** @type {Map<string, Layer|null>} The layer of each node; null for the input. */
  const layerOf = new Map();
  /** @type {Map<string, {from: string, to: string}>} */
  const skips = new Map();
  /** @type {Layer|null} */
  let last = null;
  let parameters = 0;
  for (const node of nodes) {
    parameters += parametersOf(node);
    if (node.kind === "input" || node.kind === "labels" || node.kind === "loss") {
      if (node.kind === "input") layerOf.set(node.name, null);
      continue;
    }
    if (node.module !== undefined && weighed.has(node.module)) {
      last = layers.get(node.module) ?? {
        name: node.module,
        operations: [],
        weights: null,
        output: null,
        parameters: 0,
      };
      layers.set(node.module, last);
    }
    if (last === null) continue;
    last.operations.push(nameOf(node));
    last.weights ??= weightsOf(node);
    last.output = lengths(node.shape) ?? last.output;
    last.parameters += parametersOf(node);
    layerOf.set(node.name, last);
    for (const skip of skipsTo(node, last, [...layers.keys()], layerOf)) skips.set(`${skip.from} ${skip.to}`, skip);
  }
  const input = nodes.find(({ kind }) => kind === "input");
  return {
    dataset: input?.attributes?.dataset ?? null,
    input: lengths(input?.shape),
    layers: [...layers.values()],
    skips: [...skips.values()],
    loss: nodes.find(({ kind }) => kind === "loss")?.op ?? null,
    parameters,
  };
}

/**
 * The connections to a node that are not those of the chain.
 *
 * @param {RecordNode} node
 * @param {Layer} layer  Its own.
 * @param {string[]} names  Of the layers so far.
 * @param {Map<string, Layer|null>} layerOf
 */
function* skipsTo(node, layer, names, layerOf) {
  const place = names.indexOf(layer.name);
  // What multiplies by weights takes what the layer below gives on.
  const last = weightsOf(node) !== null ? place - 2 : place - 1;
  for (const input of node.inputs ?? []) {
    const source = layerOf.get(input);
    const from = source ? names.indexOf(source.name) : -1;
    if (source !== undefined && from <= last) yield { from: source?.name ?? "input", to: layer.name };
  }
}

/**
 * The operations, each parameter as one of its own.
 *
 * @param {NetworkRecord} record
 * @returns {GraphNode[]}
 */
export function operationsOf({ nodes }) {
  return nodes.flatMap((node) => {
    const shape = lengths(node.shape);
    const variables = (node.parameters ?? []).map((parameter) => ({
      name: `${node.module ?? node.name}/${parameter.name}`,
      op: "Variable",
      device: "",
      inputs: /** @type {string[]} */ ([]),
      shapes: [parameter.shape],
      attrs: {},
    }));
    const inputs = [...(node.inputs ?? []), ...variables.map(({ name }) => name)];
    const shapes = shape ? [shape] : [];
    return [
      ...variables,
      { name: node.name, op: nameOf(node), device: "", inputs, shapes, attrs: node.attributes ?? {} },
    ];
  });
}
