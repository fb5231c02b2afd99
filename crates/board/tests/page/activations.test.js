import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activationOf,
  axisOf,
  barsOf,
  curveRange,
  layerOf,
  percent,
  slopeAt,
  smallStretches,
  summary,
} from "../../ui/pages/activations/curve.js";

/** @typedef {import("../../ui/pages/activations/curve.js").Curve} Curve */

/** @param {string} name @param {(z: number) => number} f @param {(z: number) => number} df @returns {Curve} */
function curve(name, f, df) {
  const z = Array.from({ length: 801 }, (_, i) => -8 + i / 50);
  return { name, z, f: z.map(f), df: z.map(df) };
}

const s = (/** @type {number} */ z) => 1 / (1 + Math.exp(-z));
const sigmoid = curve("sigmoid", s, (z) => s(z) * (1 - s(z)));
const relu = curve(
  "relu",
  (z) => Math.max(0, z),
  (z) => (z > 0 ? 1 : 0),
);

/** A series of one record on equal bins. @param {number} low @param {number} high @param {number[]} counts @returns {any} */
function recorded(low, high, counts) {
  const bins = counts.length;
  const peak = Math.max(...counts, 1);
  return {
    rows: 1,
    bins,
    edges: Float64Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins),
    peaks: [peak],
    shares: counts.map((count) => (count / peak) * 65535),
    percentiles: [low, low / 2, 0, 0, 0, 0, 0, high / 2, high],
  };
}

test("the slope is read off the curve, and stays beyond its ends", () => {
  assert.ok(Math.abs(slopeAt(sigmoid, 0) - 0.25) < 1e-9);
  assert.ok(Math.abs(slopeAt(sigmoid, 1.237) - s(1.237) * (1 - s(1.237))) < 1e-4);
  assert.equal(slopeAt(relu, 1e9), 1);
  assert.equal(slopeAt(relu, -1e9), 0);
  assert.equal(slopeAt(relu, Number.NaN), 0);
});

test("the share of dead z of a ReLU is the share below zero", () => {
  const { small, mean } = summary(barsOf(recorded(-4, 4, [1, 2, 0, 3, 1, 1, 0, 2]), 0, relu), relu);
  assert.ok(Math.abs(small - 0.6) < 1e-4);
  assert.ok(Math.abs(mean - 0.4) < 1e-4);
});

test("a bin around the kink is divided", () => {
  const { small } = summary(barsOf(recorded(-1, 1, [8]), 0, relu), relu);
  assert.ok(Math.abs(small - 0.5) < 1e-9);
});

test("a sigmoid is saturated where its slope is below a twentieth of a quarter", () => {
  // s (1 - s) = 0.0125 at z = ln((1 + sqrt(0.95)) / (1 - sqrt(0.95))).
  const limit = Math.log((1 + Math.sqrt(0.95)) / (1 - Math.sqrt(0.95)));
  const stretches = smallStretches(sigmoid, [-6, 7]);
  assert.equal(stretches.length, 2);
  assert.equal(stretches[0][0], -6);
  assert.equal(stretches[1][1], 7);
  assert.ok(Math.abs(stretches[0][1] + limit) < 0.021 && Math.abs(stretches[1][0] - limit) < 0.021);
  assert.deepEqual(smallStretches(sigmoid, [-3, 3]), []);
});

test("a record without values says nothing", () => {
  const { small, mean } = summary(barsOf(recorded(-1, 1, [0, 0]), 0, relu), relu);
  assert.ok(Number.isNaN(small) && Number.isNaN(mean));
});

test("the axis holds all layers, but not an outlier that would hide them", () => {
  assert.deepEqual(axisOf([recorded(-4.2, 3, [1]), recorded(-1, 6.5, [1])]), [-5, 6]);
  const outlier = recorded(-1, 1, [1]);
  outlier.percentiles = [-1e6, -2, -1, 0, 0, 0, 1, 2, 3];
  assert.deepEqual(axisOf([outlier]), [-4, 3]);
  const lost = recorded(0, 0, [0]);
  lost.percentiles = Array(9).fill(Number.NaN);
  assert.deepEqual(axisOf([lost]), [-3, 3]);
});

test("the curve is known where it is steepest, however narrow the axis", () => {
  assert.deepEqual(curveRange([-3, 12]), { low: -8, high: 12 });
});

test("the last layer of a network gives its z as they are", () => {
  assert.equal(activationOf(5, 6, "sigmoid"), "identity");
  assert.equal(activationOf(4, 6, "sigmoid"), "sigmoid");
  assert.equal(activationOf(0, 6, undefined), null);
});

test("pre-activations are found under the names that people give them", () => {
  assert.equal(layerOf("preactivation/layer1"), "layer1");
  assert.equal(layerOf("pre_activations/block/fc1"), "block/fc1");
  assert.equal(layerOf("activation/layer1"), null);
});

test("shares are read as percent, and next to nothing is not nothing", () => {
  assert.deepEqual([0, 0.0002, 0.064, 0.41, 1].map(percent), ["0 %", "< 0.1 %", "6.4 %", "41 %", "100 %"]);
});

test("a slope that is negative passes gradient too", () => {
  const bent = curve(
    "bent",
    (z) => z,
    (z) => (z < 0 ? -0.5 : 1),
  );
  assert.deepEqual(smallStretches(bent, [-3, 3]), []);
  const { small, mean } = summary(barsOf(recorded(-4, 4, [1, 1]), 0, bent), bent);
  assert.equal(small, 0);
  assert.ok(Math.abs(mean - 0.75) < 1e-3);
});
