// Drawing profiles: a line along the layers for each group, named at its end.

import { clipped, widest } from "../../lib/axis-labels.js";
import { faded } from "../../lib/colour.js";
import { scale, ticks } from "../../lib/scale.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { named } from "./heat.js";
import { brief } from "./names.js";
import { spread } from "./spread.js";

/** @typedef {import("../../lib/scale.js").Scale} Scale */
/** @typedef {import("../../lib/theme.js").Ink} Ink */
/** @typedef {import("./quantity.js").Quantity} Quantity */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} note  Behind the name: "falls 36-fold".
 * @property {string} colour  "#rrggbb"
 * @property {number[]} values  One for each of the layers; NaN where there is none.
 * @property {number[]} low  The band of its runs.
 * @property {number[]} high
 * @property {number[]|null} [expected]  What theory expected, dashed behind the line.
 */

/**
 * @typedef {object} Frame
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 * @property {(layer: number) => number} x
 * @property {Scale} y
 * @property {{value: number, text: string}[]} yTicks
 */

/** Pixels that a label needs. */
const LABEL = 15;

/** The least room on the left, and from a tick's label to the lines, in pixels. */
const [LEFT, BESIDE] = [52, 8];

/**
 * Where everything stands.
 *
 * @param {number} width
 * @param {number} height
 * @param {Line[]} lines  Their names stand on the right.
 * @param {number} layers
 * @param {[number, number]} domain
 * @param {Quantity["axis"]} kind
 * @param {import("../../lib/axis-labels.js").Measure} measure
 * @returns {Frame}
 */
export function frameOf(width, height, lines, layers, domain, kind, measure) {
  const [top, bottom] = [10, height - 40];
  const [low, high] = domain;
  const room = kind === "log" ? (high / low) ** 0.06 : 1;
  const y = scale(kind === "log" ? "log" : "linear", low / room, high * room, bottom, top);
  const yTicks = ticksOf(y, kind, Math.max(2, (bottom - top) / 38));
  const left = Math.max(
    LEFT,
    BESIDE +
      2 +
      widest(
        yTicks.map(({ text }) => text),
        measure,
      ),
  );
  const longest = Math.max(0, ...lines.map(({ name, note }) => 6.5 * (name.length + note.length)));
  const right = width - Math.min(48 + longest, Math.max(110, width * 0.36));
  const inset = Math.min(24, (right - left) / 10);
  const x = (/** @type {number} */ layer) =>
    layers === 1 ? (left + right) / 2 : left + inset + ((right - left - inset) * layer) / (layers - 1);
  return { left, right, top, bottom, x, y, yTicks };
}

/** @type {Record<string, string>} */
const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/**
 * The ticks of an axis: shares in per cent, powers of ten as such if there is nothing between them.
 *
 * @param {Scale} y
 * @param {Quantity["axis"]} kind
 * @param {number} wanted
 */
function ticksOf(y, kind, wanted) {
  const values = ticks(y.kind, y.low, y.high, wanted);
  const texts =
    kind === "share" ? tickLabels(values.map((value) => value * 100)).map((text) => `${text} %`) : tickLabels(values);
  const powers = values.map(Math.log10);
  const allPowers = kind === "log" && powers.every((power) => Math.abs(power - Math.round(power)) < 1e-9);
  const superscript = (/** @type {number} */ power) =>
    [...String(Math.round(power))].map((digit) => SUPERSCRIPT[digit]).join("");
  return values.map((value, i) => ({ value, text: allPowers ? `10${superscript(powers[i])}` : texts[i] }));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Frame} frame
 * @param {string[]} layers
 * @param {Quantity["axis"]} kind
 */
export function drawAxes(context, ink, { left, right, bottom, x, y, yTicks }, layers, kind) {
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.lineWidth = 1;
  for (const { value, text } of yTicks) {
    const at = Math.round(y.place(value)) + 0.5;
    context.strokeStyle = ink.line;
    context.globalAlpha = kind === "ln_factor" && value === 0 ? 1 : 0.7;
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(right, at);
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = ink.muted;
    context.fillText(text, left - BESIDE, at);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const names = brief(layers);
  const widest = Math.max(...names.map((name) => context.measureText(name).width));
  for (const i of named(layers.length, right - left, Math.min(widest, 120) + 10)) {
    context.fillText(clipped(context, names[i], 120), x(i), bottom + 7);
  }
  // The way of the gradient: from the right to the left.
  const arrow = bottom + 30;
  const text = "the gradient comes from the loss, on the right";
  const half = context.measureText(text).width / 2;
  const middle = (left + right) / 2;
  context.textBaseline = "middle";
  if (right - left < 2 * half + 60) return;
  context.fillText(text, middle, arrow);
  context.strokeStyle = ink.muted;
  context.beginPath();
  context.moveTo(middle - half - 8, arrow);
  context.lineTo(left + 24, arrow);
  context.moveTo(left + 29, arrow - 3.5);
  context.lineTo(left + 24, arrow);
  context.lineTo(left + 29, arrow + 3.5);
  context.moveTo(right, arrow);
  context.lineTo(middle + half + 8, arrow);
  context.stroke();
}

/**
 * The layer that is pointed out, as a band behind the lines.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Frame} frame
 * @param {number} layer  -1 for none.
 */
export function drawChosen(context, ink, { top, bottom, x }, layer) {
  if (layer < 0) return;
  context.fillStyle = ink.accent;
  context.globalAlpha = 0.14;
  context.fillRect(x(layer) - 11, top, 22, bottom - top);
  context.globalAlpha = 1;
}

/**
 * The stretches of a series that have a place on the axis.
 *
 * @param {number[]} values
 * @param {Scale} y
 * @returns {number[][]}  Indices.
 */
export function stretches(values, y) {
  /** @type {number[][]} */
  const found = [];
  let open = false;
  for (const [i, value] of values.entries()) {
    const there = Number.isFinite(value) && !Number.isNaN(y.place(value));
    if (there && open) found[found.length - 1].push(i);
    else if (there) found.push([i]);
    open = there;
  }
  return found;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Frame} frame
 * @param {Line[]} lines  The first is drawn first.
 */
export function drawLines(context, ink, { left, right, top, x, y, bottom }, lines) {
  // The axis is that of what was measured: what was expected may leave it.
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.setLineDash([5, 4]);
  context.lineWidth = 1.5;
  for (const { colour, expected } of lines) {
    context.strokeStyle = faded(colour, 0.75);
    for (const part of stretches(expected ?? [], y)) {
      context.beginPath();
      for (const i of part) context.lineTo(x(i), y.place(/** @type {number[]} */ (expected)[i]));
      context.stroke();
    }
  }
  context.restore();
  for (const { colour, low, high } of lines) {
    context.fillStyle = faded(colour, 0.16);
    for (const part of stretches(low, y)) {
      context.beginPath();
      for (const i of part) context.lineTo(x(i), y.place(high[i]));
      for (const i of [...part].reverse()) context.lineTo(x(i), y.place(low[i]));
      context.fill();
    }
  }
  context.lineJoin = "round";
  const radius = lines.length > 12 ? 2.2 : 3.4;
  for (const { colour, values } of lines) {
    context.strokeStyle = colour;
    context.lineWidth = lines.length > 12 ? 1.4 : 2.2;
    for (const part of stretches(values, y)) {
      context.beginPath();
      for (const i of part) context.lineTo(x(i), y.place(values[i]));
      context.stroke();
      // Many layers are a curve; few are points, of which each counts.
      if (values.length > 40) continue;
      context.fillStyle = colour;
      for (const i of part) {
        context.beginPath();
        context.arc(x(i), y.place(values[i]), radius, 0, 2 * Math.PI);
        context.fill();
      }
    }
    // Zero has no place on a logarithmic axis: an open ring on its floor.
    for (const [i, value] of values.entries()) {
      if (value !== 0 || y.kind !== "log") continue;
      context.fillStyle = ink.surface;
      context.beginPath();
      context.arc(x(i), bottom, 4, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }
}

/**
 * The names of the lines on the right. Of more than there is room for, the outermost are named.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {Frame} frame
 * @param {Line[]} lines
 * @param {number} width
 */
export function drawLabels(context, ink, { right, top, bottom, x, y }, lines, width) {
  const ended = lines.flatMap((line) => {
    const last = stretches(line.values, y).pop();
    if (!last) return [];
    const i = last[last.length - 1];
    return [{ line, at: y.place(line.values[i]), from: x(i) }];
  });
  const room = Math.max(1, Math.floor((bottom - top + 4) / LABEL));
  ended.sort((a, b) => a.at - b.at);
  const shown =
    ended.length <= room
      ? ended
      : [...ended.slice(0, Math.ceil(room / 2)), ...ended.slice(ended.length - Math.floor(room / 2))];
  const places = spread(
    shown.map(({ at }) => at),
    LABEL,
    top,
    bottom + 4,
  );
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const [k, { line, at, from }] of shown.entries()) {
    context.strokeStyle = faded(line.colour, 0.55);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(from + 6, at);
    context.lineTo(right + 6, at);
    context.lineTo(right + 16, places[k]);
    context.stroke();
    context.fillStyle = line.colour;
    context.beginPath();
    context.arc(right + 21, places[k], 3.5, 0, 2 * Math.PI);
    context.fill();
    const start = right + 29;
    const bold = context.font;
    context.font = `600 ${bold}`;
    const wanted = line.note ? ` ${line.note}` : "";
    const wantedWidth = context.measureText(wanted).width;
    context.font = bold;
    // If there is no room for both, only the name is drawn; the text also gives the ratio.
    const room = width - start - 4;
    const [note, noteWidth] =
      context.measureText(line.name).width + wantedWidth <= room ? [wanted, wantedWidth] : ["", 0];
    const name = clipped(context, line.name, room - noteWidth);
    context.fillStyle = ink.muted;
    context.fillText(name, start, places[k]);
    const nameWidth = context.measureText(name).width;
    context.font = `600 ${bold}`;
    context.fillStyle = ink.text;
    context.fillText(note, start + nameWidth + 2, places[k]);
    context.font = bold;
  }
}
