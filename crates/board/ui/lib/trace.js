// What is drawn of a series: its x, its y, where the line is broken, and the extremes of every stretch. Made once for each
// column and then only extended by what came.

import { band, newest } from "./band.js";
import { Pyramid } from "./pyramid.js";
import { average, smooth } from "./smooth.js";

/** @typedef {import("./scalars.js").Column} Column */
/** @typedef {"step"|"relative"|"wall"} XMode */

/**
 * @typedef {object} Trace
 * @property {Float64Array} xs  Going up within a piece; `origin` is to be taken off.
 * @property {number} origin
 * @property {Float64Array} ys
 * @property {number} length
 * @property {number[]} pieces  Where the line begins, and begins anew.
 * @property {Pyramid} pyramid  Of `ys`.
 */

/**
 * What is drawn in one colour.
 *
 * @typedef {object} Line
 * @property {string} key
 * @property {string} label
 * @property {string} colour  "#rrggbb"
 * @property {Trace} raw
 * @property {Trace|null} smooth  In front of the raw line, if the reader wants it smoothed.
 * @property {{low: Trace, high: Trace}|null} band  Of a group of runs.
 * @property {number} runs  How many there are in it.
 * @property {ArrayLike<number>|null} steps  By index, as `raw`; null if the x of a group are not steps.
 * @property {ArrayLike<number>|null} walls
 */

/**
 * Adds to `pieces` where the x of `xs[from..to]` go down or a segment begins.
 *
 * @param {number[]} pieces
 * @param {ArrayLike<number>} xs
 * @param {number} from
 * @param {number} to
 * @param {number[]} segments
 */
export function extendPieces(pieces, xs, from, to, segments) {
  const begins = new Set(segments);
  for (let i = from; i < to; i += 1) if (i === 0 || !(xs[i] >= xs[i - 1]) || begins.has(i)) pieces.push(i);
}

/** A column's values, smoothed by one weight. */
class Smoothed {
  constructor() {
    this.weight = 0;
    this.length = 0;
    this.state = average();
    this.ys = new Float64Array(0);
    this.pyramid = new Pyramid();
  }

  /**
   * @param {Column} column
   * @param {number} weight
   */
  extend(column, weight) {
    if (weight !== this.weight) {
      this.length = 0;
      this.state = average();
      this.pyramid.clear();
      this.weight = weight;
    }
    if (column.length > this.ys.length) {
      const grown = new Float64Array(Math.max(column.length, Math.ceil(this.ys.length * 1.5)));
      grown.set(this.ys.subarray(0, this.length));
      this.ys = grown;
    }
    const begins = new Set(column.segments);
    smooth(column.values, weight, this.ys, this.length, column.length, this.state, (i) => begins.has(i));
    this.length = column.length;
    this.pyramid.extend(this.ys, this.length);
  }
}

/** The first of some times that is one. @param {Float64Array} walls */
const begin = (walls) => walls.find(Number.isFinite) ?? 0;

/** What is remembered of a column. */
class Drawn {
  constructor() {
    this.generation = -1;
    this.pyramid = new Pyramid();
    /** @type {number[]} */
    this.byStep = [];
    /** @type {number[]} */
    this.byWall = [];
    this.smoothed = new Smoothed();
  }

  /** @param {Column} column */
  extend(column) {
    if (column.generation !== this.generation || column.length < this.pyramid.length) {
      Object.assign(this, new Drawn());
      this.generation = column.generation;
    }
    const from = this.pyramid.length;
    if (from === column.length) return;
    extendPieces(this.byStep, column.steps, from, column.length, column.segments);
    extendPieces(this.byWall, column.walls, from, column.length, column.segments);
    this.pyramid.extend(column.values, column.length);
  }
}

/** @type {WeakMap<Column, Drawn>} */
const drawn = new WeakMap();

/**
 * A column as a line.
 *
 * @param {Column} column
 * @param {{key: string, label: string, colour: string}} look
 * @param {XMode} mode
 * @param {number} weight  Of the smoothing.
 * @returns {Line}
 */
export function lineOf(column, look, mode, weight) {
  let known = drawn.get(column);
  if (!known) {
    known = new Drawn();
    drawn.set(column, known);
  }
  known.extend(column);
  const { steps, walls, values, length } = column;
  const place = {
    xs: mode === "step" ? steps : walls,
    origin: mode === "relative" ? begin(walls) : 0,
    length,
    pieces: mode === "step" ? known.byStep : known.byWall,
  };
  let front = null;
  if (weight > 0) {
    known.smoothed.extend(column, weight);
    front = { ...place, ys: known.smoothed.ys, pyramid: known.smoothed.pyramid };
  }
  return {
    ...look,
    raw: { ...place, ys: values, pyramid: known.pyramid },
    smooth: front,
    band: null,
    runs: 1,
    steps,
    walls,
  };
}

/**
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @returns {Trace}
 */
export function traceOf(xs, ys) {
  const pyramid = new Pyramid();
  pyramid.extend(ys, ys.length);
  return { xs, origin: 0, ys, length: ys.length, pieces: ys.length > 0 ? [0] : [], pyramid };
}

/**
 * The columns of a group's runs as a line with a band.
 *
 * @param {Column[]} columns
 * @param {{key: string, label: string, colour: string}} look
 * @param {XMode} mode
 * @param {number} weight
 * @returns {Line}
 */
export function groupLine(columns, look, mode, weight) {
  const filled = columns.filter((column) => column.length > 0);
  const series = filled.map((column) => {
    const found = newest(mode === "step" ? column.steps : column.walls, column.values, column.length);
    if (mode === "relative")
      for (let i = found.xs.length - 1, first = begin(column.walls); i >= 0; i -= 1) found.xs[i] -= first;
    return found;
  });
  const { xs, mean, low, high } = band(series);
  const smoothed = (/** @type {Float64Array} */ ys) => {
    if (weight === 0) return ys;
    const into = new Float64Array(ys.length);
    smooth(ys, weight, into, 0, ys.length, average());
    return into;
  };
  return {
    ...look,
    raw: traceOf(xs, mean),
    smooth: weight > 0 ? traceOf(xs, smoothed(mean)) : null,
    band: { low: traceOf(xs, smoothed(low)), high: traceOf(xs, smoothed(high)) },
    runs: filled.length,
    steps: mode === "step" ? xs : null,
    walls: mode === "wall" ? xs : null,
  };
}
