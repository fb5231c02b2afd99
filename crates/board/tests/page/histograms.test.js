// What the Histograms page computes: numbers of records, places of lines and bands, axes, groups of tags, words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { binCount, histograms, recordAt, recordFacts, rowAt, rowFacts } from "../../ui/lib/bins.js";
import { BANDS, distribution, NAMES, nearestStep, stretches } from "../../ui/lib/distribution.js";
import { binAt, nearestRow, ridges } from "../../ui/lib/ridge.js";
import { domainOf, joined, symlog, symlogTicks } from "../../ui/lib/symlog.js";
import { kinds, split } from "../../ui/pages/histograms/kinds.js";
import { brief, caption, percent, sentence } from "../../ui/pages/histograms/words.js";

/**
 * A series as the server sends it, of counts in bins; the percentiles are spread evenly between the outer edges.
 *
 * @param {object} series
 * @param {number[]} series.edges
 * @param {number[][]} series.counts
 * @param {number[]} [series.steps]
 * @param {number[]} [series.index]
 * @param {number} [series.total]
 */
function series({ edges, counts, steps, index, total }) {
  const rows = counts.length;
  const bins = edges.length - 1;
  const peaks = counts.map((row) => Math.max(...row));
  const shares = counts.flatMap((row, r) => row.map((count) => Math.round((count / (peaks[r] || 1)) * 65535)));
  const percentiles = counts.flatMap(() =>
    Array.from({ length: 9 }, (_, i) => edges[0] + (i / 8) * (edges[bins] - edges[0])),
  );
  return histograms({
    header: { generation: 0, total: total ?? rows, rows, bins, unreadable: 0 },
    arrays: [
      Float64Array.from(edges),
      Uint32Array.from(index ?? counts.keys()),
      Float64Array.from(steps ?? counts.keys()),
      new Float64Array(rows),
      Float64Array.from(peaks),
      Uint16Array.from(shares),
      Float64Array.from(counts.map((row) => row.reduce((a, b) => a + b, 0))),
      Float32Array.from(percentiles),
    ],
  });
}

/** @param {number} actual @param {number} expected */
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("counts come back from shares of the row's peak", () => {
  const all = series({
    edges: [0, 1, 2],
    counts: [
      [50, 100],
      [0, 8],
    ],
  });
  near(binCount(all, 0, 1), 100);
  assert.ok(Math.abs(binCount(all, 0, 0) - 50) < 0.01);
  near(binCount(all, 1, 1), 8);
});

test("an answer whose arrays do not fit its header is refused with both sizes", () => {
  const header = { generation: 0, total: 1, rows: 1, bins: 3, unreadable: 0 };
  assert.throws(() => histograms({ header, arrays: [] }), /1 rows and 3 bins came with arrays of no,/);
});

test("a step shows the last record before it, and of a training begun anew the newest attempt", () => {
  assert.equal(rowAt([0, 10, 20], 19), 1);
  assert.equal(rowAt([0, 10, 20], 20), 2);
  assert.equal(rowAt([5, 10], 0), 0);
  assert.equal(rowAt([0, 10, 20, 10, 30], 15), 3);
});

test("of a row that sums several records the one in proportion to the step is asked for", () => {
  const all = series({ edges: [0, 1], counts: [[4], [4]], steps: [0, 40], index: [0, 4], total: 8 });
  assert.equal(recordAt(all, 0), 0);
  assert.equal(recordAt(all, 25), 2);
  assert.equal(recordAt(all, 39), 3);
  assert.equal(recordAt(all, 40), 7, "the last row shows its newest record");
});

test("a row that sums records counts the values of one, and does not call itself exact", () => {
  const all = series({ edges: [-1, 0, 1], counts: [[100, 100]], index: [0], total: 2 });
  const facts = rowFacts(all, 0);
  assert.equal(facts.count, 100);
  assert.equal(facts.inside, 1);
  assert.equal(facts.exact, false);
});

test("the share within one is counted over parts of bins", () => {
  const facts = rowFacts(series({ edges: [-2, 0, 2], counts: [[10, 10]] }), 0);
  near(facts.inside, 0.5);
  assert.equal(facts.exact, false);
});

test("a record's range leaves empty buckets out, and its median lies inside of a bucket", () => {
  const facts = recordFacts(7, [
    [-9, -1, 0],
    [-1, 0, 10],
    [0, 2, 30],
    [2, 5, 0],
  ]);
  assert.deepEqual([facts.low, facts.high, facts.count, facts.step], [-1, 2, 40, 7]);
  near(facts.median, 2 / 3);
  near(facts.inside, 25 / 40);
});

test("buckets without width are counted where they stand", () => {
  assert.equal(recordFacts(0, [[1, 1, 5]]).inside, 1);
  assert.equal(
    recordFacts(
      0,
      [
        [1.5, 1.5, 5],
        [0, 0, 5],
      ].reverse(),
    ).inside,
    0.5,
  );
});

test("a record of nothing has no range", () => {
  const facts = recordFacts(3, [[0, 1, 0]]);
  assert.equal(facts.count, 0);
  assert.ok(Number.isNaN(facts.low));
});

const px = (/** @type {number} */ value) => value * 10;

test("ridges stand at even distances and rise to their own peak", () => {
  const all = series({
    edges: [0, 1, 2],
    counts: [
      [1, 2],
      [30, 10],
      [5, 5],
    ],
  });
  const lines = ridges(all, px, { top: 40, bottom: 100, height: 30, alike: true });
  assert.deepEqual([...lines.base], [40, 70, 100]);
  assert.deepEqual([...lines.x], [0, 5, 15, 20]);
  near(lines.rise[1], 30);
  near(lines.rise[2], 30);
});

test("lines over each other keep the ratio of their heights, whatever the number of records in a row", () => {
  const all = series({
    edges: [0, 1, 2, 3, 4],
    counts: [
      [40, 0, 0, 0],
      [20, 20, 20, 20],
      [20, 20, 0, 0],
    ],
  });
  const lines = ridges(all, px, { top: 100, bottom: 100, height: 30, alike: false });
  near(lines.rise[0], 30);
  near(lines.rise[4], 7.5);
  near(lines.rise[8], 15);
});

test("one spike does not flatten all other lines", () => {
  const flat = Array.from({ length: 20 }, () => 1);
  const spike = [...flat.slice(1).map(() => 0), 20];
  const edges = Array.from({ length: 21 }, (_, i) => i);
  const lines = ridges(series({ edges, counts: [spike, flat, flat] }), px, {
    top: 100,
    bottom: 100,
    height: 30,
    alike: false,
  });
  near(lines.rise[20], 10);
  near(lines.rise[19], 200);
});

test("a bin much wider than the others is level and lower, so that its area says how much it holds", () => {
  const edges = [0, 1, 2, 3, 4, 5, 25];
  const all = series({ edges, counts: [[3, 3, 3, 3, 3, 12]] });
  const lines = ridges(all, px, { top: 0, bottom: 9, height: 9, alike: true });
  assert.deepEqual([...lines.plateau], [0, 0, 0, 0, 0, 100]);
  assert.ok(Math.abs(lines.rise[0] - 9) < 1e-3, `${lines.rise[0]}`);
  assert.ok(Math.abs(lines.rise[5] - 9 * (12 / 3) * (250 / 6 / 200)) < 1e-3, `${lines.rise[5]}`);
});

test("a series of empty records has no height and no NaN", () => {
  const lines = ridges(series({ edges: [0, 1], counts: [[0], [0]] }), px, {
    top: 0,
    bottom: 9,
    height: 9,
    alike: false,
  });
  assert.deepEqual([...lines.rise], [0, 0]);
});

test("the pointer finds its bin and the line that is nearest", () => {
  assert.equal(binAt([0, 1, 2], 0.5), 0);
  assert.equal(binAt([0, 1, 2], 2), 1);
  assert.equal(binAt([0, 1, 2], 2.1), -1);
  assert.equal(binAt([0, 1, 2], Number.NaN), -1);
  const all = series({ edges: [0, 1], counts: [[1], [1]] });
  const lines = ridges(all, px, { top: 50, bottom: 100, height: 30, alike: true });
  assert.equal(nearestRow(lines, 0, 25), 0);
  assert.equal(nearestRow(lines, 0, 71), 1);
});

test("bands go from the widest to the narrowest, there along the high percentile and back along the low one", () => {
  const all = series({ edges: [0, 8], counts: [[1], [1]], steps: [0, 100] });
  const { bands, median } = distribution(
    all,
    (step) => step,
    (value) => value,
  );
  assert.equal(bands.length, BANDS.length);
  assert.deepEqual(bands[0], [
    [
      [0, 8],
      [100, 8],
      [100, 0],
      [0, 0],
    ],
  ]);
  assert.deepEqual(bands[3], [
    [
      [0, 5],
      [100, 5],
      [100, 3],
      [0, 3],
    ],
  ]);
  assert.deepEqual(median, [
    [
      [0, 4],
      [100, 4],
    ],
  ]);
  assert.deepEqual(NAMES, ["min", "7 %", "16 %", "31 %", "median", "69 %", "84 %", "93 %", "max"]);
});

test("a restart and records without values break the bands", () => {
  const all = series({ edges: [0, 1], counts: [[1], [1], [1], [1], [1]], steps: [0, 10, 5, 15, 20] });
  assert.deepEqual(stretches(all), [
    [0, 2],
    [2, 5],
  ]);
  all.percentiles.fill(Number.NaN, 3 * 9, 4 * 9);
  assert.deepEqual(stretches(all), [
    [0, 2],
    [2, 3],
    [4, 5],
  ]);
});

test("the nearest step is found on both sides", () => {
  assert.equal(nearestStep([0, 10, 20], 14), 1);
  assert.equal(nearestStep([0, 10, 20], 16), 2);
  assert.equal(nearestStep([0, 10, 20], -5), 0);
});

test("a symmetric-logarithmic axis gives every decade the same room on both sides, and inverts", () => {
  const domain = { low: -1, high: 1, threshold: 1e-3 };
  const axis = symlog(domain, 0, 200);
  assert.equal(axis.place(-1), 0);
  near(axis.place(0), 100);
  near(axis.place(1), 200);
  near(axis.place(1) - axis.place(0.1), axis.place(0.1) - axis.place(0.01));
  near(axis.place(-0.01) - axis.place(-0.1), axis.place(0.1) - axis.place(0.01));
  for (const value of [-1, -0.02, -4e-4, 0, 7e-4, 0.5]) near(axis.value(axis.place(value)), value);
});

test("the bin around zero tells where an axis is linear, also if it ends near zero", () => {
  assert.deepEqual(domainOf([-1, -0.1, 0.1, 1]), { low: -1, high: 1, threshold: 0.1 });
  assert.deepEqual(domainOf([-1e-9, 1e-3, 1e-2]), { low: -1e-9, high: 1e-2, threshold: 1e-3 });
  assert.deepEqual(domainOf([0, 1e-3, 1e-2]), { low: 0, high: 1e-2, threshold: 1e-3 });
  assert.deepEqual(domainOf([0.02, 0.1, 1]), { low: 0.02, high: 1, threshold: 0.02 });
  assert.equal(domainOf([Number.NaN, Number.NaN]), null);
});

test("a common axis shows everything and resolves the smallest", () => {
  const some = [domainOf([-2, -0.1, 0.1, 1]), domainOf([0.01, 5])].filter((domain) => domain !== null);
  assert.deepEqual(joined(some), { low: -2, high: 5, threshold: 0.01 });
  assert.equal(joined([]), null);
});

test("its ticks are powers of ten on both sides, and zero", () => {
  assert.deepEqual(symlogTicks({ low: -1, high: 1, threshold: 1e-3 }, 10), [-1, -0.1, -0.01, 0, 0.01, 0.1, 1]);
  assert.deepEqual(symlogTicks({ low: 1e-4, high: 0.5, threshold: 1e-4 }, 10), [0.001, 0.01, 0.1]);
  assert.deepEqual(symlogTicks({ low: 0, high: 0, threshold: 1 }, 5), []);
  assert.ok(symlogTicks({ low: -1, high: 1, threshold: 1e-9 }, 6).length <= 8);
});

test("our tags are of the kind before the last slash, other programs' of the parameter at the end", () => {
  assert.deepEqual(split("gradient/layer3"), { kind: "gradient", layer: "layer3" });
  assert.deepEqual(split("fc1.weight.grad"), { kind: "weight.grad", layer: "fc1" });
  assert.deepEqual(split("layers.0.bias"), { kind: "bias", layer: "layers.0" });
  assert.deepEqual(split("dense/kernel_0"), { kind: "kernel_0", layer: "dense" });
  assert.deepEqual(split("sequential/dense_1/bias:0"), { kind: "bias:0", layer: "sequential/dense_1" });
  assert.deepEqual(split("grad/fc1.weight"), { kind: "grad of weight", layer: "fc1" });
  assert.deepEqual(split("weights"), { kind: "", layer: "weights" });
});

test("kinds stand in the order of the question with everybody's layers, and lonely tags together", () => {
  const tags = [
    "delta/layer1",
    "fc1.weight",
    "fc2.weight",
    "floats",
    "gradient/layer1",
    "gradient/layer2",
    "odd/one",
    "weight/layer1",
  ];
  const found = kinds(tags.map((tag) => [tag, { runs: ["a"] }]));
  assert.deepEqual(
    found.map(({ label }) => label),
    ["Weight gradients", "Weights", "Deltas", "Other"],
  );
  assert.deepEqual(
    found[0].layers.map(({ layer }) => layer),
    ["layer1", "layer2"],
  );
  assert.deepEqual(
    found[1].layers.map(({ layer }) => layer),
    ["fc1", "fc2", "layer1"],
  );
  assert.deepEqual(
    found[3].layers.map(({ tag }) => tag),
    ["floats", "odd/one"],
  );
});

test("lonely tags alone are simply all tags", () => {
  assert.deepEqual(
    kinds([["x", { runs: ["a"] }]]).map(({ label }) => label),
    ["All tags"],
  );
});

const facts = { step: 2499, count: 100, low: -0.83, median: 0.0123, high: 0.914, inside: 1, exact: true };

test("the article's question is answered in a sentence", () => {
  assert.equal(
    sentence("layer4", "weights", facts),
    "layer4: all 100 weights lie between −0.83 and 0.914 at step 2,499, half of them below 0.0123.",
  );
  assert.match(
    sentence("layer4", "weights", { ...facts, high: 1.6, inside: 0.64 }),
    /half of them below 0.0123; 64 % within ±1\.$/,
  );
  assert.match(
    sentence("layer4", "weights", { ...facts, high: 1.6, inside: 0.64, exact: false }),
    /about 64 % within ±1/,
  );
  assert.equal(
    sentence("layer1", "deltas", { ...facts, low: 0, high: 0, median: 0 }),
    "layer1: all 100 deltas are 0 at step 2,499.",
  );
  assert.equal(sentence("layer1", "deltas", { ...facts, count: 0 }), "layer1: no values at step 2,499.");
  assert.equal(sentence("layer1", "deltas", null), "layer1: not read yet");
});

test("a median that only tells where a bucket around zero lies is about zero", () => {
  assert.deepEqual(caption({ ...facts, median: 4.7e-13 }), ["−0.83 to 0.914", "all within ±1", "median about 0"]);
});

test("all and none are only said of all and none", () => {
  assert.deepEqual([1, 0, 0.99999, 0.0001, 0.5, 0.956, 0.0123].map(percent), [
    "100 %",
    "0 %",
    "> 99.9 %",
    "< 0.1 %",
    "50 %",
    "95.6 %",
    "1.2 %",
  ]);
});

test("numbers under small pictures have three digits", () => {
  assert.deepEqual([0, -0.82649, 12345.678, 4.7e-13, -1e-5, Number.NaN, Number.POSITIVE_INFINITY].map(brief), [
    "0",
    "−0.826",
    "12300",
    "4.7e−13",
    "−1e−5",
    "NaN",
    "+∞",
  ]);
});
