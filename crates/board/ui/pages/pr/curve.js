// A precision-recall curve: its area, and the point of it that a pointer means.

import { number } from "../../lib/format.js";

/**
 * @typedef {object} Point
 * @property {number} threshold
 * @property {number} precision
 * @property {number} recall
 * @property {number} tp  True positives.
 * @property {number} fp  False positives.
 * @property {number} tn  True negatives.
 * @property {number} fn  False negatives.
 */

/** @typedef {Record<"thresholds"|"precision"|"recall"|"tp"|"fp"|"tn"|"fn", (number|string)[]> & {step: number, index: number}} Answer */

/**
 * The points of a curve, by threshold.
 *
 * @param {Answer} answer
 * @returns {Point[]}
 */
export const points = ({ thresholds, precision, recall, tp, fp, tn, fn }) =>
  thresholds.map((threshold, i) => ({
    threshold: number(threshold),
    precision: number(precision[i]),
    recall: number(recall[i]),
    tp: number(tp[i]),
    fp: number(fp[i]),
    tn: number(tn[i]),
    fn: number(fn[i]),
  }));

/** Whether a point says anything: with no positive prediction at all, precision is a convention and not a measurement. @param {Point} point */
export const measured = ({ tp, fp, precision, recall }) =>
  Number.isFinite(precision) && Number.isFinite(recall) && !(tp === 0 && fp === 0);

/**
 * The average precision: the sum over thresholds, from high to low, of the precision times the recall that is gained.
 *
 * @param {Point[]} all
 */
export function averagePrecision(all) {
  const known = all.filter(measured).sort((a, b) => b.threshold - a.threshold);
  if (known.length === 0) return Number.NaN;
  let [sum, before] = [0, 0];
  for (const { precision, recall } of known) {
    sum += precision * Math.max(0, recall - before);
    before = Math.max(before, recall);
  }
  return sum;
}

/**
 * The point nearest to a place on the screen.
 *
 * @template T
 * @param {{owner: T, points: Point[]}[]} curves
 * @param {(point: Point) => {x: number, y: number}} place
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @returns {{owner: T, point: Point}|null}
 */
export function nearest(curves, place, x, y, reach) {
  let [found, least] = [/** @type {{owner: T, point: Point}|null} */ (null), reach];
  for (const { owner, points: all } of curves) {
    for (const point of all) {
      if (!measured(point)) continue;
      const at = place(point);
      const away = Math.hypot(at.x - x, at.y - y);
      if (away < least) [found, least] = [{ owner, point }, away];
    }
  }
  return found;
}
