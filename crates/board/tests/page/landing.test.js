import assert from "node:assert/strict";
import { test } from "node:test";
import { landingOf } from "../../ui/lib/landing.js";

/**
 * @param {string[]} kinds  Of tags.
 * @param {number} runs
 * @param {string[]} [quantities]  Of layers.
 */
const holding = (kinds, runs, quantities = []) =>
  /** @type {any} */ ({
    tags: kinds.map((kind) => ({ tag: kind, kind, name: "", description: "" })),
    sets: [{ tags: kinds.map((_, i) => i), flow: quantities.map((quantity) => ({ quantity, layers: ["layer1"] })) }],
    runs: Array.from({ length: runs }, (_, i) => ({ name: String(i), set: 0 })),
  });

test("where there are layers, one lands on Flow", () => {
  assert.equal(landingOf(holding(["scalar", "hparams", "text"], 9, ["gradient/mean_abs"])), "flow");
  assert.equal(landingOf(holding(["histogram"], 1, ["weight/rms"])), "flow");
  // A theoretical value is not a measurement.
  assert.equal(landingOf(holding(["scalar"], 1, ["theory/delta"])), "series");
});

test("several configurations are compared, one is not", () => {
  assert.equal(landingOf(holding(["scalar", "hparams"], 24)), "hparams");
  assert.equal(landingOf(holding(["scalar", "hparams"], 1)), "series");
  assert.equal(landingOf(holding(["scalar"], 24)), "series");
  // Only one of several runs has a configuration, so there is nothing to compare it with.
  const one = holding(["scalar", "hparams"], 3);
  one.sets.push({ tags: [0], flow: [] });
  for (const run of one.runs.slice(1)) run.set = 1;
  assert.equal(landingOf(one), "series");
});

test("other logs open on what they hold", () => {
  assert.equal(landingOf(holding(["text", "histogram"], 1)), "histograms");
  assert.equal(landingOf(holding(["text", "pr_curve"], 1)), "pr");
  assert.equal(landingOf(holding(["image"], 1)), "media");
  assert.equal(landingOf(holding(["graph"], 1)), "graph");
  assert.equal(landingOf(holding(["other"], 1)), "flow");
  assert.equal(landingOf(holding([], 0)), "flow");
});
