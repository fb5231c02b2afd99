import assert from "node:assert/strict";
import { test } from "node:test";
import { Column } from "../../ui/lib/scalars.js";

/**
 * Three equally long arrays: steps from `from` on, and values that tell them apart.
 *
 * @param {number} from
 * @param {number} count
 * @param {number} value
 */
function points(from, count, value) {
  const steps = Float64Array.from({ length: count }, (_, i) => from + i);
  return [steps, steps, steps.map(() => value)];
}

test("what is new is added behind what is there", () => {
  const column = new Column("run", "loss");
  column.add({ generation: 0, from: 0, total: 3, segments: [0] }, points(0, 3, 1));
  column.add({ generation: 0, from: 3, total: 5, segments: [0] }, points(3, 2, 2));
  assert.deepEqual([...column.steps], [0, 1, 2, 3, 4]);
  assert.deepEqual([...column.values], [1, 1, 1, 2, 2]);
});

test("an answer that came twice changes nothing", () => {
  const column = new Column("run", "loss");
  for (let i = 0; i < 2; i += 1) column.add({ generation: 0, from: 0, total: 3, segments: [0] }, points(0, 3, 1));
  assert.deepEqual([...column.steps], [0, 1, 2]);
});

test("an answer that has no room for a series leaves it as it was, to be asked for again", () => {
  const column = new Column("run", "loss");
  column.add({ generation: 0, from: 0, total: 5, segments: [0] }, points(0, 0, 1));
  assert.deepEqual([column.length, column.total], [0, 5]);
});

test("an answer that would leave a hole is not taken", () => {
  const column = new Column("run", "loss");
  column.add({ generation: 0, from: 3, total: 5, segments: [0] }, points(3, 2, 2));
  assert.equal(column.length, 0);
});

test("another generation replaces what was there", () => {
  const column = new Column("run", "loss");
  column.add({ generation: 0, from: 0, total: 100, segments: [0] }, points(0, 100, 1));
  column.add({ generation: 1, from: 0, total: 2, segments: [0] }, points(0, 2, 7));
  assert.deepEqual([...column.values], [7, 7]);
});
