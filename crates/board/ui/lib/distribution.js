// How the percentiles of a series of histograms go over the steps.

import { FRACTIONS, percentile } from "./bins.js";

/** @typedef {import("./bins.js").Histograms} Histograms */

/** Pairs of percentiles between which a band lies, the widest first; indices into `FRACTIONS`. @type {[number, number][]} */
export const BANDS = [
  [0, 8],
  [1, 7],
  [2, 6],
  [3, 5],
];

const MEDIAN = 4;

/** What the percentiles are called, lowest first. */
export const NAMES = FRACTIONS.map((fraction) =>
  fraction === 0 ? "min" : fraction === 1 ? "max" : fraction === 0.5 ? "median" : `${Math.round(fraction * 100)} %`,
);

/**
 * Runs of rows in which the steps go up and the percentiles are numbers. A training that was begun anew starts another.
 *
 * @param {Histograms} all
 * @returns {[number, number][]}  First row, row behind the last.
 */
export function stretches(all) {
  /** @type {[number, number][]} */
  const found = [];
  let start = -1;
  for (let row = 0; row < all.rows; row += 1) {
    const sound = FRACTIONS.every((_, which) => Number.isFinite(percentile(all, row, which)));
    const onward = start >= 0 && all.steps[row] > all.steps[row - 1];
    if (start >= 0 && !(sound && onward)) {
      found.push([start, row]);
      start = -1;
    }
    if (sound && start < 0) start = row;
  }
  if (start >= 0) found.push([start, all.rows]);
  return found;
}

/**
 * The outlines of the bands, in pixels, and the line of the medians.
 *
 * @param {Histograms} all
 * @param {(step: number) => number} across
 * @param {(value: number) => number} up
 * @returns {{bands: [number, number][][][], median: [number, number][][]}}  For each pair of `BANDS` its polygons.
 */
export function distribution(all, across, up) {
  const parts = stretches(all);
  const line = (/** @type {[number, number]} */ [from, to], /** @type {number} */ which) =>
    Array.from(
      { length: to - from },
      (_, i) => /** @type {[number, number]} */ ([across(all.steps[from + i]), up(percentile(all, from + i, which))]),
    );
  return {
    bands: BANDS.map(([low, high]) => parts.map((part) => [...line(part, high), ...line(part, low).reverse()])),
    median: parts.map((part) => line(part, MEDIAN)),
  };
}

/**
 * The row whose step is nearest.
 *
 * @param {ArrayLike<number>} steps
 * @param {number} wanted
 */
export function nearestStep(steps, wanted) {
  let nearest = 0;
  for (let row = 1; row < steps.length; row += 1) {
    if (Math.abs(steps[row] - wanted) <= Math.abs(steps[nearest] - wanted)) nearest = row;
  }
  return nearest;
}
