// A chart on a canvas. The lines are drawn here and not by uPlot: it wants all lines on one common x, and a hundred runs with
// steps of their own are not; and it has no place for bands, broken lines and marks of what is not a number.

import { fitted } from "./axis-labels.js";
import { faded } from "./colour.js";
import { short } from "./format.js";
import { areas, Corners } from "./corners.js";
import { bandOutline, outline, Shape } from "./polyline.js";
import { Raster } from "./raster.js";

/** @typedef {import("./plot.js").Plot} Plot */
/** @typedef {import("./polyline.js").Mark} Mark */
/** @typedef {import("./trace.js").Line} Line */
/** @typedef {import("./theme.js").Ink} Ink */

const corners = new Corners();
const shape = new Shape();
const raster = new Raster();

/** What the raster is put on the canvas with. @type {HTMLCanvasElement|undefined} */
let sheet;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Corners} path
 */
function trace(context, path) {
  const { xy, length } = path;
  let begun = false;
  context.beginPath();
  for (let i = 0; i < length; i += 2) {
    const x = xy[i];
    if (Number.isNaN(x)) begun = false;
    else if (begun) context.lineTo(x, xy[i + 1]);
    else {
      context.moveTo(x, xy[i + 1]);
      begun = true;
    }
  }
}

/**
 * Points that stand alone are dots: a line of one point is not seen.
 *
 * @param {Corners} path
 * @param {(x: number, y: number) => void} visit
 */
export function lonely({ xy, length }, visit) {
  for (let i = 0; i < length; i += 2) {
    const alone =
      !Number.isNaN(xy[i]) && !(i > 0 && !Number.isNaN(xy[i - 2])) && !(i + 2 < length && !Number.isNaN(xy[i + 2]));
    if (alone) visit(xy[i], xy[i + 1]);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Corners} lines
 * @param {string} colour
 * @param {number} width
 */
function stroke(context, lines, colour, width) {
  if (lines.length === 0) return;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  trace(context, lines);
  context.stroke();
  lonely(lines, (x, y) => {
    context.beginPath();
    context.arc(x, y, width + 1.5, 0, 2 * Math.PI);
    context.fill();
  });
}

/**
 * Puts what the raster holds on the canvas.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} ratio
 */
function settle(context, ratio) {
  if (!raster.used) return;
  sheet ??= document.createElement("canvas");
  const { width, height } = raster;
  if (sheet.width !== width || sheet.height !== height) [sheet.width, sheet.height] = [width, height];
  sheet.getContext("2d", { willReadFrequently: true })?.putImageData(new ImageData(raster.bytes, width, height), 0, 0);
  context.drawImage(sheet, 0, 0, width / ratio, height / ratio);
}

/**
 * The corners of a mark: up above the upper edge, down below the lower one; what is no number stands on the lower edge.
 *
 * @param {Mark} mark
 * @param {Plot["box"]} box
 * @returns {[number, number][]}
 */
export function triangle({ x, what }, { top, bottom }) {
  if (what === "above")
    return [
      [x - 4, top + 1],
      [x + 4, top + 1],
      [x, top - 6],
    ];
  if (what === "below")
    return [
      [x - 4, bottom - 1],
      [x + 4, bottom - 1],
      [x, bottom + 6],
    ];
  return [
    [x - 4, bottom - 1],
    [x + 4, bottom - 1],
    [x, bottom - 8],
  ];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Mark[]} marks
 * @param {Plot["box"]} box
 * @param {string} colour
 * @param {string} surface
 */
function paintMarks(context, marks, box, colour, surface) {
  for (const mark of marks) {
    context.beginPath();
    for (const [x, y] of triangle(mark, box)) context.lineTo(x, y);
    context.closePath();
    context.fillStyle = mark.what === "nan" ? surface : colour;
    context.strokeStyle = colour;
    context.lineWidth = 1.3;
    context.fill();
    context.stroke();
  }
}

/**
 * The grid and the ticks' labels.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Ink} ink
 */
export function paintAxes(context, { box, xTicks, yTicks }, ink) {
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const { at } of yTicks) {
    context.moveTo(box.left, Math.round(at) + 0.5);
    context.lineTo(box.right, Math.round(at) + 0.5);
  }
  for (const { at } of xTicks) {
    context.moveTo(Math.round(at) + 0.5, box.bottom);
    context.lineTo(Math.round(at) + 0.5, box.bottom + 4);
  }
  context.stroke();
  context.fillStyle = ink.muted;
  context.font = ink.font;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const { at, text } of yTicks) context.fillText(text, box.left - 7, at + 0.5);
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const { middle, text } of xTicks) context.fillText(text, middle, box.bottom + 7);
}

/** How much is seen of a raw line behind its smoothed one. */
const FAINT = 0.25;

/**
 * @param {Line[]} lines
 * @returns {number} How wide a line is drawn: many are thin.
 */
export const lineWidth = (lines) => (lines.length > 30 ? 1 : 1.5);

/**
 * Bands, raw lines, smoothed lines and marks.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Line[]} lines
 * @param {Ink} ink
 * @param {number} [grain]  How many pixels wide the columns of long lines are.
 */
export function paintLines(context, plot, lines, ink, grain = 1) {
  const { x, y, box } = plot;
  const width = lineWidth(lines);
  const ratio = context.getTransform().a;
  raster.clear(Math.ceil((box.right + 1) * ratio), Math.ceil((box.bottom + 3) * ratio));
  context.save();
  context.beginPath();
  context.rect(box.left, box.top - 2, box.right - box.left, box.bottom - box.top + 4);
  context.clip();
  context.lineJoin = "bevel";
  for (const { band, colour } of lines) {
    if (!band) continue;
    bandOutline(band, x, y, corners);
    trace(context, corners);
    context.fillStyle = faded(colour, 0.16);
    context.fill();
  }
  for (const { raw, smooth, colour } of lines) {
    if (!smooth) continue;
    outline(raw, x, y, shape, { grain });
    stroke(context, shape.lines, faded(colour, FAINT), 1);
    raster.draw(shape.spans, colour, FAINT, 0.5, ratio);
  }
  /** @type {{marks: Mark[], colour: string}[]} */
  const marked = [];
  for (const { raw, smooth, colour } of lines) {
    /** @type {Mark[]} */
    const marks = [];
    outline(smooth ?? raw, x, y, shape, { grain, marks });
    stroke(context, shape.lines, colour, width);
    raster.draw(shape.spans, colour, 1, width / 2, ratio);
    if (marks.length > 0) marked.push({ marks, colour });
  }
  settle(context, ratio);
  context.restore();
  for (const { marks, colour } of marked) paintMarks(context, marks, box, colour, ink.surface);
}

/**
 * One line again, thick: that which the pointer is near.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Line} line
 * @param {Ink} ink
 */
export function paintHighlight(context, { x, y, box }, line, ink) {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top - 2, box.right - box.left, box.bottom - box.top + 4);
  context.clip();
  context.lineJoin = "round";
  outline(line.smooth ?? line.raw, x, y, shape, { grain: 1 });
  for (const [colour, width] of /** @type {[string, number][]} */ ([
    [ink.surface, 4.5],
    [line.colour, 2.5],
  ])) {
    stroke(context, shape.lines, colour, width);
    areas(shape.spans, width / 2, corners);
    trace(context, corners);
    context.fillStyle = colour;
    context.fill();
  }
  context.restore();
}

/**
 * Labels beside the ends of lines: moved apart where they would cover each other.
 *
 * @param {Line[]} lines
 * @param {Plot} plot
 * @returns {{line: Line, y: number}[]}
 */
export function endLabels(lines, { x, y, box }) {
  const placed = [];
  for (const line of lines) {
    const { xs, origin, ys, length } = line.smooth ?? line.raw;
    let i = length - 1;
    while (i >= 0 && (!Number.isFinite(y.place(ys[i])) || xs[i] - origin > x.high)) i -= 1;
    if (i >= 0) placed.push({ line, y: Math.min(Math.max(y.place(ys[i]), box.top), box.bottom) });
  }
  placed.sort((a, b) => a.y - b.y);
  const gap = 14;
  for (let i = 1; i < placed.length; i += 1) placed[i].y = Math.max(placed[i].y, placed[i - 1].y + gap);
  let floor = box.bottom;
  for (let i = placed.length - 1; i >= 0; i -= 1) {
    placed[i].y = Math.min(placed[i].y, floor);
    floor = placed[i].y - gap;
  }
  return placed;
}

/**
 * What stands beside a line: its name, and if it is but one point, its value.
 *
 * @param {Line} line
 */
export const labelText = ({ label, raw }) => (raw.length === 1 ? `${label} ${short(raw.ys[0])}` : label);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Line[]} lines
 * @param {number} room
 */
export function paintLabels(context, plot, lines, room) {
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const { line, y } of endLabels(lines, plot)) {
    context.fillStyle = line.colour;
    context.fillText(
      fitted(labelText(line), room, (text) => context.measureText(text).width),
      plot.box.right + 8,
      y,
    );
  }
}
