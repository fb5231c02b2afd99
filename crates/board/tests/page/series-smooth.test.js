import assert from "node:assert/strict";
import { test } from "node:test";
import { average, smooth } from "../../ui/lib/smooth.js";

/** @param {number[]} values @param {number} weight @param {(i: number) => boolean} [anew] */
function smoothed(values, weight, anew) {
  const into = new Float64Array(values.length);
  smooth(values, weight, into, 0, values.length, average(), anew);
  return [...into];
}

/** @param {number[]} found @param {number[]} expected */
function close(found, expected) {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(found[i] - value) < 1e-12, `${found} is not ${expected}`);
}

test("the average is that of TensorBoard: weighted by age, and without bias at the beginning", () => {
  // 1; (0.5 * 0.5 * 1 + 0.5 * 3) / 0.75; (0.125 * 1 + 0.25 * 3 + 0.5 * 2) / 0.875
  close(smoothed([1, 3, 2], 0.5), [1, 1.75 / 0.75, 1.875 / 0.875]);
});

test("weight 0 leaves every value as it is", () => {
  assert.deepEqual(smoothed([3, -1, 4], 0), [3, -1, 4]);
});

test("what is not finite stays, and does not poison what follows", () => {
  const found = smoothed([1, Number.NaN, Infinity, 3, 2], 0.5);
  assert.ok(Number.isNaN(found[1]));
  assert.equal(found[2], Infinity);
  close([found[0], found[3], found[4]], smoothed([1, 3, 2], 0.5));
});

test("a training that was begun anew is smoothed anew", () => {
  close(smoothed([1, 3, 8, 9], 0.9, (i) => i === 2).slice(2), smoothed([8, 9], 0.9));
});

test("points that come later continue the average", () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i));
  const into = new Float64Array(100);
  const state = average();
  for (const [from, to] of [
    [0, 1],
    [1, 40],
    [40, 100],
  ])
    smooth(values, 0.8, into, from, to, state);
  close([...into], smoothed([...values], 0.8));
});
