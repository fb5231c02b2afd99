import assert from "node:assert/strict";
import { test } from "node:test";
import { scenario, someOfEach } from "../../ui/lib/scenario.js";

test("seeds of one scenario share the name before them", () => {
  assert.deepEqual(["sigmoid/seed-12", "sigmoid", "a/seed-1/b"].map(scenario), ["sigmoid", "sigmoid", "a/seed-1/b"]);
});

test("of many runs every scenario is shown, not the first one alone", () => {
  const names = ["leaky_relu", "relu", "sigmoid"].flatMap((name) =>
    Array.from({ length: 20 }, (_, i) => `${name}/seed-${i}`),
  );
  const shown = [...someOfEach(names, 24)];
  assert.equal(shown.length, 24);
  for (const name of ["leaky_relu", "relu", "sigmoid"]) {
    assert.equal(shown.filter((one) => scenario(one) === name).length, 8, name);
  }
  assert.deepEqual([...someOfEach(["a", "b", "c"], 2)], ["a", "b"]);
  assert.deepEqual([...someOfEach(["a/seed-0", "a/seed-1"], 24)], ["a/seed-0", "a/seed-1"]);
});
