// From points to pixels: however many points a line has, it is drawn with a few for each column of pixels, and between its
// lowest and highest in each.

import { MINUS, NAN, nothing, PLUS } from "./pyramid.js";

/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {import("./trace.js").Trace} Trace */

/** Up to so many points for each column of pixels, each point is drawn as it is. */
const SPARSE = 2;

/** Corners of lines: x and y in turn; NaN ends a line. Kept from frame to frame. */
export class Corners {
  constructor() {
    this.xy = new Float32Array(1024);
    this.length = 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  push(x, y) {
    if (this.length + 2 > this.xy.length) {
      const grown = new Float32Array(this.xy.length * 2);
      grown.set(this.xy);
      this.xy = grown;
    }
    this.xy[this.length] = x;
    this.xy[this.length + 1] = y;
    this.length += 2;
  }

  /** Ends the present line, if one was begun. */
  end() {
    if (this.length > 0 && !Number.isNaN(this.xy[this.length - 1])) this.push(Number.NaN, Number.NaN);
  }
}

/**
 * What has no place on the axes: "nan", "above" (plus infinity), "below" (minus infinity; on a logarithmic axis also zero and
 * less).
 *
 * @typedef {{x: number, what: "nan"|"above"|"below"}} Mark
 */

/**
 * The first index of `xs[from..to]` whose x is not less than `wanted`.
 *
 * @param {ArrayLike<number>} xs  Ascending there.
 * @param {number} wanted
 * @param {number} from
 * @param {number} to
 */
export function lowerBound(xs, wanted, from, to) {
  let [a, b] = [from, to];
  while (a < b) {
    const middle = (a + b) >> 1;
    if (xs[middle] < wanted) a = middle + 1;
    else b = middle;
  }
  return a;
}

/** As `lowerBound`, for an answer that is near `from`. @type {typeof lowerBound} */
function gallop(xs, wanted, from, to) {
  let reach = 1;
  let start = from;
  while (start + reach < to && xs[start + reach] < wanted) {
    start += reach;
    reach *= 2;
  }
  return lowerBound(xs, wanted, start, Math.min(to, start + reach + 1));
}

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
 * The corners of a trace between the ends of the axis, and marks for what has no place.
 *
 * @param {Trace} trace
 * @param {Scale} across
 * @param {Scale} up
 * @param {Corners} corners  Emptied first.
 * @param {Mark[]} [marks]  Added to.
 */
export function outline(trace, across, up, corners, marks) {
  corners.length = 0;
  const { xs, ys, origin } = trace;
  const left = across.place(across.low);
  const right = across.place(across.high);
  /** @type {(x: number, flags: number, low: number) => void} */
  const mark = (x, flags, low) => {
    if (!marks || x < left || x > right) return;
    if (flags & NAN) addMark(marks, x, "nan");
    if (flags & PLUS) addMark(marks, x, "above");
    if (flags & MINUS || (up.kind === "log" && low <= 0)) addMark(marks, x, "below");
  };
  const logarithmic = up.kind === "log";
  const extremes = nothing();
  eachPiece(trace, across.low, across.high, true, (from, to) => {
    corners.end();
    if (to - from <= SPARSE * (right - left)) {
      for (let i = from; i < to; i += 1) {
        const x = across.place(xs[i] - origin);
        const y = up.place(ys[i]);
        if (Number.isNaN(y)) {
          mark(x, Number.isNaN(ys[i]) ? NAN : ys[i] === Infinity ? PLUS : ys[i] === -Infinity ? MINUS : 0, ys[i]);
          corners.end();
        } else if (!Number.isNaN(x)) corners.push(x, y);
      }
      return;
    }
    let i = from;
    let before = Number.NaN;
    for (let column = Math.floor(left) - 1; i < to; column += 1) {
      const edge = column > right ? Infinity : across.value(column + 1) + origin;
      const end = gallop(xs, edge, i, to);
      if (end === i) continue;
      extremes.low = Infinity;
      extremes.high = -Infinity;
      extremes.positive = Infinity;
      extremes.flags = 0;
      trace.pyramid.range(ys, i, end, extremes);
      const x = column + 0.5;
      if (extremes.flags !== 0 || (logarithmic && extremes.low <= 0)) mark(x, extremes.flags, extremes.low);
      const lowest = up.place(logarithmic ? extremes.positive : extremes.low);
      const highest = up.place(extremes.high);
      if (Number.isNaN(lowest) || Number.isNaN(highest)) {
        corners.end();
        before = Number.NaN;
      } else {
        // The nearer end first: the line goes through both, and on from the column's last point.
        const last = up.place(ys[end - 1]);
        const rising = Math.abs(before - lowest) <= Math.abs(before - highest);
        corners.push(x, rising ? lowest : highest);
        const far = rising ? highest : lowest;
        if (Math.abs(lowest - highest) > 0.25) corners.push(x, far);
        before = far;
        if (Math.abs(last - far) > 1) {
          corners.push(x, last);
          before = last;
        }
      }
      i = end;
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
 * The outline of a band as a polygon: forward along one trace, back along the other.
 *
 * @param {{low: Trace, high: Trace}} band
 * @param {Scale} across
 * @param {Scale} up
 * @param {Corners} corners  Emptied first.
 */
export function bandOutline(band, across, up, corners) {
  const back = new Corners();
  outline(band.low, across, up, back);
  outline(band.high, across, up, corners);
  // Gaps are rare in a band; a polygon is closed over them rather than begun anew.
  let length = 0;
  for (let i = 0; i < corners.length; i += 2) {
    if (Number.isNaN(corners.xy[i])) continue;
    corners.xy[length] = corners.xy[i];
    corners.xy[length + 1] = corners.xy[i + 1];
    length += 2;
  }
  corners.length = length;
  for (let i = back.length - 2; i >= 0; i -= 2) if (!Number.isNaN(back.xy[i])) corners.push(back.xy[i], back.xy[i + 1]);
}
