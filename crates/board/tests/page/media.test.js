import assert from "node:assert/strict";
import { test } from "node:test";
import { loadUpTo, newestFirst, PAGE, recordAt, tableOf } from "../../ui/pages/media/records.js";

const at = (/** @type {number[]} */ ...steps) => steps.map((step, index) => ({ step, index }));

test("the record at a step is the last one before it, or the first if all come after", () => {
  const values = at(10, 20, 30);
  assert.equal(recordAt(values, 25)?.step, 20);
  assert.equal(recordAt(values, 30)?.step, 30);
  assert.equal(recordAt(values, 5)?.step, 10);
  assert.equal(recordAt([], 5), null);
});

test("texts stand newest first, without those after the step", () => {
  assert.deepEqual(
    newestFirst(at(1, 2, 3), 2).map(({ step }) => step),
    [2, 1],
  );
});

test("of a long series only pages around the step are loaded", async () => {
  const all = at(...Array.from({ length: 1000 }, (_, i) => i * 10));
  /** @type {number[]} */
  const asked = [];
  const load = async (/** @type {number} */ from, /** @type {number} */ limit) => {
    asked.push(from);
    return { total: all.length, values: all.slice(from, from + limit) };
  };
  const newest = await loadUpTo(load, 1e9);
  assert.equal(newest.values[newest.values.length - 1].step, 9990);
  assert.deepEqual(asked, [0, 1000 - PAGE]);
  const middle = await loadUpTo(load, 9000);
  assert.ok(middle.values[0].step <= 9000 && middle.values[middle.values.length - 1].step >= 9000);
  asked.length = 0;
  assert.equal((await loadUpTo(load, 0)).values.length, PAGE);
  assert.deepEqual(asked, [0]);
});

test("a tensor of texts is a table", () => {
  assert.deepEqual(tableOf(["a", "b", "c", "d"], [2, 2]), [
    ["a", "b"],
    ["c", "d"],
  ]);
  assert.deepEqual(tableOf(["a", "b"], [2]), [["a"], ["b"]]);
  assert.equal(tableOf(["a"], []), null);
  assert.equal(tableOf(["a", "b", "c"], [1, 1, 3]), null);
});
