import assert from "node:assert/strict";
import { test } from "node:test";
import { along, scaleOf } from "../../ui/pages/graph/columns.js";
import { curve, layout, ranks } from "../../ui/pages/graph/layout.js";
import { batchShape, inLines, network, target } from "../../ui/pages/graph/network.js";
import { ancestors, openAtFirst, scopeTree, visible } from "../../ui/pages/graph/scopes.js";
import { networkOf, operationsOf } from "../../ui/pages/graph/record.js";
import { ends, THICK, THIN, thickness } from "../../ui/pages/graph/thickness.js";
import { fitted, opening, zoomed } from "../../ui/pages/graph/camera.js";

/**
 * @param {string} name
 * @param {string} op
 * @param {string[]} [inputs]
 * @param {number[][]} [shapes]
 * @param {Record<string, string>} [attrs]
 */
const node = (name, op, inputs = [], shapes = [], attrs = {}) => ({ name, op, device: "", inputs, shapes, attrs });

const OURS = [
  node("input", "Placeholder", [], [[50, 784]], { dataset: "mnist" }),
  node("layer1/weights", "Variable", [], [[784, 10]]),
  node("layer1/bias", "Variable", [], [[10]]),
  node("layer1/preactivation", "Dense", ["input", "layer1/weights", "layer1/bias"], [[50, 10]]),
  node("layer1/activation", "sigmoid", ["layer1/preactivation"], [[50, 10]]),
  node("layer2/weights", "Variable", [], [[10, 10]]),
  node("layer2/bias", "Variable", [], [[10]]),
  node("layer2/preactivation", "Dense", ["layer1/activation", "layer2/weights", "layer2/bias"], [[50, 10]]),
  node("layer2/activation", "softmax", ["layer2/preactivation"], [[50, 10]]),
  node("labels", "Placeholder", [], [[50]]),
  node("loss", "cross_entropy", ["layer2/activation", "labels"], [[]]),
];

test("our graph is read as layers with shapes, activations and parameter counts", () => {
  const found = network(OURS);
  assert.equal(found?.dataset, "mnist");
  assert.equal(found?.loss, "cross_entropy");
  assert.equal(found?.parameters, 784 * 10 + 10 + 110);
  assert.deepEqual(found?.layers[0], {
    name: "layer1",
    operations: ["Dense", "sigmoid"],
    weights: [784, 10],
    output: [50, 10],
    parameters: 7850,
  });
  assert.deepEqual(found?.skips, []);
  assert.equal(batchShape(found?.input ?? null), "[batch, 784]");
});

test("normalisation, skip connections and dropout are of their layer, with their parameters", () => {
  const layer2 = [
    node("layer2/weights", "Variable", [], [[10, 10]]),
    node("layer2/bias", "Variable", [], [[10]]),
    node("layer2/preactivation", "Dense", ["layer1/activation", "layer2/weights", "layer2/bias"], [[50, 10]]),
    node("layer2/branch_scale", "Variable", [], [[]]),
    node(
      "layer2/skip",
      "AddScaled",
      ["layer1/preactivation", "layer2/preactivation", "layer2/branch_scale"],
      [[50, 10]],
    ),
    node("layer2/gamma", "Variable", [], [[10]]),
    node("layer2/beta", "Variable", [], [[10]]),
    node("layer2/norm", "BatchNorm", ["layer2/skip", "layer2/gamma", "layer2/beta"], [[50, 10]]),
    node("layer2/activation", "relu", ["layer2/norm"], [[50, 10]]),
    node("layer2/dropout", "Dropout", ["layer2/activation"], [[50, 10]], { probability: "0.1" }),
  ];
  const found = network([...OURS.filter(({ name }) => !name.startsWith("layer2/")), ...layer2]);
  assert.deepEqual(found?.layers[1].operations, ["Dense", "AddScaled", "BatchNorm", "relu", "Dropout"]);
  assert.equal(found?.layers[1].parameters, 110 + 1 + 20);
  assert.deepEqual(found?.skips, [{ from: "layer1", to: "layer2" }]);
});

/**
 * A layer of a network record.
 *
 * @param {string} module
 * @param {string} input
 * @param {number[]} shape
 */
const dense = (module, input, shape) => ({
  name: `${module}/z`,
  kind: "dense",
  module,
  inputs: [input],
  parameters: [{ name: "weight", shape }],
  shape: [null, shape[1]],
});

/** A residual block whose modules have paths for names, with a normalisation that is a module of its own. */
const RECORD = {
  version: 1,
  output: "sum",
  nodes: [
    { name: "x", kind: "input", shape: [null, 4], attributes: { dataset: "blobs" } },
    dense("stem", "x", [4, 3]),
    { name: "stem/f", kind: "activation", op: "relu", module: "stem", inputs: ["stem/z"] },
    dense("blocks.0.fc1", "stem/f", [3, 3]),
    {
      name: "norm",
      kind: "batch_norm",
      module: "blocks.0.norm",
      inputs: ["blocks.0.fc1/z"],
      parameters: [{ name: "weight", shape: [3] }],
      shape: [null, 3],
    },
    dense("blocks.0.fc2", "norm", [3, 3]),
    { name: "sum", kind: "add", module: "blocks.0", inputs: ["stem/f", "blocks.0.fc2/z"], shape: [null, 3] },
    { name: "y", kind: "labels" },
    { name: "loss", kind: "loss", op: "mse", inputs: ["sum", "y"] },
  ],
};

test("a network record gives layers in forward order, whatever their names, with what follows them", () => {
  const found = networkOf(RECORD);
  assert.deepEqual(
    found.layers.map(({ name, operations, parameters }) => [name, operations.join(" "), parameters]),
    [
      ["stem", "Dense relu", 12],
      ["blocks.0.fc1", "Dense BatchNorm", 12],
      ["blocks.0.fc2", "Dense Add", 9],
    ],
  );
  assert.deepEqual(found.skips, [{ from: "stem", to: "blocks.0.fc2" }]);
  assert.deepEqual([found.parameters, found.loss, found.dataset, found.input], [33, "mse", "blobs", [-1, 4]]);
  assert.equal(batchShape(found.layers[0].output), "[batch, 3]");
});

test("the operations of a network record are its nodes, and each parameter is one", () => {
  const found = operationsOf(RECORD);
  assert.equal(found.length, RECORD.nodes.length + 4);
  assert.deepEqual(found.find(({ name }) => name === "norm")?.inputs, ["blocks.0.fc1/z", "blocks.0.norm/weight"]);
  assert.deepEqual(found.find(({ name }) => name === "blocks.0.norm/weight")?.shapes, [[3]]);
});

test("operations are broken into lines between them", () => {
  assert.deepEqual(inLines(["Dense", "sigmoid"], 15), ["Dense · sigmoid"]);
  assert.deepEqual(inLines(["Dense", "BatchNorm", "relu"], 17), ["Dense · BatchNorm", "relu"]);
  assert.deepEqual(inLines(["a_very_long_one", "relu"], 5), ["a_very_long_one", "relu"]);
  assert.deepEqual(inLines([], 5), []);
});

test("layer10 comes after layer9, and a connection that leaves layers out is a skip", () => {
  const nodes = [node("input", "Placeholder")];
  for (let i = 1; i <= 10; i += 1) {
    const below = i === 1 ? "input" : `layer${i - 1}/activation`;
    nodes.push(node(`layer${i}/weights`, "Variable", [], [[2, 2]]));
    const inputs = i === 10 ? [below, "layer10/weights", "layer7/activation"] : [below, `layer${i}/weights`];
    nodes.push(
      node(`layer${i}/preactivation`, "Dense", inputs),
      node(`layer${i}/activation`, "relu", [`layer${i}/preactivation`]),
    );
  }
  const found = network(nodes);
  assert.equal(found?.layers[9].name, "layer10");
  assert.deepEqual(found?.skips, [{ from: "layer7", to: "layer10" }]);
});

test("another program's graph is not taken for ours", () => {
  assert.equal(network([node("input", "IO"), node("Net/layer1/weight", "aten::t", ["input"])]), null);
  assert.equal(network([node("input", "IO"), node("layer1/kernel", "Variable")]), null);
});

test("an input's name loses its control mark and its output number", () => {
  assert.equal(target("^a/b"), "a/b");
  assert.equal(target("a/b:1"), "a/b");
});

test("thickness grows with the logarithm, between its ends; a dead gradient has none", () => {
  const scale = ends([1e-4, 1e-1, 0, Number.NaN]);
  assert.deepEqual(scale, { low: 1e-4, high: 1e-1 });
  assert.ok(scale);
  assert.equal(thickness(1e-1, scale), THICK);
  assert.equal(thickness(1e-4, scale), THIN);
  const steps = [1e-4, 1e-3, 1e-2, 1e-1].map((value) => thickness(value, scale));
  assert.ok(Math.abs(steps[1] - steps[0] - (steps[3] - steps[2])) < 1e-9);
  assert.equal(thickness(0, scale), 0);
  assert.equal(thickness(Number.NaN, scale), 0);
  assert.equal(ends([0, Number.NaN]), null);
});

test("gradients that hardly differ look alike", () => {
  const scale = ends([0.9, 1]);
  assert.ok(scale);
  assert.ok(thickness(0.9, scale) > 0.9 * THICK);
});

/** @param {number[]} steps @param {Record<string, number[]>} layers @returns {import("../../ui/lib/flow.js").Flow} */
const recorded = (steps, layers) => ({
  steps,
  layers: Object.keys(layers),
  values: Object.values(layers),
  whole: Object.values(layers).map((all) => ({ mean: all[0], records: all.length, zeros: 0, lost: 0 })),
  derived: false,
  generation: 0,
});

test("the gradient of a network's layers is that at a step, or that of the whole training", () => {
  const run = recorded([0, 10, 20], { layer1: [1, 2, 3], layer2: [4, 5, 6], other: [7, 8, 9] });
  const values = (/** @type {number|null} */ step) => along([run], ["layer1", "layer2", "layer3"], step).values;
  assert.deepEqual(values(15), [2, 5, Number.NaN]);
  assert.deepEqual(values(99), [3, 6, Number.NaN]);
  assert.deepEqual(values(-1), [Number.NaN, Number.NaN, Number.NaN]);
  assert.deepEqual(values(null), [1, 4, Number.NaN]);
  assert.deepEqual(along([], ["layer1"], null).values, [Number.NaN]);
  assert.equal(scaleOf([run])?.high, 9);
});

test("seeds at a step are averaged geometrically, and one dead seed is not averaged away", () => {
  const seeds = [1e-4, 1e-2].map((value) => recorded([0], { layer1: [value] }));
  assert.ok(Math.abs(along(seeds, ["layer1"], 0).values[0] - 1e-3) < 1e-12);
  assert.equal(along([...seeds, recorded([0], { layer1: [0] })], ["layer1"], 0).values[0], 0);
});

const FOREIGN = [
  node("x", "Placeholder"),
  node("net/a/w", "Variable"),
  node("net/a/w/read", "Identity", ["net/a/w"]),
  node("net/a/MatMul", "MatMul", ["x", "net/a/w/read:0"]),
  node("net/b/Const", "Const"),
  node("net/b/add", "Add", ["net/a/MatMul", "net/b/Const", "^net/a/w"]),
  node("out", "Softmax", ["net/b/add"]),
];

test("closed scopes are one box, and edges go between boxes", () => {
  const root = scopeTree(FOREIGN);
  assert.equal(root.count, 7);
  const { items, links } = visible(root, new Set(), false);
  assert.deepEqual(items.map(({ id }) => id).sort(), ["node:out", "node:x", "scope:net"]);
  assert.deepEqual(links.map(({ from, to }) => `${from} ${to}`).sort(), ["node:x scope:net", "scope:net node:out"]);
});

test("an identity is passed through, constants and control edges are shown only on demand", () => {
  const root = scopeTree(FOREIGN);
  const open = new Set(["net", "net/a", "net/b", "net/a/w"]);
  const calm = visible(root, open, false);
  assert.ok(calm.links.some(({ from, to }) => from === "node:net/a/w" && to === "node:net/a/MatMul"));
  assert.ok(!calm.items.some(({ op }) => op === "Const" || op === "Identity"));
  assert.ok(!calm.links.some(({ control }) => control));
  const all = visible(root, open, true);
  assert.ok(all.items.some(({ op }) => op === "Const"));
  assert.ok(all.links.some(({ control, to }) => control && to === "node:net/b/add"));
});

test("a node that is named like a scope lies in it", () => {
  const root = scopeTree(FOREIGN);
  const { items } = visible(root, new Set(["net", "net/a", "net/a/w"]), true);
  assert.equal(items.find(({ id }) => id === "node:net/a/w")?.parent, "scope:net/a/w");
  assert.deepEqual(ancestors(root, "net/a/w"), ["net", "net/a", "net/a/w"]);
  assert.deepEqual(ancestors(root, "net/b/add"), ["net", "net/b"]);
});

test("many numbered siblings are gathered, and found in there", () => {
  const nodes = Array.from({ length: 40 }, (_, i) => node(`step_${i}`, "Add", i > 0 ? [`step_${i - 1}`] : []));
  const root = scopeTree([...nodes, node("end", "Mul", ["step_39"])]);
  const { items } = visible(root, new Set(), false);
  assert.deepEqual(
    items.map(({ id, count }) => [id, count]),
    [
      ["scope:step_*", 40],
      ["node:end", 1],
    ],
  );
  assert.deepEqual(ancestors(root, "step_7"), ["step_*"]);
});

test("a scope around everything is open at first", () => {
  const root = scopeTree(FOREIGN.filter(({ name }) => name.startsWith("net")));
  assert.ok(openAtFirst(root).has("net"));
});

test("boxes do not overlap, and what is in an open scope lies inside of it", () => {
  const { items, links } = visible(scopeTree(FOREIGN), new Set(["net", "net/a"]), true);
  const { boxes, paths, width, height } = layout(items, links);
  assert.equal(boxes.size, items.length);
  assert.equal(paths.size, links.length);
  for (const item of items) {
    const box = boxes.get(item.id);
    assert.ok(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1);
    const around = boxes.get(item.parent);
    if (around) {
      assert.ok(
        box.x >= around.x &&
          box.y > around.y &&
          box.x + box.width <= around.x + around.width &&
          box.y + box.height <= around.y + around.height,
      );
    }
    for (const other of items) {
      const second = boxes.get(other.id);
      if (!second || item.id === other.id || item.parent !== other.parent) continue;
      const apart =
        box.x + box.width <= second.x ||
        second.x + second.width <= box.x ||
        box.y + box.height <= second.y ||
        second.y + second.height <= box.y;
      assert.ok(apart, `${item.id} and ${other.id}`);
    }
  }
});

test("ranks follow the edges, and a circle does not keep them from ending", () => {
  const edges = [
    { from: "a", to: "b" },
    { from: "b", to: "c" },
    { from: "a", to: "c" },
    { from: "c", to: "b" },
  ];
  const found = ranks(["a", "b", "c"], edges);
  assert.equal(found.get("a"), 0);
  assert.ok((found.get("b") ?? 0) >= 1 && (found.get("c") ?? 0) >= 1);
});

test("two thousand open nodes have places", () => {
  const nodes = Array.from({ length: 2000 }, (_, i) =>
    node(`op${i}x`, "Add", i > 0 ? [`op${i - 1}x`, `op${Math.floor(i / 2)}x`] : []),
  );
  const { items, links } = visible(scopeTree(nodes), new Set(["op0x_*"]), false);
  const { boxes } = layout(items, links);
  assert.equal(boxes.size, items.length);
});

test("a line with two points bends, one with more goes through its last", () => {
  assert.match(
    curve([
      { x: 0, y: 0 },
      { x: 10, y: 100 },
    ]),
    /^M0 0C.* 10 100$/,
  );
  assert.match(
    curve([
      { x: 0, y: 0 },
      { x: 5, y: 5 },
      { x: 10, y: 9 },
    ]),
    /^M0 0Q5 5 10 9$/,
  );
});

test("zooming keeps what is under the pointer", () => {
  const before = { x: 30, y: -20, zoom: 0.5 };
  const after = zoomed(before, 1.7, { x: 200, y: 100 });
  assert.ok(Math.abs((200 - before.x) / before.zoom - (200 - after.x) / after.zoom) < 1e-9);
  assert.ok(Math.abs((100 - before.y) / before.zoom - (100 - after.y) / after.zoom) < 1e-9);
});

test("fitting shows the whole drawing, and does not enlarge a small one much", () => {
  const { x, y, zoom } = fitted({ width: 4000, height: 1000 }, { width: 1000, height: 800 });
  assert.ok(x >= 0 && x + 4000 * zoom <= 1000 && y >= 0 && y + 1000 * zoom <= 800);
  assert.ok(fitted({ width: 10, height: 10 }, { width: 1000, height: 800 }).zoom <= 1.25);
});

test("what is too large to be read as a whole begins above, or around the box that was asked for", () => {
  const screen = { width: 1000, height: 700 };
  const drawing = { width: 300, height: 5000 };
  const begin = opening(drawing, screen, null);
  assert.ok(begin.zoom > 0.8 && begin.y > 0 && begin.y < 100);
  const { x, y, zoom } = opening(drawing, screen, { x: 100, y: 4000, width: 80, height: 30 });
  assert.ok(Math.abs(140 * zoom + x - 500) < 1 && Math.abs(4015 * zoom + y - 350) < 1);
  assert.deepEqual(opening({ width: 300, height: 300 }, screen, null), fitted({ width: 300, height: 300 }, screen));
});

test("a scope with a single node to see is that node", () => {
  const nodes = [
    node("mean/tags", "Const"),
    node("mean", "ScalarSummary", ["mean/tags", "Linear/weight/weight"]),
    node("Linear/weight/weight", "prim::GetAttr"),
    node("Linear/6", "aten::linear", ["Linear/weight/weight"]),
  ];
  const { items, links } = visible(scopeTree(nodes), new Set(["Linear"]), false);
  assert.deepEqual(items.map(({ id, label }) => [id, label]).sort(), [
    ["node:Linear/6", "6"],
    ["node:Linear/weight/weight", "weight"],
    ["node:mean", "mean"],
    ["scope:Linear", "Linear"],
  ]);
  assert.equal(links.length, 2);
});
