import assert from "node:assert/strict";
import { test } from "node:test";
import { band, grid, newest, quantile } from "../../ui/lib/band.js";

/** @param {[number, number][]} points */
const series = (...points) => ({
  xs: Float64Array.from(points, ([x]) => x),
  ys: Float64Array.from(points, ([, y]) => y),
});

test("between two points a run has the value of the earlier one, and beyond its ends it has none", () => {
  const found = band([series([0, 0], [10, 10], [20, 20]), series([5, 100], [15, 200])]);
  assert.deepEqual([...found.xs], [0, 5, 10, 15, 20]);
  assert.deepEqual([...found.counts], [1, 2, 2, 2, 1]);
  assert.deepEqual([...found.mean], [0, 50, 55, 105, 20]);
});

test("the band holds nine of ten runs", () => {
  const runs = Array.from({ length: 21 }, (_, k) => series([0, k]));
  const found = band(runs);
  assert.equal(found.mean[0], 10);
  assert.equal(found.low[0], 1);
  assert.equal(found.high[0], 19);
});

test("values that are not finite do not count; where there are none the mean is NaN", () => {
  const found = band([series([0, Number.NaN], [1, 2]), series([0, Infinity], [1, 4])]);
  assert.ok(Number.isNaN(found.mean[0]));
  assert.equal(found.mean[1], 3);
  assert.deepEqual([...found.counts], [0, 2]);
});

test("of several attempts the newest counts", () => {
  const found = newest([0, 1, 2, 3, 1, 2], [0, 1, 2, 3, 11, 12], 6);
  assert.deepEqual([...found.xs], [0, 1, 2]);
  assert.deepEqual([...found.ys], [0, 11, 12]);
});

test("a grid that is too fine is thinned out, and keeps both its ends", () => {
  const long = series(.../** @type {[number, number][]} */ (Array.from({ length: 1000 }, (_, i) => [i, 0])));
  const found = grid([long, long], 11);
  assert.deepEqual([found.length, found[0], found[10]], [11, 0, 999]);
});

test("quantiles are interpolated between neighbours", () => {
  assert.equal(quantile([1, 2, 4], 3, 0.5), 2);
  assert.equal(quantile([1, 2, 4], 3, 0.75), 3);
  assert.equal(quantile([7], 1, 0.95), 7);
});

test("no series, no band", () => {
  assert.equal(band([]).xs.length, 0);
});
