import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUS, NAN, nothing, PLUS, Pyramid } from "../../ui/lib/pyramid.js";

/** Numbers that are the same in every run of the tests. @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {ArrayLike<number>} values @param {number} from @param {number} to */
function slow(values, from, to) {
  const found = nothing();
  for (let i = from; i < to; i += 1) {
    const value = values[i];
    if (Number.isNaN(value)) found.flags |= NAN;
    else if (value === Infinity) found.flags |= PLUS;
    else if (value === -Infinity) found.flags |= MINUS;
    else {
      found.low = Math.min(found.low, value);
      found.high = Math.max(found.high, value);
      if (value > 0) found.positive = Math.min(found.positive, value);
    }
  }
  return found;
}

test("any range has the extremes that its values have, however the pyramid grew", () => {
  const next = random(7);
  const values = Float64Array.from({ length: 5000 }, () => {
    const kind = next();
    if (kind < 0.01) return Number.NaN;
    if (kind < 0.015) return Infinity;
    return kind < 0.02 ? -Infinity : next() * 20 - 10;
  });
  const pyramid = new Pyramid();
  let length = 0;
  while (length < values.length) {
    length = Math.min(values.length, length + 1 + Math.floor(next() * next() * 700));
    pyramid.extend(values, length);
    for (let i = 0; i < 30; i += 1) {
      const [a, b] = [Math.floor(next() * (length + 1)), Math.floor(next() * (length + 1))];
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      assert.deepEqual(
        pyramid.range(values, from, to, nothing()),
        slow(values, from, to),
        `${from} to ${to} of ${length}`,
      );
    }
  }
});

test("one spike in a million is in every range that holds it", () => {
  const values = new Float64Array(1_000_000).fill(1);
  values[777_777] = 1e6;
  const pyramid = new Pyramid();
  pyramid.extend(values, values.length);
  for (const [from, to] of [
    [0, 1_000_000],
    [777_777, 777_778],
    [700_000, 777_778],
    [777_777, 900_001],
    [777_000, 778_000],
  ]) {
    assert.equal(pyramid.range(values, from, to, nothing()).high, 1e6);
  }
  assert.equal(pyramid.range(values, 0, 777_777, nothing()).high, 1);
});

test("a pyramid that was cleared knows nothing of what it held", () => {
  const pyramid = new Pyramid();
  pyramid.extend(new Float64Array(1000).fill(9), 1000);
  pyramid.clear();
  const values = new Float64Array(600).fill(2);
  pyramid.extend(values, 600);
  assert.deepEqual(pyramid.range(values, 0, 600, nothing()), { low: 2, high: 2, positive: 2, flags: 0 });
});
