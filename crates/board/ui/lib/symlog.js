// Axes for numbers of both signs and many sizes: logarithmic on both sides, linear around zero.

import { ticks } from "./scale.js";

/** @typedef {import("./scale.js").Scale} Scale */

/**
 * What an axis shows.
 *
 * @typedef {object} Domain
 * @property {number} low
 * @property {number} high
 * @property {number} threshold  The size below which a logarithmic axis is linear.
 */

/**
 * What an axis has to show of bins. Of logarithmic ones, the bin around zero tells below which size they are linear.
 *
 * @param {ArrayLike<number>} edges  Ascending, at least two.
 * @returns {Domain|null}  Null if an end is not finite.
 */
export function domainOf(edges) {
  const [low, high] = [edges[0], edges[edges.length - 1]];
  if (!(Number.isFinite(low) && Number.isFinite(high))) return null;
  let threshold = Math.min(Math.abs(low), Math.abs(high));
  for (let bin = 0; bin + 1 < edges.length; bin += 1) {
    const [left, right] = [edges[bin], edges[bin + 1]];
    if (left <= 0 && right >= 0 && right > left) threshold = Math.max(-left, right);
  }
  return { low, high, threshold: threshold || 1 };
}

/**
 * What one axis has to show for several.
 *
 * @param {Domain[]} domains
 * @returns {Domain|null}
 */
export const joined = (domains) =>
  domains.length === 0
    ? null
    : {
        low: Math.min(...domains.map(({ low }) => low)),
        high: Math.max(...domains.map(({ high }) => high)),
        threshold: Math.min(...domains.map(({ threshold }) => threshold)),
      };

/** Half the width of the linear part, in decades. */
const CENTRE = 0.3;

/**
 * @param {number} value
 * @param {number} threshold  Positive.
 * @returns {number} Decades from zero, with the value's sign.
 */
function decades(value, threshold) {
  const size = Math.abs(value) / threshold;
  // Of two logarithms, since the ratio of two numbers may be larger than any number.
  return Math.sign(value) * (size <= 1 ? CENTRE * size : CENTRE + Math.log10(Math.abs(value)) - Math.log10(threshold));
}

/**
 * A symmetric-logarithmic axis.
 *
 * @param {Domain} domain
 * @param {number} from  Pixel of `low`.
 * @param {number} to  Pixel of `high`.
 * @returns {Omit<Scale, "kind"> & {kind: "symlog"}}
 */
export function symlog({ low, high, threshold }, from, to) {
  const [a, b] = [decades(low, threshold), decades(high, threshold)];
  const width = b - a || 1;
  return {
    kind: "symlog",
    low,
    high,
    place: (value) => from + ((decades(value, threshold) - a) / width) * (to - from),
    value: (pixel) => {
      const at = a + ((pixel - from) / (to - from || 1)) * width;
      const size = Math.abs(at);
      return (
        Math.sign(at) * (size <= CENTRE ? (threshold * size) / CENTRE : 10 ** (size - CENTRE + Math.log10(threshold)))
      );
    },
  };
}

/**
 * Powers of ten on both sides, and zero; about `wanted` of them. Between two powers of ten, the ticks of a linear axis.
 *
 * @param {Domain} domain
 * @param {number} wanted
 * @returns {number[]} Ascending.
 */
export function symlogTicks({ low, high, threshold }, wanted) {
  if (!(low < high && threshold > 0 && Number.isFinite(low) && Number.isFinite(high))) return [];
  const whole = decades(high, threshold) - decades(low, threshold);
  const every = Math.max(1, Math.ceil(whole / Math.max(1, wanted)));
  const largest = Math.floor(Math.log10(Math.max(-low, high)) + 1e-9);
  const found = low <= 0 && high >= 0 ? [0] : [];
  for (let power = largest; 10 ** power > threshold * 1.0001; power -= every) {
    const tick = Number(`1e${power}`);
    // Beside zero there has to be room for zero's own label.
    if (found.length > 0 && low <= 0 && high >= 0 && decades(tick, threshold) < every * 0.6) break;
    if (tick >= low && tick <= high * (1 + 1e-9)) found.push(tick);
    if (-tick >= low * (1 + 1e-9) && -tick <= high) found.push(-tick);
  }
  return found.length > 0 ? found.sort((a, b) => a - b) : ticks("linear", low, high, wanted);
}
