// One series of histograms as a picture: its drawing, its words, its table, and what the pointer stands on.

import { Canvas } from "../../components/canvas.js";
import { measureIn, widest } from "../../lib/axis-labels.js";
import { binCount, FRACTIONS, percentile, rowAt } from "../../lib/bins.js";
import { nearestStep, NAMES } from "../../lib/distribution.js";
import { html, useMemo, useValue } from "../../lib/html.js";
import { binAt, nearestRow, ridges } from "../../lib/ridge.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { dark, ink as inkSignal } from "../../lib/theme.js";
import {
  BESIDE,
  drawDistribution,
  drawOverlay,
  drawRidges,
  grid,
  labelsBelow,
  labelsBeside,
  stepAxis,
  tickRoom,
  valueAxis,
} from "./draw.js";
import { brief, percent } from "./words.js";

/** @typedef {import("../../lib/bins.js").Histograms} Histograms */
/** @typedef {import("../../lib/symlog.js").Domain} Domain */
/** @typedef {"ridge"|"overlay"|"distribution"} Mode */

/**
 * @typedef {object} Look
 * @property {Mode} mode
 * @property {"linear"|"log"} scale
 * @property {string} colour  "#rrggbb"
 * @property {number} height
 * @property {boolean} large  Whether there is room for steps beside the ridges.
 * @property {boolean} labelled  Whether the horizontal axis has labels of its own.
 * @property {number} [beside]  Pixels for labels: left of a distribution's plot, right of large ridges. Columns have the
 *   same, so that one axis below serves them all.
 */

/** How far from the sides of the picture, or from the labels, the plot stands, in pixels. */
const GUTTER = 4;

/** The least room for labels beside a plot, in pixels: pictures that need no more have plots of one width. */
const LEAST = 46;

/**
 * @param {Look} look
 * @param {number} width
 */
export function plotFrame({ mode, height, large, labelled, beside = LEAST }, width) {
  return {
    left: mode === "distribution" ? beside : GUTTER,
    right: width - GUTTER - (large && mode === "ridge" ? beside : 0),
    top: 3,
    bottom: height - (labelled ? 20 : 3),
  };
}

/** The axis of values of bands. @param {Look} look @param {Domain} domain */
function upAxis(look, domain) {
  const { top, bottom } = plotFrame(look, 0);
  return valueAxis(look.scale, domain, bottom, top, (bottom - top) / (look.large ? 32 : 13));
}

/**
 * The room that the labels of the values of bands need on the left, in pixels.
 *
 * @param {Look} look
 * @param {Domain[]} domains  Of all pictures that stand below each other.
 */
export function roomBeside(look, domains) {
  const measure = measureIn(inkSignal.peek().font);
  return Math.max(
    LEAST,
    ...domains.map((domain) => widest(tickLabels(upAxis(look, domain).ticks), measure) + BESIDE + 2),
  );
}

/** The room that the steps beside large ridges need, in pixels. @param {ArrayLike<number>} steps */
const roomForSteps = (steps) =>
  Math.max(LEAST, widest(Array.from(steps, String), measureIn(inkSignal.peek().font)) + BESIDE + 2);

/**
 * @param {Histograms} data
 * @param {Domain} domain
 * @param {Look} look
 * @param {number} width
 */
function geometry(data, domain, look, width) {
  const frame = plotFrame(look, width);
  const axis = valueAxis(
    look.scale,
    domain,
    frame.left,
    frame.right,
    tickRoom(look.scale, frame.right - frame.left) / (look.large ? 1.5 : 1),
  );
  const room = frame.bottom - frame.top;
  const rise = look.mode === "ridge" && data.rows > 1 ? room * (look.large ? 0.3 : 0.42) : room - 3;
  const top = look.mode === "ridge" ? frame.top + rise + 2 : frame.bottom;
  return {
    frame,
    axis,
    lines: ridges(data, axis.place, { top, bottom: frame.bottom, height: rise, alike: look.mode === "ridge" }),
  };
}

/**
 * @param {object} properties
 * @param {Histograms} properties.data
 * @param {Domain} properties.domain  What the axis of values shows.
 * @param {{low: number, high: number}} properties.steps  What the axis of steps shows.
 * @param {number} properties.step  The scrubbed one.
 * @param {Look} properties.look
 * @param {string} properties.label
 * @param {(step: number|null) => void} properties.onPick  Called with the step that was clicked.
 */
export function Picture({ data, domain, steps, step, look: given, label, onPick }) {
  const isDark = useValue(dark);
  const { mode, scale, colour, height, large, labelled } = given;
  const own = useMemo(
    () => (mode === "distribution" ? roomBeside(given, [domain]) : large ? roomForSteps(data.steps) : LEAST),
    [data, domain.low, domain.high, domain.threshold, mode, scale, height, large, labelled],
  );
  const beside = given.beside ?? own;
  const look = { ...given, beside };
  const row = rowAt(data.steps, step);
  const bands = mode === "distribution";
  const axes = (/** @type {number} */ width) => {
    const frame = plotFrame(look, width);
    return {
      frame,
      across: stepAxis(steps, frame.left, frame.right),
      up: upAxis(look, domain),
    };
  };

  /** @type {import("../../components/canvas.js").Draw} */
  const draw = (context, width, _, ink) => {
    if (bands) {
      const { frame, across, up } = axes(width);
      grid(context, ink, frame, up, false, domain);
      drawDistribution(context, data, { across, up, colour });
      labelsBeside(context, ink, frame, up);
      if (labelled) labelsBelow(context, ink, frame, across, height - 8);
      return;
    }
    const { frame, axis, lines } = geometry(data, domain, look, width);
    grid(context, ink, frame, axis, true, domain);
    context.save();
    context.beginPath();
    context.rect(0, 0, width, frame.bottom + 2);
    context.clip();
    if (mode === "ridge") drawRidges(context, ink, lines, { chosen: row, colour });
    else drawOverlay(context, ink, lines, { chosen: row, dark: isDark });
    context.restore();
    if (labelled) labelsBelow(context, ink, frame, axis, height - 8);
    if (large && mode === "ridge") {
      const beside = {
        place: (/** @type {number} */ value) => lines.base[value],
        value: (/** @type {number} */ y) => y,
        ticks: evenly(data.rows, (frame.bottom - lines.base[0]) / 22),
      };
      context.fillStyle = ink.muted;
      context.textAlign = "right";
      context.textBaseline = "alphabetic";
      for (const tick of beside.ticks) context.fillText(String(data.steps[tick]), width - 2, beside.place(tick));
    }
  };

  const rowAtPlace = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
    if (bands) {
      const { across, frame } = axes(width);
      return x < frame.left || x > frame.right ? null : { row: nearestStep(data.steps, across.value(x)), bin: -1 };
    }
    const { axis, lines } = geometry(data, domain, look, width);
    const bin = binAt(data.edges, axis.value(x));
    return bin < 0 ? null : { row: nearestRow(lines, bin, y), bin };
  };
  const tip = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
    const found = rowAtPlace(x, y, width);
    if (!found) return null;
    const records = rowRecords(data, found.row);
    const head = `step ${data.steps[found.row]}${records > 1 ? `, ${records} records together` : ""}`;
    if (bands)
      return [head, ...NAMES.map((name, i) => `${name}  ${brief(percentile(data, found.row, i))}`).reverse()].join(
        "\n",
      );
    const values = binCount(data, found.row, found.bin);
    const share = data.sums[found.row] > 0 ? values / data.sums[found.row] : 0;
    return `${head}\n${brief(data.edges[found.bin])} to ${brief(data.edges[found.bin + 1])}\n${brief(values)} of ${brief(data.sums[found.row])} values, ${percent(share)}`;
  };
  const pick = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
    const found = rowAtPlace(x, y, width);
    onPick(found ? data.steps[found.row] : null);
  };
  return html`
    <div class="histogram-picture">
      <${Canvas}
    draw=${draw} height=${height} label=${label} tip=${tip} onPick=${pick} table=${() => table(data)}
    deps=${[data, domain.low, domain.high, domain.threshold, steps.low, steps.high, bands ? -1 : row, mode, scale, colour, height, large, labelled, beside, isDark]}
  />
      ${bands && html`<${Needle} steps=${steps} step=${step} look=${look} />`}
    </div>
  `;
}

/**
 * The scrubbed step over bands: an element, so that they need not be drawn anew while the steps go by.
 *
 * @param {{steps: {low: number, high: number}, step: number, look: Look}} properties
 */
function Needle({ steps, step, look }) {
  const { left, right, top, bottom } = plotFrame(look, 0);
  const share = (step - steps.low) / (steps.high - steps.low || 1);
  const style = {
    left: `calc(${left}px + ${share} * (100% - ${left - right}px))`,
    top: `${top}px`,
    height: `${bottom - top}px`,
  };
  return html`<i class="histogram-needle" style=${style}></i>`;
}

/**
 * @param {Histograms} data
 * @param {number} row
 */
const rowRecords = (data, row) => (row + 1 < data.rows ? data.index[row + 1] : data.total) - data.index[row];

/**
 * Some rows at even distances, the last among them.
 *
 * @param {number} rows
 * @param {number} most
 */
function evenly(rows, most) {
  const stride = Math.max(1, Math.ceil(rows / Math.max(1, most)));
  return Array.from({ length: Math.ceil(rows / stride) }, (_, i) => rows - 1 - i * stride);
}

/**
 * The percentiles of every row.
 *
 * @param {Histograms} data
 */
export function table(data) {
  const rows = Array.from({ length: data.rows }, (_, row) => [
    data.steps[row],
    Number(data.sums[row].toPrecision(12)),
    // Numbers of single precision: the digits behind these are not theirs.
    ...FRACTIONS.map((_fraction, i) => Number(percentile(data, row, i).toPrecision(7))),
  ]);
  return { head: ["step", "values", ...NAMES], rows };
}
