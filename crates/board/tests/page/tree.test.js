import assert from "node:assert/strict";
import { test } from "node:test";
import { tree } from "../../ui/lib/tree.js";

test("seeds lie below their scenario, and the scenario knows them", () => {
  const [sigmoid, relu] = tree(["sigmoid/seed-0", "sigmoid/seed-1", "relu/seed-0"]);
  assert.deepEqual(sigmoid.runs, ["sigmoid/seed-0", "sigmoid/seed-1"]);
  assert.deepEqual(
    sigmoid.children.map(({ label, run }) => [label, run]),
    [
      ["seed-0", "sigmoid/seed-0"],
      ["seed-1", "sigmoid/seed-1"],
    ],
  );
  assert.deepEqual([relu.label, relu.run, relu.children], ["relu/seed-0", "relu/seed-0", []]);
});

test("a run can have runs below it", () => {
  const [branch] = tree(["a", "a/b"]);
  assert.deepEqual([branch.run, branch.runs, branch.children[0].run], ["a", ["a", "a/b"], "a/b"]);
});

test("names that objects have of their own are names like others", () => {
  assert.deepEqual(
    tree(["__proto__", "constructor/toString"]).map(({ label }) => label),
    ["__proto__", "constructor/toString"],
  );
});
