// The geometry and the strokes of a heatmap.

import { fittedApart, inRow, widest } from "../../lib/axis-labels.js";
import { css, ink as inkOn, mapped } from "../../lib/colour.js";
import { short } from "../../lib/format.js";
import { valueTexts } from "./axis.js";
import { placeOnCells } from "./cells.js";

/** @typedef {import("./cells.js").Grid} Grid */

/** Around the cells; on the left at least. */
const MARGIN = { top: 22, bottom: 46, left: 92, right: 12 };

/** From a label to the cells on its right, in pixels. */
const BESIDE = 9;

/** The widest that a cell gets, in pixels. */
const WIDEST = 150;

/** @param {number} share */
export const barColour = (share) => css(mapped("viridis", share));

/**
 * Where the cells stand, and where a number on an axis does.
 *
 * @param {Grid} grid
 * @param {number} width
 * @param {number} height
 * @param {import("../../lib/axis-labels.js").Measure} measure
 */
export function plotOf({ xs, ys }, width, height, measure) {
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const left = Math.max(MARGIN.left, Math.min(BESIDE + 2 + widest(valueTexts(ys), measure), 0.4 * width));
  const right = Math.max(left, Math.min(width - MARGIN.right, left + WIDEST * xs.length));
  const [cellWidth, cellHeight] = [(right - left) / Math.max(xs.length, 1), (bottom - top) / Math.max(ys.length, 1)];
  return {
    left,
    right,
    top,
    bottom,
    cellWidth,
    cellHeight,
    x: (/** @type {number} */ value) => left + placeOnCells(xs, value) * cellWidth,
    y: (/** @type {number} */ value) => bottom - placeOnCells(ys, value) * cellHeight,
  };
}

/** @typedef {ReturnType<typeof plotOf>} Plot */

/**
 * The cell under a point; rows count from below.
 *
 * @param {Grid} grid
 * @param {Plot} plot
 * @param {number} x
 * @param {number} y
 */
export function boxOf({ xs, ys }, plot, x, y) {
  const [column, row] = [Math.floor((x - plot.left) / plot.cellWidth), Math.floor((plot.bottom - y) / plot.cellHeight)];
  return column >= 0 && column < xs.length && row >= 0 && row < ys.length ? { column, row } : null;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {Plot} plot
 * @param {import("../../lib/theme.js").Ink} ink
 * @param {string} xName
 * @param {string} yName
 */
export function drawHeatmap(context, grid, plot, ink, xName, yName) {
  const { cellWidth, cellHeight } = plot;
  const [low, high] = grid.extent ?? [0, 1];
  const gap = Math.min(1, cellWidth / 20, cellHeight / 20);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const [row, line] of grid.cells.entries()) {
    for (const [column, cell] of line.entries()) {
      const [x, y] = [plot.left + column * cellWidth + gap, plot.bottom - (row + 1) * cellHeight + gap];
      const [w, h] = [cellWidth - 2 * gap, cellHeight - 2 * gap];
      if (!cell) hatch(context, x, y, w, h, ink.line);
      else if (Number.isNaN(cell.mean)) cross(context, x, y, w, h, ink);
      else {
        const rgb = mapped("viridis", high > low ? (cell.mean - low) / (high - low) : 0.5);
        context.fillStyle = css(rgb);
        context.fillRect(x, y, w, h);
        const text = short(cell.mean);
        if (cellHeight >= 18 && context.measureText(text).width < w - 6) {
          context.fillStyle = inkOn(rgb);
          context.fillText(text, x + w / 2, y + h / 2);
        }
      }
    }
  }
  labels(context, grid, plot, ink, xName, yName);
}

/** @param {CanvasRenderingContext2D} context @param {Grid} grid @param {Plot} plot @param {import("../../lib/theme.js").Ink} ink @param {string} xName @param {string} yName */
function labels(context, { xs, ys }, plot, ink, xName, yName) {
  context.fillStyle = ink.muted;
  const measure = (/** @type {string} */ text) => context.measureText(text).width;
  context.textBaseline = "top";
  // So few columns that every label can be shortened to its cell: none is left out.
  const shorten = xs.length * 44 < plot.right - plot.left;
  const texts = shorten ? fittedApart(valueTexts(xs), plot.cellWidth - 6, measure) : valueTexts(xs);
  const places = texts.map((text, i) => ({ at: plot.left + (i + 0.5) * plot.cellWidth, text }));
  if (shorten) for (const { at, text } of places) context.fillText(text, at, plot.bottom + 7);
  else {
    for (const { middle, text } of inRow(places, 0, plot.right + MARGIN.right, measure)) {
      context.fillText(text, middle, plot.bottom + 7);
    }
  }
  const everyY = Math.ceil(14 / plot.cellHeight);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const beside = fittedApart(valueTexts(ys), plot.left - BESIDE - 2, measure);
  for (const [i, text] of beside.entries()) {
    if (i % everyY === 0) context.fillText(text, plot.left - BESIDE, plot.bottom - (i + 0.5) * plot.cellHeight);
  }
  context.fillStyle = ink.text;
  context.textBaseline = "bottom";
  context.textAlign = "left";
  context.fillText(yName, 2, plot.top - 6);
  context.textAlign = "right";
  context.textBaseline = "top";
  context.fillText(xName, plot.right, plot.bottom + 26);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {string} colour */
function hatch(context, x, y, width, height, colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - height; at < x + width; at += 6) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {import("../../lib/theme.js").Ink} ink */
function cross(context, x, y, width, height, ink) {
  context.strokeStyle = ink.bad;
  context.lineWidth = 1.5;
  const reach = Math.min(width, height) / 4;
  const [cx, cy] = [x + width / 2, y + height / 2];
  context.strokeRect(x + 1, y + 1, width - 2, height - 2);
  context.beginPath();
  context.moveTo(cx - reach, cy - reach);
  context.lineTo(cx + reach, cy + reach);
  context.moveTo(cx + reach, cy - reach);
  context.lineTo(cx - reach, cy + reach);
  context.stroke();
}
