// The frame of a chart: which ranges its axes show, where their ticks are, and what does not fit.

import { quantile } from "./band.js";
import { eachPiece } from "./polyline.js";
import { nothing } from "./pyramid.js";
import { scale, ticks } from "./scale.js";
import { inRow, widest } from "./axis-labels.js";
import { tickLabels } from "./tick-labels.js";
import { momentLabels, spanLabel, timeTicks } from "./time-ticks.js";

/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {import("./trace.js").Line} Line */
/** @typedef {import("./trace.js").Trace} Trace */
/** @typedef {[number, number]} Range */

/**
 * What the reader chose.
 *
 * @typedef {object} Options
 * @property {import("./trace.js").XMode} mode
 * @property {"linear"|"log"} xKind
 * @property {"linear"|"log"} yKind
 * @property {boolean} clip  Whether outliers may lie outside.
 */

/**
 * @typedef {object} Plot
 * @property {Scale} x
 * @property {Scale} y
 * @property {{at: number, text: string, middle: number}[]} xTicks  In pixels; `middle` is that of the text.
 * @property {{at: number, text: string}[]} yTicks
 * @property {{left: number, right: number, top: number, bottom: number}} box
 * @property {{shown: Range, all: Range}|null} clipped  If lines go beyond what is shown.
 */

/** The traces of a line that an axis has to hold. @param {Line} line @returns {Trace[]} */
const traces = (line) => [
  line.raw,
  ...(line.smooth ? [line.smooth] : []),
  ...(line.band ? [line.band.low, line.band.high] : []),
];

/**
 * First and last x of all lines; on a logarithmic axis of those that are positive.
 *
 * @param {Line[]} lines
 * @param {"linear"|"log"} kind
 * @returns {Range}
 */
export function xRange(lines, kind) {
  let [low, high] = [Infinity, -Infinity];
  for (const { raw } of lines) {
    for (const [k, begin] of raw.pieces.entries()) {
      const end = Math.min(raw.pieces[k + 1] ?? raw.length, raw.length);
      let [first, last] = [begin, end - 1];
      const x = (/** @type {number} */ i) => raw.xs[i] - raw.origin;
      // Times may be infinite, or none at all.
      while (first <= last && !(Number.isFinite(x(first)) && (kind === "linear" || x(first) > 0))) first += 1;
      while (last > first && !Number.isFinite(x(last))) last -= 1;
      if (first > last) continue;
      low = Math.min(low, x(first));
      high = Math.max(high, x(last));
    }
  }
  if (low > high) return kind === "log" ? [1, 10] : [0, 1];
  if (low === high) return kind === "log" ? [low / 2, low * 2] : [low - 0.5, high + 0.5];
  return [low, high];
}

/**
 * Smallest and largest y of all lines between two x, null if there is none.
 *
 * @param {Line[]} lines
 * @param {Range} x
 * @param {"linear"|"log"} kind
 * @returns {Range|null}
 */
export function yExtremes(lines, [low, high], kind) {
  const found = nothing();
  const take = (/** @type {boolean} */ around) => {
    for (const line of lines) {
      for (const trace of traces(line)) {
        eachPiece(trace, low, high, around, (from, to) => trace.pyramid.range(trace.ys, from, to, found));
      }
    }
  };
  take(false);
  // Between two points there is none, but a line.
  if (found.low > found.high) take(true);
  const least = kind === "log" ? found.positive : found.low;
  return least <= found.high ? [least, found.high] : null;
}

/** Of fewer points none is an outlier. */
const FEWEST = 20;

/** Of so many points of a line at most, evenly spread, percentiles are taken. */
const SAMPLE = 2000;

/**
 * The range that holds all but the outliers: from the 2nd to the 98th percentile and a quarter of that on either side.
 *
 * @param {Line[]} lines
 * @param {Range} x
 * @param {"linear"|"log"} kind
 * @returns {Range|null}
 */
function withoutOutliers(lines, [low, high], kind) {
  /** @type {number[]} */
  const sample = [];
  for (const line of lines) {
    const trace = line.smooth ?? line.raw;
    eachPiece(trace, low, high, false, (from, to) => {
      const every = Math.max(1, Math.ceil((to - from) / SAMPLE));
      for (let i = from; i < to; i += every) {
        const y = trace.ys[i];
        if (Number.isFinite(y) && (kind === "linear" || y > 0)) sample.push(kind === "log" ? Math.log10(y) : y);
      }
    });
  }
  if (sample.length < FEWEST) return null;
  const sorted = Float64Array.from(sample).sort();
  const a = quantile(sorted, sorted.length, 0.02);
  const b = quantile(sorted, sorted.length, 0.98);
  const room = (b - a) / 4;
  return kind === "log" ? [10 ** (a - room), 10 ** (b + room)] : [a - room, b + room];
}

/** Whether two numbers differ by more than rounding, which is one value and not noise to be magnified. @param {number} low @param {number} high */
const differ = (low, high) => high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high));

/** The least room on the left: charts whose labels need no more begin at the same place. */
const LEFT = 46;

/** From a label to the lines, and from the edge to the label. */
const [BESIDE, EDGE] = [7, 3];

/**
 * Some air above and below.
 *
 * @param {Range} range
 * @param {"linear"|"log"} kind
 * @returns {Range}
 */
export function padded([low, highest], kind) {
  const high = differ(low, highest) ? highest : low;
  if (kind === "log") {
    const air = low === high ? 2 : (high / low) ** 0.06;
    return [Math.max(low / air, Number.MIN_VALUE), Math.min(high * air, Number.MAX_VALUE)];
  }
  const air = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.06;
  return [Math.max(low - air, -Number.MAX_VALUE), Math.min(high + air, Number.MAX_VALUE)];
}

/**
 * @param {Line[]} lines
 * @param {Options} options
 * @param {Range|null} zoom  The x that are shown; null for all.
 * @param {number} width
 * @param {number} height
 * @param {number} margin  Kept free on the right.
 * @param {import("./axis-labels.js").Measure} measure
 * @returns {Plot}
 */
export function plot(lines, options, zoom, width, height, margin, measure) {
  const { mode, xKind, yKind, clip } = options;
  const [top, bottom] = [8, height - 22];
  const range = zoom ?? xRange(lines, xKind);
  const all = yExtremes(lines, range, yKind);
  let shown = padded(all ?? (yKind === "log" ? [1, 10] : [0, 1]), yKind);
  let clipped = null;
  if (clip && all) {
    const inner = withoutOutliers(lines, range, yKind);
    if (inner && differ(...inner) && (inner[0] > all[0] || inner[1] < all[1])) {
      shown = [Math.max(inner[0], shown[0]), Math.min(inner[1], shown[1])];
      clipped = { shown, all };
    }
  }
  const y = scale(yKind, shown[0], shown[1], bottom, top);
  const yTicks = ticks(yKind, shown[0], shown[1], Math.max(2, Math.floor((bottom - top) / 27)));
  const yLabels = tickLabels(yTicks);
  const left = Math.max(LEFT, widest(yLabels, measure) + BESIDE + EDGE);
  const box = { left, right: Math.max(left + 14, width - margin), top, bottom };
  const x = scale(xKind, range[0], range[1], box.left, box.right);
  return {
    x,
    y,
    box,
    clipped,
    xTicks: roomyTicks(mode, xKind, range, x, width, measure),
    yTicks: yTicks.map((value, i) => ({ at: y.place(value), text: yLabels[i] })),
  };
}

/**
 * As many ticks under a chart as have room for their labels.
 *
 * @param {import("./trace.js").XMode} mode
 * @param {"linear"|"log"} kind
 * @param {Range} range
 * @param {Scale} x
 * @param {number} width
 * @param {import("./axis-labels.js").Measure} measure
 */
function roomyTicks(mode, kind, range, x, width, measure) {
  const pixels = Math.abs(x.place(x.high) - x.place(x.low));
  for (let wanted = Math.max(2, Math.floor(pixels / (mode === "wall" ? 70 : 50))); ; wanted -= 1) {
    const labels = xTicks(mode, kind, range, wanted).map(([value, text]) => ({ at: x.place(value), text }));
    const placed = inRow(labels, 0, width, measure);
    if (placed.length === labels.length || wanted <= 1) return placed;
  }
}

/**
 * @param {import("./trace.js").XMode} mode
 * @param {"linear"|"log"} kind
 * @param {Range} range
 * @param {number} wanted
 * @returns {[number, string][]}
 */
function xTicks(mode, kind, [low, high], wanted) {
  if (mode === "step" || kind === "log") {
    const whole = ticks(kind, low, high, wanted).filter((tick) => mode !== "step" || Number.isInteger(tick));
    const labels = mode === "relative" ? whole.map((tick) => spanLabel(tick, 1)) : tickLabels(whole);
    return whole.map((tick, i) => [tick, labels[i]]);
  }
  const shift = mode === "wall" ? -new Date(low * 1000).getTimezoneOffset() * 60 : 0;
  const { ticks: found, stride } = timeTicks(low, high, wanted, shift);
  const begun = mode === "wall" ? found : found.filter((tick) => tick >= 0);
  const labels = mode === "wall" ? momentLabels(begun, stride) : begun.map((tick) => spanLabel(tick, stride));
  return begun.map((tick, i) => [tick, labels[i]]);
}

/**
 * A range kept within another: not wider, and not beyond; null if it is all of it.
 *
 * @param {Range} range
 * @param {Range} all
 * @param {"linear"|"log"} kind
 * @returns {Range|null}
 */
export function within([low, high], all, kind) {
  const f = kind === "log" ? Math.log : (/** @type {number} */ v) => v;
  const inverse = kind === "log" ? Math.exp : (/** @type {number} */ v) => v;
  const [a, b, first, last] = [f(low), f(high), f(all[0]), f(all[1])];
  const wide = b - a;
  if (!(wide > 0) || wide >= (last - first) * (1 - 1e-9)) return null;
  const start = Math.min(Math.max(a, first), last - wide);
  return [inverse(start), inverse(start + wide)];
}
