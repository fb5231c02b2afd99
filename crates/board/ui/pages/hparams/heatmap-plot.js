// The geometry and the strokes of a heatmap.

import { css, ink as inkOn, mapped } from "../../lib/colour.js";
import { short } from "../../lib/format.js";
import { valueText } from "./axis.js";
import { placeOnCells } from "./cells.js";
import { shortened } from "./parallel-plot.js";

/** @typedef {import("./cells.js").Grid} Grid */

const MARGIN = { top: 22, bottom: 46, left: 92, right: 12 };

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
 */
export function plotOf({ xs, ys }, width, height) {
  const [left, top, bottom] = [MARGIN.left, MARGIN.top, height - MARGIN.bottom];
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
  const everyX = Math.ceil(
    Math.max(...xs.map((value) => context.measureText(valueText(value)).width + 10), 1) / plot.cellWidth,
  );
  // So few columns that every label can be shortened to its cell: none is left out.
  const shorten = xs.length * 44 < plot.right - plot.left;
  context.textBaseline = "top";
  for (const [i, value] of xs.entries()) {
    if (!shorten && i % everyX !== 0) continue;
    context.fillText(
      shorten ? shortened(context, valueText(value), plot.cellWidth - 6) : valueText(value),
      plot.left + (i + 0.5) * plot.cellWidth,
      plot.bottom + 7,
    );
  }
  const everyY = Math.ceil(14 / plot.cellHeight);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [i, value] of ys.entries()) {
    if (i % everyY === 0)
      context.fillText(
        shortened(context, valueText(value), plot.left - 14),
        plot.left - 9,
        plot.bottom - (i + 0.5) * plot.cellHeight,
      );
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
