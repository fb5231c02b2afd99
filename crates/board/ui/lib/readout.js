// What a chart says at a place: the points of its lines there, in numbers.

import { lowerBound } from "./bounds.js";

/** @typedef {import("./trace.js").Line} Line */
/** @typedef {import("./trace.js").Trace} Trace */

/**
 * @typedef {object} Reading
 * @property {Line} line
 * @property {number} index
 * @property {number} x
 * @property {number} value  As recorded.
 * @property {number} shown  Smoothed, if the line is.
 * @property {[number, number]|null} band
 */

/**
 * The index of the point whose x is nearest; of several attempts, in the newest that was there. -1 if there is no point.
 *
 * @param {Trace} trace
 * @param {number} x
 */
export function nearest({ xs, origin, length, pieces }, x) {
  let best = -1;
  let distance = Infinity;
  for (let k = pieces.length - 1; k >= 0; k -= 1) {
    const begin = pieces[k];
    const end = Math.min(pieces[k + 1] ?? length, length);
    if (begin >= end) continue;
    const right = Math.min(lowerBound(xs, x + origin, begin, end), end - 1);
    for (const i of [right, Math.max(begin, right - 1)]) {
      const away = Math.abs(xs[i] - origin - x);
      if (away < distance) [best, distance] = [i, away];
    }
  }
  return best;
}

/**
 * All lines at an x, the highest value first; NaN last.
 *
 * @param {Line[]} lines
 * @param {number} x
 * @returns {Reading[]}
 */
export function readings(lines, x) {
  const found = [];
  for (const line of lines) {
    const index = nearest(line.raw, x);
    if (index < 0) continue;
    found.push({
      line,
      index,
      x: line.raw.xs[index] - line.raw.origin,
      value: line.raw.ys[index],
      shown: (line.smooth ?? line.raw).ys[index],
      band: line.band ? /** @type {[number, number]} */ ([line.band.low.ys[index], line.band.high.ys[index]]) : null,
    });
  }
  const rank = (/** @type {number} */ value) => (Number.isNaN(value) ? -Infinity : value);
  return found.sort((a, b) =>
    rank(a.shown) === rank(b.shown)
      ? Number(Number.isNaN(a.shown)) - Number(Number.isNaN(b.shown))
      : rank(b.shown) - rank(a.shown),
  );
}

/**
 * Those of many readings that a small sheet has room for: around one of them.
 *
 * @template T
 * @param {T[]} all
 * @param {number} centre  Index.
 * @param {number} most
 * @returns {{rows: T[], above: number, below: number}}
 */
export function around(all, centre, most) {
  if (all.length <= most) return { rows: all, above: 0, below: 0 };
  const first = Math.min(Math.max(0, centre - Math.floor(most / 2)), all.length - most);
  return { rows: all.slice(first, first + most), above: first, below: all.length - first - most };
}

/**
 * A line in numbers.
 *
 * @typedef {object} Summary
 * @property {number} points
 * @property {number} last
 * @property {number} lastX
 * @property {number} low
 * @property {number} lowX
 * @property {number} high
 * @property {number} highX
 * @property {number} unplaced  How many values are NaN or infinite.
 */

/**
 * @param {Trace} trace
 * @returns {Summary}
 */
export function summary({ xs, ys, origin, length }) {
  let [low, high] = [-1, -1];
  let unplaced = 0;
  for (let i = 0; i < length; i += 1) {
    if (!Number.isFinite(ys[i])) unplaced += 1;
    else {
      if (low < 0 || ys[i] < ys[low]) low = i;
      if (high < 0 || ys[i] > ys[high]) high = i;
    }
  }
  const x = (/** @type {number} */ i) => (i < 0 ? Number.NaN : xs[i] - origin);
  const y = (/** @type {number} */ i) => (i < 0 ? Number.NaN : ys[i]);
  return {
    points: length,
    last: y(length - 1),
    lastX: x(length - 1),
    low: y(low),
    lowX: x(low),
    high: y(high),
    highX: x(high),
    unplaced,
  };
}
