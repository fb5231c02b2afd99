// One column for each group of runs: the networks, and the gradient in them at a step.

import { extent } from "../../lib/scale.js";
import { indexAt } from "../../lib/bounds.js";
import { ends, geometricMean } from "./thickness.js";

/** @typedef {import("../../lib/frame.js").Numbers} Numbers */

/**
 * @typedef {object} Flow  A quantity along a run's layers.
 * @property {Numbers} steps
 * @property {Map<string, Numbers>} layers
 */

/**
 * The answer of the server as a flow.
 *
 * @param {{header: {layers: {name: string}[]}, arrays: Numbers[]}} answer
 * @returns {Flow}
 */
export const flow = ({ header, arrays }) => ({
  steps: arrays[0],
  layers: new Map(header.layers.map(({ name }, index) => [name, arrays[index + 1]])),
});

/**
 * The last value of a layer that was recorded at or before a step; NaN if there is none.
 *
 * @param {Flow} of
 * @param {string} layer
 * @param {number} step
 */
export function valueAt(of, layer, step) {
  const values = of.layers.get(layer);
  if (!values || !(of.steps[0] <= step)) return Number.NaN;
  for (let i = indexAt(of.steps, step); i >= 0; i -= 1) if (!Number.isNaN(values[i])) return values[i];
  return Number.NaN;
}

/**
 * The geometric mean over some runs of a layer's value at a step.
 *
 * @param {(Flow|undefined)[]} flows
 * @param {string} layer
 * @param {number} step
 */
export const meanAt = (flows, layer, step) =>
  geometricMean(flows.filter((one) => one !== undefined).map((one) => valueAt(one, layer, step)));

/**
 * The scale of thickness for all runs and all steps, so that edges can be compared along the steps and between runs.
 *
 * @param {Iterable<Flow>} flows
 */
export function scaleOf(flows) {
  /** @type {number[]} */
  const all = [];
  for (const one of flows) {
    for (const values of one.layers.values()) all.push(...(extent(values, "log") ?? []));
  }
  return ends(all);
}
