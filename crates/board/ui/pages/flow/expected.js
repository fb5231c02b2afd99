// What theory expected of delta before the first step, beside what was measured.

import { fold } from "../../lib/format.js";

/** @typedef {import("../../lib/flow.js").Profile} Profile */

/** Of which quantity theory speaks, and under which name its numbers are recorded: ln of delta over the last layer's. */
export const DELTA = "delta/rms";
export const EXPECTED = "theory/delta";

/** Within this factor nothing is expected to fall or to grow. */
const ALIKE = 1.25;

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
 * "theory expected 6.2-fold at initialisation", or "" where it expected nothing.
 *
 * @param {Profile} theory
 */
export function expectation({ layers, values }) {
  const known = layers.map((_, i) => i).filter((i) => !Number.isNaN(values[i]));
  if (known.length < 2) return "";
  const ratio = Math.exp(values[known[known.length - 1]] - values[known[0]]);
  if (ratio > ALIKE) return `theory expected ${fold(ratio)} at initialisation`;
  if (ratio < 1 / ALIKE) return `theory expected it to grow ${fold(1 / ratio)} at initialisation`;
  return "theory expected no change at initialisation";
}
