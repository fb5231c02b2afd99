// Drawing a layer's activation: f and f' over z, and the recorded z under them.

import { inRow } from "../../lib/axis-labels.js";
import { css, faded, mapped } from "../../lib/colour.js";
import { scale, ticks } from "../../lib/scale.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { SMALL, smallStretches, steepest } from "./curve.js";

/** @typedef {import("../../lib/theme.js").Ink} Ink */
/** @typedef {import("./curve.js").Curve} Curve */
/** @typedef {import("./curve.js").Bar} Bar */

/** So much of the height is for the recorded values, at their densest. */
const BARS = 0.72;

/** Pixels around the picture. */
const [SIDE, TOP, BOTTOM] = [8, 18, 20];

/**
 * The axis of z.
 *
 * @param {number} width
 * @param {[number, number]} axis
 */
export const across = (width, [low, high]) => scale("linear", low, high, SIDE, width - SIDE);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {Ink} ink
 * @param {{curve: Curve, bars: Bar[], axis: [number, number]}} what
 */
export function drawLayer(context, width, height, ink, { curve, bars, axis }) {
  const x = across(width, axis);
  const bottom = height - BOTTOM;
  const stretches = smallStretches(curve, axis);
  context.fillStyle = faded(ink.warning, 0.12);
  for (const [from, to] of stretches) context.fillRect(x.place(from), TOP, x.place(to) - x.place(from), bottom - TOP);
  drawTicks(context, ink, x, axis, bottom);
  drawBars(context, ink, x, bars, bottom, axis);
  context.save();
  context.beginPath();
  context.rect(SIDE, 0, width - 2 * SIDE, bottom + 1);
  context.clip();
  drawCurves(context, ink, x, curve, axis, bottom);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {import("../../lib/scale.js").Scale} x
 * @param {[number, number]} axis
 * @param {number} bottom
 */
function drawTicks(context, ink, x, [low, high], bottom) {
  context.textAlign = "center";
  context.textBaseline = "top";
  const values = ticks("linear", low, high, Math.max(2, (x.place(high) - x.place(low)) / 48));
  context.fillStyle = ink.line;
  for (const value of values) context.fillRect(Math.round(x.place(value)), TOP, 1, bottom - TOP);
  context.fillStyle = ink.muted;
  const labels = tickLabels(values).map((text, i) => ({ at: x.place(values[i]), text }));
  const measure = (/** @type {string} */ text) => context.measureText(text).width;
  for (const { middle, text } of inRow(labels, 0, x.place(high) + SIDE, measure)) {
    context.fillText(text, middle, bottom + 5);
  }
  context.fillRect(x.place(low), bottom, x.place(high) - x.place(low), 1);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {import("../../lib/scale.js").Scale} x
 * @param {Bar[]} bars
 * @param {number} bottom
 * @param {[number, number]} axis
 */
function drawBars(context, ink, x, bars, bottom, [low, high]) {
  const density = ({ left, right, count } = /** @type {Bar} */ ({})) => (right > left ? count / (right - left) : 0);
  const most = bars.reduce((found, bar) => Math.max(found, density(bar)), 0);
  if (most === 0) return;
  for (const bar of bars) {
    const [from, to] = [x.place(Math.max(bar.left, low)), x.place(Math.min(bar.right, high))];
    if (bar.count === 0 || to <= from) continue;
    const tall = Math.max(1, (density(bar) / most) * BARS * (bottom - TOP));
    context.fillStyle = bar.slope < SMALL ? ink.warning : css(mapped("viridis", 0.2 + 0.7 * bar.slope));
    context.fillRect(from, bottom - tall, Math.max(1, to - from - (to - from > 4 ? 1 : 0)), tall);
  }
}

/**
 * f over all of the height, from its smallest to its largest on the axis; f' from zero, or below, to its largest.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {import("../../lib/scale.js").Scale} x
 * @param {Curve} curve
 * @param {[number, number]} axis
 * @param {number} bottom
 */
function drawCurves(context, ink, x, { z, f, df }, [low, high], bottom) {
  const inside = z.map((_, i) => i).filter((i) => z[i] >= low && z[i] <= high);
  const [least, most] = [Math.min(...inside.map((i) => f[i])), Math.max(...inside.map((i) => f[i]))];
  const steep = steepest({ name: "", z, f, df }) || 1;
  const value = scale("linear", least, most, bottom, TOP);
  const slope = scale("linear", Math.min(0, ...inside.map((i) => df[i])), steep, bottom, TOP);
  /** @param {(i: number) => number} y @param {string} colour @param {number} width */
  const line = (y, colour, width) => {
    context.beginPath();
    for (const i of inside) context.lineTo(x.place(z[i]), y(i));
    context.lineJoin = "round";
    // A rim of the card's colour keeps a line apart from the bars behind it.
    context.strokeStyle = ink.surface;
    context.lineWidth = width + 2;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  };
  line((i) => value.place(f[i]), ink.muted, 1.25);
  line((i) => slope.place(df[i]), ink.text, 2.25);
  // Where f' is first at its largest, and where f is high: there they are named.
  const peak = inside.find((i) => df[i] >= 0.985 * steep) ?? inside[0];
  const end = inside[Math.floor(inside.length * 0.78)];
  context.textBaseline = "bottom";
  const font = context.font;
  context.font = `600 ${font}`;
  context.fillStyle = ink.text;
  context.textAlign = x.place(z[peak]) < 40 ? "left" : "center";
  context.fillText(`f′ ${Number(steep.toPrecision(3))}`, Math.max(x.place(z[peak]), SIDE + 2), TOP - 3);
  context.font = font;
  context.fillStyle = ink.muted;
  context.textAlign = "right";
  context.fillText("f", x.place(z[end]) - 5, Math.max(value.place(f[end]) - 2, TOP - 3));
}
