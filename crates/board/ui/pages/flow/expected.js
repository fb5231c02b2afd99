// What theory expected of delta before the first step, beside what was measured.

import { changeOfLn } from "./reason.js";

/** @typedef {import("../../lib/flow.js").Profile} Profile */

/** Of which quantity theory speaks, and under which name its numbers are recorded: ln of delta over the last layer's. */
export const DELTA = "delta/rms";
export const EXPECTED = "theory/delta";

/**
 * The expected profile, from the measured value of the last layer on: theory says ratios, not sizes.
 *
 * @param {Profile} measured
 * @param {Profile} theory  Natural logarithms over the last layer's value.
 * @returns {number[]}  For each layer of the measured profile; NaN where theory has no number.
 */
export function anchored({ layers, values }, theory) {
  const ln = layers.map((name) => theory.values[theory.layers.indexOf(name)] ?? Number.NaN);
  const last = ln.findLastIndex((one, i) => !Number.isNaN(one) && values[i] > 0);
  return ln.map((one) => (last < 0 ? Number.NaN : values[last] * Math.exp(one - ln[last])));
}

/**
 * "Theory expects that it falls 6.20-fold at initialisation", or "" where it expected nothing.
 *
 * @param {Profile} theory
 */
export function expectation({ layers, values }) {
  const known = layers.map((_, i) => i).filter((i) => !Number.isNaN(values[i]));
  if (known.length < 2) return "";
  return `Theory expects that it ${changeOfLn(values[known[known.length - 1]] - values[known[0]])} at initialisation`;
}
