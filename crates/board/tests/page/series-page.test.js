import assert from "node:assert/strict";
import { test } from "node:test";
import { between, columnsOf, layout } from "../../ui/pages/series/layout.js";
import { join, sectionOf, sections, split, titleIn } from "../../ui/pages/series/sections.js";

test("layers of one quantity are a section; other tags go by their first part", () => {
  assert.equal(sectionOf("gradient/mean_abs/layer1"), "gradient/mean_abs");
  assert.equal(sectionOf("gain/weight/layer12"), "gain/weight");
  assert.equal(sectionOf("update_ratio/layer3"), "update_ratio");
  assert.equal(sectionOf("train/epoch/loss"), "train");
  assert.equal(sectionOf("validation/loss"), "");
  assert.equal(sectionOf("loss"), "");
});

test("loss and accuracy come first, then the gradient, and only these are open", () => {
  const layers = (/** @type {string} */ of) => Array.from({ length: 10 }, (_, i) => `${of}/layer${i + 1}`);
  const found = sections([
    "accuracy",
    ...layers("delta/rms"),
    "final/loss",
    ...layers("gradient/mean_abs"),
    ...layers("weight/rms"),
    "loss",
    "validation/loss",
  ]);
  assert.deepEqual(
    found.map(({ key }) => key),
    ["", "gradient/mean_abs", "delta/rms", "weight/rms"],
  );
  assert.deepEqual(
    found.map(({ open }) => open),
    [true, true, false, false],
  );
  assert.deepEqual(found[0].tags, ["loss", "accuracy", "validation/loss", "final/loss"]);
  assert.equal(titleIn("gradient/mean_abs/layer2", "gradient/mean_abs"), "layer2");
});

test("something is open in any log", () => {
  const found = sections(Array.from({ length: 60 }, (_, i) => `${i < 30 ? "a" : "b"}/${i}`));
  assert.deepEqual(
    found.map(({ open }) => open),
    [true, false],
  );
  assert.ok(sections(["x/1", "y/1"]).every(({ open }) => open));
});

test("a line of cards has as many as there is room for, and a wide one stands alone", () => {
  const [section] = sections(["a", "b", "c", "d"]);
  const { rows } = layout(
    [section],
    () => true,
    (id) => id.endsWith("b"),
    2,
  );
  assert.deepEqual(
    rows.map((row) => (row.kind === "head" ? "head" : row.cards.map(({ tag }) => tag).join("+"))),
    ["head", "a", "b", "c+d"],
  );
  for (let i = 1; i < rows.length; i += 1) assert.ok(rows[i].top >= rows[i - 1].top + rows[i - 1].height);
  assert.equal(columnsOf(1128), 3);
  assert.equal(columnsOf(200), 1);
});

test("of twelve thousand tags only those on the screen are there", () => {
  const all = sections(Array.from({ length: 12_000 }, (_, i) => `t/${i}`));
  const { rows, height } = layout(
    all,
    () => true,
    () => false,
    3,
  );
  const seen = between(rows, height / 2, height / 2 + 900);
  assert.ok(seen.length >= 3 && seen.length <= 6, `${seen.length} rows`);
  for (const { top, height: own } of seen) assert.ok(top + own >= height / 2 && top <= height / 2 + 900);
  assert.deepEqual(between(rows, -500, -100), []);
});

test("names survive the address", () => {
  const names = ["a,b", "100%", "ü/\n"];
  assert.deepEqual(split(join(names)), names);
  assert.deepEqual(split(""), []);
  assert.deepEqual(split("50%"), ["50%"]);
});
