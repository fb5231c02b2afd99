import assert from "node:assert/strict";
import { test } from "node:test";
import { chartMarks, extent, layerMarks, layerMarksSaid } from "../../ui/lib/finding-marks.js";
import {
  badgeWords,
  capital,
  causeWords,
  command,
  ideaOf,
  stepWords,
  together,
  value,
  worstFirst,
} from "../../ui/lib/finding-words.js";
import { scale } from "../../ui/lib/scale.js";

/** @typedef {import("../../ui/lib/types.js").Finding} Finding */
/** @typedef {import("../../ui/lib/types.js").Summary} Summary */

/** @param {Partial<Summary>} some @returns {Summary} */
const summary = (some) => ({
  run: "run",
  errors: 0,
  warnings: 0,
  notes: 0,
  worst: null,
  looked: true,
  edition: 1,
  ...some,
});

/** @param {Partial<Finding>} some @returns {Finding} */
const finding = (some) => ({
  rule: "vanishing",
  run: "run",
  layers: ["layer1", "layer2"],
  first_step: 0,
  last_step: 100,
  severity: "error",
  confidence: 0.9,
  cause: "activation",
  summary: "nothing arrives",
  evidence: [],
  remedies: [],
  explains: [],
  seen_live: null,
  ...some,
});

/** @param {Finding[]} findings @param {Record<string, number[]>} marks */
const diagnosis = (findings, marks = {}) => ({
  run: findings[0]?.run ?? "run",
  layers: ["layer1", "layer2"],
  findings,
  only_live: [],
  not_judged: [],
  looked: true,
  marks,
  ideas: { vanishing: "an-idea" },
});

test("a badge says how many findings there are and which is the worst", () => {
  const worst = /** @type {const} */ ({ rule: "vanishing", severity: "error" });
  assert.equal(badgeWords(summary({ errors: 1, notes: 1, worst })), "2 findings, worst: vanishing (error)");
  assert.equal(
    badgeWords(summary({ notes: 1, worst: { rule: "dead_units", severity: "note" } })),
    "1 finding: dead units (note)",
  );
});

test("no findings are not the same as no evidence", () => {
  const [healthy, unseen] = [summary({}), summary({ looked: false })].map(badgeWords);
  assert.equal(healthy, "no findings");
  assert.notEqual(unseen, healthy);
});

test("runs together have the findings of all, and the run that is worst off", () => {
  const a = summary({ run: "a", notes: 2, worst: { rule: "plateau", severity: "note" } });
  const b = summary({ run: "b", warnings: 1, worst: { rule: "dead_units", severity: "warning" } });
  const both = together([a, b, summary({ run: "c", looked: false })]);
  assert.deepEqual([both?.run, both?.warnings, both?.notes, both?.looked], ["b", 1, 2, true]);
  assert.equal(together([]), null);
  assert.deepEqual(
    worstFirst([summary({ run: "c" }), a, b]).map(({ run }) => run),
    ["b", "a", "c"],
  );
});

test("a setting is quoted where a shell would take it for something else", () => {
  assert.equal(command("network.init=he_normal"), "--set network.init=he_normal");
  assert.equal(command("train.lr_schedule=cosine(0)"), "--set 'train.lr_schedule=cosine(0)'");
  assert.equal(command("a=b; rm 'x'"), `--set 'a=b; rm '\\''x'\\'''`);
});

test("sentences get a capital, names of layers do not", () => {
  assert.equal(capital("at step 0 nothing arrives"), "At step 0 nothing arrives");
  assert.equal(capital("layer1 is dead"), "layer1 is dead");
  assert.equal(capital(""), "");
});

test("steps and causes read like a sentence, and names out of logs are no properties", () => {
  assert.equal(stepWords({ first_step: 0, last_step: 1280 }), "steps 0 to 1,280");
  assert.equal(stepWords({ first_step: 7, last_step: 7 }), "step 7");
  assert.equal(causeWords("learning_rate"), "the learning rate");
  assert.equal(causeWords("constructor"), "constructor");
  const told = diagnosis([finding({})]);
  assert.equal(ideaOf("vanishing", told), "an-idea");
  assert.equal(ideaOf("constructor", told), null);
  assert.equal(value(null), "not finite");
  assert.equal(value(0.05), "0.05");
});

test("a chart has the marks of the findings that its tag belongs to, of all runs together, the worst first", () => {
  const marks = { "delta/rms/layer1": [0, 1], loss: [1] };
  const a = diagnosis(
    [finding({ run: "a", first_step: 10 }), finding({ run: "a", rule: "plateau", severity: "warning" })],
    marks,
  );
  const b = diagnosis([finding({ run: "b", first_step: 5, last_step: 300 })], { "delta/rms/layer1": [0] });
  const found = chartMarks("delta/rms/layer1", [a, b]);
  assert.deepEqual(
    found.map(({ rule, run, runs, from, to }) => [rule, run, runs, from, to]),
    [
      ["vanishing", "b", 2, 5, 300],
      ["plateau", "a", 1, 0, 100],
    ],
  );
  assert.equal(found[0].said, "error: vanishing, steps 5 to 300. b and 1 more: nothing arrives");
  assert.equal(chartMarks("loss", [a, b]).length, 1);
  assert.deepEqual(chartMarks("constructor", [a, b]), []);
});

test("a mark lies on the axis, as far as the axis shows its steps, and can always be seen", () => {
  const box = { left: 50, right: 150, top: 0, bottom: 100 };
  const frame = (/** @type {"linear"|"log"} */ kind, /** @type {number} */ low, /** @type {number} */ high) =>
    /** @type {import("../../ui/lib/plot.js").Plot} */ (
      /** @type {unknown} */ ({ box, x: scale(kind, low, high, box.left, box.right) })
    );
  const [mark] = chartMarks("t", [diagnosis([finding({ first_step: 20, last_step: 60 })], { t: [0] })]);
  assert.deepEqual(extent(mark, frame("linear", 0, 100)), { left: 70, width: 40 });
  assert.deepEqual(extent(mark, frame("linear", 40, 140)), { left: 50, width: 20 });
  assert.equal(extent(mark, frame("linear", 70, 100)), null);
  assert.equal(extent({ ...mark, to: 20 }, frame("linear", 0, 100))?.width, 5);
  // Step 0 has no place on a logarithmic axis.
  assert.equal(extent({ ...mark, from: 0 }, frame("log", 1, 100))?.left, 50);
});

test("layers carry the worst of what is found in them, and it is said in words", () => {
  const found = layerMarks([
    diagnosis([
      finding({ rule: "dead_units", severity: "note", layers: ["layer2"] }),
      finding({ last_step: 0 }),
      finding({ rule: "plateau", layers: [] }),
    ]),
  ]);
  assert.deepEqual([...found.keys()], ["layer1", "layer2"]);
  assert.deepEqual(found.get("layer2"), {
    severity: "error",
    said: ["vanishing (error), step 0", "dead units (note), steps 0 to 100"],
  });
  assert.equal(
    layerMarksSaid(found),
    " Findings: layer1, layer2: vanishing (error), step 0; layer2: dead units (note), steps 0 to 100.",
  );
  assert.equal(layerMarksSaid(new Map()), "");
});
