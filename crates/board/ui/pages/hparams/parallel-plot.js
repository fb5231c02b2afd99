// The geometry and the strokes of parallel axes.

import { fitted, fittedApart } from "../../lib/axis-labels.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./brush.js").Range} Range */
/** @typedef {import("./rows.js").Row} Row */

/** Room around the axes, in pixels. */
export const PLOT = { top: 44, bottom: 16, left: 46, right: 96 };

/** From an axis to the labels on its right, in pixels. */
const BESIDE = 6;

/** Pixels on each side of an axis that belong to it. */
const REACH = 14;

/**
 * Where each axis stands.
 *
 * @param {number} count
 * @param {number} width
 */
export function axisPlaces(count, width) {
  const room = width - PLOT.left - PLOT.right;
  return Array.from({ length: count }, (_, i) => PLOT.left + (count === 1 ? room / 2 : (i * room) / (count - 1)));
}

/** The axis under a pointer. @param {Axis[]} axes @param {number} x @param {number} width */
export const nearestAxis = (axes, x, width) =>
  axes[axisPlaces(axes.length, width).findIndex((place) => Math.abs(place - x) <= REACH)] ?? null;

/** The shares between which a range lies. @param {Axis} axis @param {Range} range */
export function rangeShares(axis, { low, high }) {
  const share = (/** @type {number} */ end, /** @type {number} */ outside) => {
    const place = axis.share(axis.kind === "steps" ? (axis.steps[end] ?? null) : end);
    return Number.isNaN(place) ? outside : Math.min(Math.max(place, 0), 1);
  };
  const margin = axis.kind === "steps" ? 0.02 : 0;
  return { from: share(low, 0) - margin, to: share(high, 1) + margin };
}

/**
 * The height at which a run passes an axis: shares count from below. NaN if it has no value there.
 *
 * @param {Row} row
 * @param {Axis} axis
 * @param {number} height
 */
const heightAt = (row, axis, height) =>
  height - PLOT.bottom - axis.share(row.values[axis.column.key] ?? null) * (height - PLOT.top - PLOT.bottom);

/**
 * The line of a run, as an SVG path; it is interrupted where the run has no value.
 *
 * @param {Row} row
 * @param {Axis[]} axes
 * @param {number} width
 * @param {number} height
 */
export function linePath(row, axes, width, height) {
  const places = axisPlaces(axes.length, width);
  let [path, drawing] = ["", false];
  for (const [i, axis] of axes.entries()) {
    const y = heightAt(row, axis, height);
    if (!Number.isNaN(y)) path += `${drawing ? "L" : "M"}${places[i].toFixed(1)} ${y.toFixed(1)}`;
    drawing = !Number.isNaN(y);
  }
  return path;
}

/**
 * The run whose line passes nearest to a point, if one does within a few pixels.
 *
 * @param {Row[]} rows
 * @param {Axis[]} axes
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @returns {Row|null}
 */
export function nearestLine(rows, axes, x, y, width, height) {
  const places = axisPlaces(axes.length, width);
  const right = places.findIndex((place) => place >= x);
  if (right < 1) return null;
  const part = (x - places[right - 1]) / (places[right] - places[right - 1]);
  let [best, least] = [/** @type {Row|null} */ (null), 8];
  for (const row of rows) {
    const [a, b] = [heightAt(row, axes[right - 1], height), heightAt(row, axes[right], height)];
    const away = Math.abs(a + part * (b - a) - y);
    if (away < least) [best, least] = [row, away];
  }
  return best;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {import("../../lib/theme.js").Ink} ink
 * @param {object} picture
 * @param {Row[]} picture.rows
 * @param {Set<string>} picture.kept  Runs in all ranges; the others are pale.
 * @param {Axis[]} picture.axes
 * @param {Map<Axis, {from: number, to: number}>} picture.spans
 * @param {string|null} picture.emphasised
 * @param {(row: Row, missing: string) => string} picture.colourOf
 */
export function drawParallel(context, width, height, ink, { rows, kept, axes, spans, emphasised, colourOf }) {
  const places = axisPlaces(axes.length, width);
  const line = (/** @type {Row} */ row) => context.stroke(new Path2D(linePath(row, axes, width, height)));
  const strength = Math.max(0.16, Math.min(0.85, 40 / Math.max(kept.size, 1)));
  context.lineWidth = 1;
  context.strokeStyle = ink.line;
  context.globalAlpha = 0.5;
  for (const row of rows) if (!kept.has(row.run)) line(row);
  context.globalAlpha = emphasised === null ? strength : strength / 3;
  context.lineWidth = 1.4;
  for (const row of rows) {
    if (!kept.has(row.run) || row.run === emphasised) continue;
    context.strokeStyle = colourOf(row, ink.muted);
    line(row);
  }
  const one = rows.find(({ run }) => run === emphasised);
  if (one) {
    context.globalAlpha = 1;
    context.lineWidth = 3;
    context.strokeStyle = colourOf(one, ink.muted);
    line(one);
  }
  context.globalAlpha = 1;
  for (const [i, axis] of axes.entries())
    drawAxis(context, axis, places[i], i, axes.length, width, height, ink, spans.get(axis));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Axis} axis
 * @param {number} x
 * @param {number} index
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @param {import("../../lib/theme.js").Ink} ink
 * @param {{from: number, to: number}|undefined} span
 */
function drawAxis(context, axis, x, index, count, width, height, ink, span) {
  const [top, bottom] = [PLOT.top, height - PLOT.bottom];
  context.lineWidth = 1;
  context.strokeStyle = ink.muted;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
  context.textBaseline = "middle";
  context.textAlign = "left";
  const measure = (/** @type {string} */ text) => context.measureText(text).width;
  const room = count > 1 ? (width - PLOT.left - PLOT.right) / (count - 1) : width;
  const texts = fittedApart(
    axis.marks.map(({ text }) => text),
    (index + 1 < count ? room : width - x) - BESIDE - 4,
    measure,
  );
  for (const [i, { share }] of axis.marks.entries()) {
    const y = bottom - share * (bottom - top);
    context.beginPath();
    context.moveTo(x - 3, y);
    context.lineTo(x + 3, y);
    context.stroke();
    halo(context, texts[i], x + BESIDE, y, ink);
  }
  if (span) {
    const [from, to] = [bottom - span.to * (bottom - top), bottom - span.from * (bottom - top)];
    context.fillStyle = ink.accent;
    context.globalAlpha = 0.28;
    context.fillRect(x - 7, from, 14, to - from);
    context.globalAlpha = 1;
    context.strokeStyle = ink.accent;
    context.strokeRect(x - 7, from, 14, to - from);
  }
  // Names stand in two rows in turn if they would touch.
  const crowded = room < 110;
  context.font = context.font.replace(/^/, "600 ");
  context.textAlign = index === 0 ? "left" : "center";
  const most = crowded ? 2 * room - 12 : room - 10;
  halo(
    context,
    fitted(axis.column.name, most, measure),
    index === 0 ? Math.max(4, x - 40) : x,
    crowded && index % 2 === 1 ? 10 : 25,
    ink,
    ink.text,
  );
  context.font = ink.font;
}

/**
 * Text that can be read over lines.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {import("../../lib/theme.js").Ink} ink
 * @param {string} [colour]
 */
function halo(context, text, x, y, ink, colour = ink.muted) {
  context.lineJoin = "round";
  const before = { strokeStyle: context.strokeStyle, lineWidth: context.lineWidth };
  context.strokeStyle = ink.surface;
  context.lineWidth = 4;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
  Object.assign(context, before);
}
