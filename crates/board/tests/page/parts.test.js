import assert from "node:assert/strict";
import { test } from "node:test";
import { dealt } from "../browser/parts.js";

test("every test file in a browser belongs to exactly one part, and the parts are about alike", () => {
  const files = [9, 1, 7, 3, 5, 3].map((size, i) => ({ name: `${i}.test.js`, size }));
  const parts = dealt(files, 2);
  assert.deepEqual(
    parts.flat().sort(),
    files.map(({ name }) => name),
  );
  const loads = parts.map((names) =>
    names.reduce((sum, name) => sum + (files.find((file) => file.name === name)?.size ?? 0), 0),
  );
  assert.ok(Math.abs(loads[0] - loads[1]) <= 2, `${loads}`);
});
