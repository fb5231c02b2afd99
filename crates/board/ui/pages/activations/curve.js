// An activation's slope where the recorded z lie.

import { binCount, FRACTIONS, percentile } from "../../lib/bins.js";

/** @typedef {import("../../lib/bins.js").Histograms} Histograms */

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {number[]} z  Equally far apart, ascending.
 * @property {number[]} f
 * @property {number[]} df
 */

/** A slope below this share of its largest, whatever its sign, is called small: hardly any gradient passes. */
export const SMALL = 0.05;

/** Curves are asked for at least as far to both sides: every activation is steepest within. */
const REACH = 8;

/** The largest f'. @param {Curve} curve */
export const steepest = ({ df }) => df.reduce((most, value) => Math.max(most, value), 0);

/**
 * f'(z): between the points of the curve in a straight line, beyond its ends as at the ends.
 *
 * @param {Curve} curve
 * @param {number} z
 */
export function slopeAt({ z: points, df }, z) {
  const last = points.length - 1;
  const place = ((z - points[0]) / (points[last] - points[0])) * last;
  if (!(place > 0)) return df[0];
  if (place >= last) return df[last];
  const i = Math.floor(place);
  return df[i] + (place - i) * (df[i + 1] - df[i]);
}

/** The axis reaches so much further than what lies within one and a half deviations of the widest layer. */
const CORE = 1.6;

/**
 * The axis of z that all layers share: what was recorded at any step, but of far outliers only so much that the others
 * can still be seen.
 *
 * @param {Histograms[]} all
 * @returns {[number, number]}
 */
export function axisOf(all) {
  const extreme = (/** @type {number} */ which, /** @type {(a: number, b: number) => number} */ pick) => {
    let found = 0;
    for (const one of all) {
      for (let row = 0; row < one.rows; row += 1) {
        const value = percentile(one, row, which);
        if (Number.isFinite(value)) found = pick(found, value);
      }
    }
    return found;
  };
  const last = FRACTIONS.length - 1;
  const core = Math.max(-extreme(1, Math.min), extreme(last - 1, Math.max), 2);
  const low = Math.max(extreme(0, Math.min), -CORE * core);
  const high = Math.min(extreme(last, Math.max), CORE * core);
  return [Math.floor(Math.min(low, -3)), Math.ceil(Math.max(high, 3))];
}

/**
 * How far the curve has to be known for an axis.
 *
 * @param {[number, number]} axis
 */
export const curveRange = ([low, high]) => ({ low: Math.min(low, -REACH), high: Math.max(high, REACH) });

/**
 * @typedef {object} Bar
 * @property {number} left
 * @property {number} right
 * @property {number} count
 * @property {number} slope  The mean |f'| of its values, as a share of the largest f'.
 * @property {number} small  The share of its values where f' is small.
 */

/** At so many places of a bin f' is looked at. */
const PLACES = 16;

/**
 * A row of a series, with the slope in each bin. The values of a bin are taken as spread evenly over it.
 *
 * @param {Histograms} data
 * @param {number} row
 * @param {Curve} curve
 * @returns {Bar[]}
 */
export function barsOf(data, row, curve) {
  const most = steepest(curve) || 1;
  return Array.from({ length: data.bins }, (_, bin) => {
    const [left, right] = [data.edges[bin], data.edges[bin + 1]];
    let [sum, small] = [0, 0];
    for (let k = 0; k < PLACES; k += 1) {
      const slope = Math.abs(slopeAt(curve, left + ((k + 0.5) / PLACES) * (right - left))) / most;
      sum += slope;
      if (slope < SMALL) small += 1;
    }
    return { left, right, count: binCount(data, row, bin), slope: sum / PLACES, small: small / PLACES };
  });
}

/**
 * What all bars say together: the share of the values where f' is small, and the mean |f'| (of its own, not as a share).
 *
 * @param {Bar[]} bars
 * @param {Curve} curve
 */
export function summary(bars, curve) {
  let [count, small, slope] = [0, 0, 0];
  for (const bar of bars) {
    count += bar.count;
    small += bar.count * bar.small;
    slope += bar.count * bar.slope;
  }
  if (!(count > 0)) return { small: Number.NaN, mean: Number.NaN };
  return { small: small / count, mean: (slope / count) * steepest(curve) };
}

/**
 * The stretches of an axis where f' is small.
 *
 * @param {Curve} curve
 * @param {[number, number]} axis
 * @returns {[number, number][]}
 */
export function smallStretches(curve, [low, high]) {
  const limit = SMALL * steepest(curve);
  /** @type {[number, number][]} */
  const found = [];
  let open = false;
  for (const [i, z] of curve.z.entries()) {
    const small = Math.abs(curve.df[i]) < limit;
    if (small && open) found[found.length - 1][1] = z;
    else if (small) found.push([z, z]);
    open = small;
  }
  return found
    .map(([from, to]) => /** @type {[number, number]} */ ([Math.max(from, low), Math.min(to, high)]))
    .filter(([from, to]) => to > from);
}

/** Layers of histograms of pre-activations, by the names that people give them. */
const TAG = /^pre[_-]?activations?\/(.+)$/i;

/**
 * The layer that a tag records the pre-activations of; null if it does not.
 *
 * @param {string} tag
 */
export const layerOf = (tag) => TAG.exec(tag)?.[1] ?? null;

/**
 * The activation of a layer in a network of ours: the last layer gives logits, as they are.
 *
 * @param {number} layer
 * @param {number} layers  How many there are.
 * @param {unknown} configured  `network.activation` of the run.
 * @returns {string|null}  Null if it is not known.
 */
export function activationOf(layer, layers, configured) {
  if (typeof configured !== "string" || configured === "") return null;
  return layer === layers - 1 && layers > 1 ? "identity" : configured;
}

/** @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${Number((share * 100).toPrecision(share < 0.0995 || share > 0.99 ? 2 : 3)).toFixed(share < 0.1 && share > 0 ? 1 : 0)} %`;
}
