// From points to pixels: however many points a line has, it is drawn with a few for each column of pixels, and between its
// lowest and highest in each.

import { Corners, Spans } from "./corners.js";
import { drawDense } from "./dense.js";
import { MINUS, NAN, PLUS } from "./pyramid.js";
import { lowerBound } from "./bounds.js";

/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {import("./trace.js").Trace} Trace */

/** Up to so many points for each column of pixels, each point is drawn as it is. */
const SPARSE = 2;

/**
 * What has no place on the axes: "nan", "above" (plus infinity), "below" (minus infinity; on a logarithmic axis also zero and
 * less).
 *
 * @typedef {{x: number, what: "nan"|"above"|"below"}} Mark
 */

/**
 * The pieces of a trace with the indices that lie between two x, and, if `around`, the next one on either side.
 *
 * @param {Trace} trace
 * @param {number} low
 * @param {number} high
 * @param {boolean} around
 * @param {(from: number, to: number) => void} visit
 */
export function eachPiece(trace, low, high, around, visit) {
  const { xs, origin, length, pieces } = trace;
  for (let k = 0; k < pieces.length; k += 1) {
    const begin = pieces[k];
    const end = Math.min(pieces[k + 1] ?? length, length);
    if (begin >= end || xs[begin] - origin > high || xs[end - 1] - origin < low) continue;
    let from = lowerBound(xs, low + origin, begin, end);
    let to = lowerBound(xs, high + origin, from, end);
    while (to < end && xs[to] - origin <= high) to += 1;
    if (around) {
      from = Math.max(begin, from - 1);
      to = Math.min(end, to + 1);
    }
    if (from < to) visit(from, to);
  }
}

/**
 * What a trace looks like: where it has few points a line, where it has many a span in each column of pixels.
 */
export class Shape {
  constructor() {
    this.lines = new Corners();
    this.spans = new Spans();
  }
}

/**
 * @typedef {object} Manner  How a trace is drawn.
 * @property {number} grain  How many pixels a column has; 1 but for pictures that must be made quickly.
 * @property {Mark[]} [marks]  Added to.
 */

/**
 * The shape of a trace between the ends of the axis.
 *
 * @param {Trace} trace
 * @param {Scale} across
 * @param {Scale} up
 * @param {Shape} shape  Emptied first.
 * @param {Manner} manner
 */
export function outline(trace, across, up, shape, { grain, marks }) {
  const { lines, spans } = shape;
  lines.length = 0;
  spans.length = 0;
  const { xs, ys, origin } = trace;
  const left = across.place(across.low);
  const right = across.place(across.high);
  /** @type {(x: number, flags: number, low: number) => void} */
  const mark = (x, flags, low) => {
    if (!marks || !(x >= left && x <= right)) return;
    if (flags & NAN) addMark(marks, x, "nan");
    if (flags & PLUS) addMark(marks, x, "above");
    if (flags & MINUS || (up.kind === "log" && low <= 0)) addMark(marks, x, "below");
  };
  eachPiece(trace, across.low, across.high, true, (from, to) => {
    lines.end();
    if (to - from > (SPARSE * (right - left)) / grain) {
      drawDense({ trace, across, up, grain, spans, mark }, from, to);
      return;
    }
    for (let i = from; i < to; i += 1) {
      const x = across.place(xs[i] - origin);
      const y = up.place(ys[i]);
      if (Number.isNaN(y)) {
        mark(x, Number.isNaN(ys[i]) ? NAN : ys[i] === Infinity ? PLUS : ys[i] === -Infinity ? MINUS : 0, ys[i]);
        lines.end();
      } else if (!Number.isNaN(x)) lines.push(x, y);
    }
  });
}

/** Marks of one kind stand so many pixels apart. */
const APART = 7;

/**
 * @param {Mark[]} marks
 * @param {number} x
 * @param {Mark["what"]} what
 */
function addMark(marks, x, what) {
  for (let i = marks.length - 1; i >= 0; i -= 1) {
    if (marks[i].what !== what) continue;
    if (Math.abs(marks[i].x - x) < APART) return;
    break;
  }
  marks.push({ x, what });
}

/**
 * The outline of a band as a polygon: forward along the upper trace, back along the lower one.
 *
 * @param {{low: Trace, high: Trace}} band
 * @param {Scale} across
 * @param {Scale} up
 * @param {Corners} corners  Emptied first.
 */
export function bandOutline(band, across, up, corners) {
  const [upper, lower] = [edge(band.high, across, up, 0), edge(band.low, across, up, 1)];
  corners.length = 0;
  for (const [x, y] of upper) corners.push(x, y);
  for (const [x, y] of lower.reverse()) corners.push(x, y);
}

/**
 * One edge of a band as few points: of very many in a column of pixels the outermost.
 *
 * @param {Trace} trace
 * @param {Scale} across
 * @param {Scale} up
 * @param {0|1} which  0 is the upper one.
 */
function edge(trace, across, up, which) {
  /** @type {[number, number][]} */
  const found = [];
  eachPiece(trace, across.low, across.high, true, (from, to) => {
    for (let i = from; i < to; i += 1) {
      const [x, y] = [across.place(trace.xs[i] - trace.origin), up.place(trace.ys[i])];
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      const last = found[found.length - 1];
      // Within half a pixel of the last corner there is one corner, the one further out.
      if (last && x - last[0] < 0.5) last[1] = which === 0 ? Math.min(last[1], y) : Math.max(last[1], y);
      else found.push([x, y]);
    }
  });
  return found;
}
