import assert from "node:assert/strict";
import { test } from "node:test";
import { extent, scale, ticks } from "../../ui/lib/scale.js";

for (const kind of /** @type {const} */ (["linear", "log"])) {
  test(`a ${kind} axis takes a number to a pixel and back`, () => {
    const axis = scale(kind, 1e-6, 10, 0, 500);
    assert.equal(axis.place(1e-6), 0);
    assert.equal(axis.place(10), 500);
    for (const value of [2e-6, 0.3, 7]) assert.ok(Math.abs(axis.value(axis.place(value)) / value - 1) < 1e-6);
  });

  test(`ticks of a ${kind} axis lie on it, ascend, and are about as many as wanted`, () => {
    for (const [low, high] of [
      [1e-9, 1],
      [0.02, 0.9],
      [3, 1e6],
      [1, 1.001],
    ]) {
      const all = ticks(kind, low, high, 6);
      assert.ok(all.length >= 1 && all.length <= 14, `${low} to ${high}: ${all}`);
      assert.deepEqual(
        all,
        [...all].sort((a, b) => a - b),
      );
      assert.ok(all[0] >= low * (1 - 1e-6) && all[all.length - 1] <= high * (1 + 1e-6), `${low} to ${high}: ${all}`);
    }
  });
}

test("zero and what is below it have no place on a logarithmic axis", () => {
  assert.ok(Number.isNaN(scale("log", 1, 10, 0, 100).place(0)));
  assert.ok(Number.isNaN(scale("log", 1, 10, 0, 100).place(-1)));
});

test("the extent leaves out what an axis cannot show", () => {
  assert.deepEqual(extent([3, Number.NaN, -1, Number.POSITIVE_INFINITY]), [-1, 3]);
  assert.deepEqual(extent([3, 0, -1, 2], "log"), [2, 3]);
  assert.equal(extent([Number.NaN]), null);
});
