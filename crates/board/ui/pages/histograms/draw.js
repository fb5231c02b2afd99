// Drawing histograms: ridges, lines over each other, and bands of percentiles.

import { faded, mapped, css } from "../../lib/colour.js";
import { distribution } from "../../lib/distribution.js";
import { inRow } from "../../lib/axis-labels.js";
import { scale, ticks } from "../../lib/scale.js";
import { symlog, symlogTicks } from "../../lib/symlog.js";
import { tickLabels } from "../../lib/tick-labels.js";

/** @typedef {import("../../lib/bins.js").Histograms} Histograms */
/** @typedef {import("../../lib/symlog.js").Domain} Domain */
/** @typedef {import("../../lib/ridge.js").Ridges} Ridges */
/** @typedef {import("../../lib/theme.js").Ink} Ink */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Frame  Pixels; where the plot begins and ends. */
/** @typedef {{place: (value: number) => number, value: (pixel: number) => number, ticks: number[]}} Axis */

/**
 * An axis of values.
 *
 * @param {"linear"|"log"} bins
 * @param {Domain} domain
 * @param {number} from  Pixel of its low end.
 * @param {number} to  Pixel of its high end.
 * @param {number} wanted  About how many ticks.
 * @returns {Axis}
 */
export function valueAxis(bins, domain, from, to, wanted) {
  if (bins === "log") return { ...symlog(domain, from, to), ticks: symlogTicks(domain, wanted) };
  return {
    ...scale("linear", domain.low, domain.high, from, to),
    ticks: ticks("linear", domain.low, domain.high, wanted),
  };
}

/**
 * How many ticks a horizontal axis of values has room for.
 *
 * @param {"linear"|"log"} bins
 * @param {number} pixels
 */
export const tickRoom = (bins, pixels) => pixels / (bins === "log" ? 62 : 38);

/**
 * An axis of steps.
 *
 * @param {{low: number, high: number}} steps
 * @param {number} from
 * @param {number} to
 * @returns {Axis}
 */
export function stepAxis({ low, high }, from, to) {
  return { ...scale("linear", low, high, from, to), ticks: ticks("linear", low, high, Math.max(1, (to - from) / 55)) };
}

/** Values that a line is drawn at where they are on the axis. */
const LANDMARKS = [-1, 0, 1];

/**
 * Thin lines at the ticks, dashed ones at -1, 0 and 1.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Frame} frame
 * @param {Axis} axis
 * @param {boolean} upright  Whether the lines are.
 * @param {Domain|null} domain  For axes of values: where landmarks can lie.
 */
export function grid(context, ink, { left, right, top, bottom }, axis, upright, domain) {
  const line = (/** @type {number} */ value) => {
    const at = Math.round(axis.place(value)) + 0.5;
    context.beginPath();
    context.moveTo(upright ? at : left, upright ? top : at);
    context.lineTo(upright ? at : right, upright ? bottom : at);
    context.stroke();
  };
  context.save();
  context.lineWidth = 1;
  context.strokeStyle = ink.line;
  for (const tick of axis.ticks) line(tick);
  if (domain) {
    context.strokeStyle = ink.muted;
    context.globalAlpha = 0.7;
    context.setLineDash([2, 3]);
    for (const mark of LANDMARKS) if (mark > domain.low && mark < domain.high) line(mark);
  }
  context.restore();
}

/**
 * Labels under a horizontal axis. One that would touch the one before is left out.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {{left: number, right: number}} frame
 * @param {Axis} axis
 * @param {number} y  Their middle.
 */
export function labelsBelow(context, ink, { left, right }, axis, y) {
  context.fillStyle = ink.muted;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const texts = tickLabels(axis.ticks);
  const labels = axis.ticks.map((tick, i) => ({ at: axis.place(tick), text: texts[i] }));
  for (const { middle, text } of inRow(labels, left, right, (text) => context.measureText(text).width)) {
    context.fillText(text, middle, y);
  }
}

/** From a label to the vertical axis on its right, in pixels. */
export const BESIDE = 5;

/**
 * Labels beside a vertical axis, right-aligned at its left.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Frame} frame
 * @param {Axis} axis
 */
export function labelsBeside(context, ink, { left, top, bottom }, axis) {
  context.fillStyle = ink.muted;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const texts = tickLabels(axis.ticks);
  let free = Number.POSITIVE_INFINITY;
  for (const [i, tick] of axis.ticks.entries()) {
    const y = Math.min(Math.max(axis.place(tick), top + 5), bottom - 5);
    if (y > free) continue;
    context.fillText(texts[i], left - BESIDE, y);
    free = y - 12;
  }
}

/** Over so many empty bins a line goes on; over more it is broken, or empty stretches would look like hatching. */
const GAP = 3;

/**
 * A row's line, without the parts where nothing was counted.
 *
 * @param {Path2D} path
 * @param {Ridges} lines
 * @param {number} row
 */
function trace(path, { x, plateau, base, rise, bins }, row) {
  let last = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < bins; bin += 1) {
    const height = rise[row * bins + bin];
    if (height <= 0) continue;
    if (bin - last > GAP + 1) {
      if (last >= 0) path.lineTo(x[last + 2], base[row]);
      path.moveTo(x[bin], base[row]);
    } else {
      for (let empty = last + 1; empty < bin; empty += 1) path.lineTo(x[empty + 1], base[row]);
    }
    path.lineTo(x[bin + 1] - plateau[bin], base[row] - height);
    if (plateau[bin] > 0) path.lineTo(x[bin + 1] + plateau[bin], base[row] - height);
    last = bin;
  }
  if (last >= 0) path.lineTo(x[last + 2], base[row]);
}

/**
 * Ridges: the oldest at the back and faint, the newest in front, the scrubbed one in the accent's colour.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Ridges} lines
 * @param {{chosen: number, colour: string}} look
 */
export function drawRidges(context, ink, lines, { chosen, colour }) {
  const rows = lines.base.length;
  context.lineJoin = "round";
  for (let row = 0; row < rows; row += 1) {
    const path = new Path2D();
    trace(path, lines, row);
    const age = rows > 1 ? row / (rows - 1) : 1;
    context.fillStyle = ink.surface;
    context.fill(path);
    if (row === chosen) {
      context.fillStyle = faded(ink.accent, 0.3);
      context.fill(path);
    }
    context.lineWidth = 1;
    context.strokeStyle = faded(colour, 0.3 + 0.5 * age);
    context.stroke(path);
  }
  emphasise(context, ink, lines, chosen);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Ridges} lines
 * @param {number} chosen
 */
function emphasise(context, ink, lines, chosen) {
  if (chosen < 0) return;
  const path = new Path2D();
  trace(path, lines, chosen);
  context.lineWidth = 2;
  context.strokeStyle = ink.accent;
  context.stroke(path);
}

/**
 * The colour of a step among others: from dark to bright, and the other way round on paper, so that the newest stands out.
 *
 * @param {number} age  From 0, the oldest, to 1.
 * @param {boolean} dark
 */
export const stepColour = (age, dark) => css(mapped("viridis", dark ? 0.2 + 0.8 * age : 0.9 - 0.9 * age));

/**
 * All lines on one base, coloured by their step.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Ridges} lines
 * @param {{chosen: number, dark: boolean}} look
 */
export function drawOverlay(context, ink, lines, { chosen, dark }) {
  const rows = lines.base.length;
  context.lineJoin = "round";
  context.lineWidth = 1;
  for (let row = 0; row < rows; row += 1) {
    const path = new Path2D();
    trace(path, lines, row);
    context.strokeStyle = stepColour(rows > 1 ? row / (rows - 1) : 1, dark);
    context.globalAlpha = 0.75;
    context.stroke(path);
  }
  context.globalAlpha = 1;
  emphasise(context, ink, lines, chosen);
}

/**
 * Bands between percentiles over the steps, and the median.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Histograms} data
 * @param {{across: Axis, up: Axis, colour: string}} look
 */
export function drawDistribution(context, data, { across, up, colour }) {
  const { bands, median } = distribution(data, across.place, up.place);
  const outline = (/** @type {[number, number][]} */ points) => {
    const path = new Path2D();
    for (const [x, y] of points) path.lineTo(x, y);
    return path;
  };
  for (const band of bands) {
    for (const polygon of band) {
      const path = outline(polygon);
      context.fillStyle = faded(colour, 0.2);
      context.fill(path);
      // A single record has no width to fill: its outline is seen all the same.
      context.strokeStyle = faded(colour, 0.2);
      context.lineWidth = polygon.length === 2 ? 3 : 0.5;
      context.stroke(path);
    }
  }
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  for (const line of median) context.stroke(outline(line));
}
