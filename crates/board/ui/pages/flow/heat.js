// A picture of layers over steps: which record a column of pixels shows, and in which colour.

import { mapped } from "../../lib/colour.js";
import { indexAt } from "../../lib/bounds.js";

/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("../../lib/flow.js").Merged} Merged */
/** @typedef {{low: number, high: number}} Steps */

/** Where there is no colour: not recorded yet, nothing at all, not a number. */
export const [BLANK, ZERO, LOST] = [-1, -2, -3];

/**
 * The axis of steps of all panels: from the first step to a record's width behind the last, for a record lasts until the
 * next one.
 *
 * @param {Merged[]} all
 * @returns {Steps}
 */
export function stepsOf(all) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { steps } of all) {
    if (steps.length === 0) continue;
    low = Math.min(low, steps[0]);
    high = Math.max(high, end(steps));
  }
  return low < high ? { low, high } : { low: 0, high: 1 };
}

/** Where the last of some records ends, if it lasts as long as the one before. @param {ArrayLike<number>} steps */
function end(steps) {
  const last = steps[steps.length - 1];
  return last + (steps.length > 1 ? last - steps[steps.length - 2] : 1);
}

/**
 * The record that each column of pixels shows; `BLANK` before the first and behind the last. Records that are narrower
 * than a pixel are passed over.
 *
 * @param {ArrayLike<number>} steps
 * @param {Steps} axis
 * @param {number} columns
 * @returns {Int32Array}
 */
export function columnsOf(steps, { low, high }, columns) {
  const found = new Int32Array(columns).fill(BLANK);
  if (steps.length === 0) return found;
  const last = end(steps);
  for (let x = 0; x < columns; x += 1) {
    const step = low + ((x + 0.5) / columns) * (high - low);
    if (step >= steps[0] && step < last) found[x] = indexAt(steps, step);
  }
  return found;
}

/**
 * Where a value stands between the ends of the scale, from 0 to 1; `ZERO` and `LOST` for what has no place on it.
 *
 * @param {number} value
 * @param {[number, number]} domain
 * @param {Quantity["axis"]} kind
 */
export function shareOf(value, [low, high], kind) {
  if (Number.isNaN(value)) return LOST;
  if (kind !== "log") return Math.min(Math.max((value - low) / (high - low || 1), 0), 1);
  if (value <= 0) return ZERO;
  if (value === Number.POSITIVE_INFINITY) return LOST;
  return Math.min(Math.max(Math.log(value / low) / Math.log(high / low || Math.E), 0), 1);
}

/**
 * Light is much, dark is little; of what has a sign, orange is more and blue is less.
 *
 * @param {number} share
 * @param {Quantity["axis"]} kind
 */
export const colourOf = (share, kind) => mapped(kind === "ln_factor" ? "diverging" : "viridis", share);

/**
 * @typedef {object} Marks  Stretches of a row that have no colour.
 * @property {number} row
 * @property {number} from  Column of pixels.
 * @property {number} to  Not included.
 * @property {number} what  `ZERO` or `LOST`.
 */

/**
 * The picture as pixels, one row for each layer, the last layer on top; and what is to be marked on it.
 *
 * @param {Merged} of
 * @param {Int32Array} columns  From `columnsOf`.
 * @param {[number, number]} domain
 * @param {Quantity["axis"]} kind
 * @returns {{pixels: Uint8ClampedArray, marks: Marks[]}}  [layers][columns] of red, green, blue, alpha.
 */
export function raster({ mean }, columns, domain, kind) {
  const [rows, width] = [mean.length, columns.length];
  const pixels = new Uint8ClampedArray(4 * rows * width);
  /** @type {Marks[]} */
  const marks = [];
  for (let row = 0; row < rows; row += 1) {
    const layer = mean[rows - 1 - row];
    let [record, share] = [BLANK, BLANK];
    let [r, g, b] = [0, 0, 0];
    for (let x = 0; x < width; x += 1) {
      if (columns[x] !== record) {
        record = columns[x];
        share = record === BLANK ? BLANK : shareOf(layer[record], domain, kind);
        if (share >= 0) [r, g, b] = colourOf(share, kind);
      }
      if (share >= 0) pixels.set([r, g, b, 255], 4 * (row * width + x));
      else if (share !== BLANK) {
        const last = marks[marks.length - 1];
        if (last?.row === row && last.to === x && last.what === share) last.to = x + 1;
        else marks.push({ row, from: x, to: x + 1, what: share });
      }
    }
  }
  return { pixels, marks };
}

/**
 * Which layers are named at the side of so many rows, so that the names do not touch: the first, the last, and some at
 * equal distances between.
 *
 * @param {number} count
 * @param {number} height  Of the whole, in pixels.
 * @param {number} needed  Pixels that a name needs.
 * @returns {number[]}  Indices, ascending.
 */
export function named(count, height, needed) {
  if (count === 0) return [];
  const every = Math.max(1, Math.ceil((needed * count) / height));
  const found = [];
  for (let i = 0; i < count; i += every) found.push(i);
  const last = count - 1;
  if (found[found.length - 1] !== last) {
    if (last - found[found.length - 1] < every) found.pop();
    found.push(last);
  }
  return found;
}
