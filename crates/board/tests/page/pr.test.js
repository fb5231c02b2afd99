import assert from "node:assert/strict";
import { test } from "node:test";
import { averagePrecision, measured, nearest, points } from "../../ui/pages/pr/curve.js";

/** Five examples with scores .9 (yes), .7 (yes), .5 (no), .3 (yes), .1 (no), at thresholds of every 0.2. */
const ANSWER = {
  step: 7,
  index: 0,
  thresholds: [0, 0.2, 0.4, 0.6, 0.8, 1],
  tp: [3, 3, 2, 2, 1, 0],
  fp: [2, 1, 1, 0, 0, 0],
  tn: [0, 1, 1, 2, 2, 2],
  fn: [0, 0, 1, 1, 2, 3],
  precision: [0.6, 0.75, 2 / 3, 1, 1, "NaN"],
  recall: [1, 1, 2 / 3, 2 / 3, 1 / 3, 0],
};

test("average precision is the precision at each gain of recall", () => {
  // 1/3 at precision 1, then 1/3 at precision 1, then 1/3 at precision 3/4.
  assert.ok(Math.abs(averagePrecision(points(ANSWER)) - (1 / 3 + 1 / 3 + 0.25)) < 1e-12);
  assert.ok(Number.isNaN(averagePrecision([])));
});

test("where nothing was predicted positive there is no precision", () => {
  const all = points(ANSWER);
  assert.ok(!measured(all[5]) && measured(all[0]));
});

test("the pointer finds the nearest measured point, and only near ones", () => {
  const curves = [{ owner: "run", points: points(ANSWER) }];
  const place = (/** @type {{recall: number, precision: number}} */ { recall, precision }) => ({
    x: recall * 100,
    y: precision * 100,
  });
  assert.equal(nearest(curves, place, 65, 98, 10)?.point.threshold, 0.6);
  assert.equal(nearest(curves, place, 0, 0, 10), null);
});
