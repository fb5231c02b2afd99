// One column for each group of runs: the networks, and the gradient in them.

import { merge, profileAt, profileOver } from "../../lib/flow.js";
import { extent } from "../../lib/scale.js";
import { ends } from "./thickness.js";

/** @typedef {import("../../lib/flow.js").Flow} Flow */
/** @typedef {import("../../lib/flow.js").Profile} Profile */

/**
 * A quantity along the layers, for several runs together.
 *
 * @param {Flow[]} flows
 * @param {string[]} layers  Layers of the network; records of other layers are left out.
 * @param {number|null} step  Null for the whole training.
 * @returns {Profile}
 */
export function along(flows, layers, step) {
  const nothing = layers.map(() => Number.NaN);
  const merged = step === null ? null : merge(flows, true);
  const found = merged && step !== null ? profileAt(merged, step) : flows.length > 0 ? profileOver(flows) : null;
  if (!found) return { step, layers, values: nothing, low: nothing, high: nothing };
  const places = layers.map((name) => found.layers.indexOf(name));
  const pick = (/** @type {number[]} */ all) => places.map((i) => (i < 0 ? Number.NaN : all[i]));
  const whole = found.whole;
  return {
    ...found,
    layers,
    values: pick(found.values),
    low: pick(found.low),
    high: pick(found.high),
    ...(whole ? { whole: places.map((i) => whole[i] ?? { mean: Number.NaN, records: 0, zeros: 0, lost: 0 }) } : {}),
  };
}

/**
 * The scale of thickness for all runs and all steps, so that edges can be compared along the steps and between runs.
 *
 * @param {Iterable<Flow>} flows
 */
export function scaleOf(flows) {
  /** @type {number[]} */
  const all = [];
  for (const one of flows) {
    for (const values of one.values) all.push(...(extent(Array.from(values), "log") ?? []));
  }
  return ends(all);
}
