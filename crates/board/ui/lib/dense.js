// A piece of a line with very many points: not a line, but the area between the lowest and the highest point of each column
// of pixels: what a line through all the points would cover.

import { MINUS, NAN, nothing, PLUS } from "./pyramid.js";
import { gallop } from "./bounds.js";

/** @typedef {import("./corners.js").Spans} Spans */
/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {import("./trace.js").Trace} Trace */

const extremes = nothing();

/** So many points of a column are looked at one by one; for more there is the pyramid. */
const FEW = 64;

/**
 * @typedef {object} Dense
 * @property {Trace} trace
 * @property {Scale} across
 * @property {Scale} up
 * @property {number} grain  How many pixels a column has.
 * @property {Spans} spans  Added to.
 * @property {(x: number, flags: number, low: number) => void} mark  Told of what has no place.
 */

/**
 * Puts what `trace` covers from one index to another into `spans`.
 *
 * @param {Dense} dense
 * @param {number} from
 * @param {number} to
 */
export function drawDense({ trace, across, up, grain, spans, mark }, from, to) {
  const { xs, ys, origin, pyramid } = trace;
  const left = across.place(across.low);
  const right = across.place(across.high);
  // This is where the time goes, so the axes are taken for what they are: straight, or straight behind a logarithm.
  const logarithmic = up.kind === "log";
  const height = (/** @type {number} */ value) => (logarithmic ? Math.log10(value) : value);
  const slope = (up.place(up.high) - up.place(up.low)) / (height(up.high) - height(up.low));
  const base = up.place(up.low) - height(up.low) * slope;
  const straight = across.kind === "linear";
  const stride = (grain * (across.high - across.low)) / (right - left);
  let i = from;
  for (let k = -1; i < to; k += 1) {
    const x = left + k * grain;
    // The last column takes all that is left: a time that is infinite, or none, lies before no edge.
    const last = x > right;
    const edge = last ? Infinity : origin + (straight ? across.low + (k + 1) * stride : across.value(x + grain));
    if (!(last || xs[i] < edge)) continue;
    const start = i;
    const near = Math.min(to, i + FEW);
    let [low, high, flags] = [Infinity, -Infinity, 0];
    for (; i < near && (last || xs[i] < edge); i += 1) {
      const value = ys[i];
      if (!Number.isFinite(value)) flags |= Number.isNaN(value) ? NAN : value > 0 ? PLUS : MINUS;
      else {
        if (value > high) high = value;
        if (value < low) low = value;
      }
    }
    let least = low;
    if ((i === near && i < to && (last || xs[i] < edge)) || (logarithmic && low <= 0)) {
      i = last ? to : gallop(xs, edge, start, to);
      Object.assign(extremes, nothing());
      pyramid.range(ys, start, i, extremes);
      ({ low, high, flags } = extremes);
      least = logarithmic ? extremes.positive : low;
    }
    if (flags !== 0 || (logarithmic && low <= 0)) mark(x + grain / 2, flags, low);
    if (least > high) spans.end();
    else spans.push(x + grain / 2, base + slope * height(high), base + slope * height(least));
  }
  spans.end();
}
