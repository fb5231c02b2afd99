// One group of runs: layers over steps, the last layer on top, for that is where the gradient comes from.

import { Canvas } from "../../components/canvas.js";
import { clipped, inRow } from "../../lib/axis-labels.js";
import { indexAt } from "../../lib/bounds.js";
import { drawShape, INKS } from "../../lib/finding-shapes.js";
import { short } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { scale, ticks } from "../../lib/scale.js";
import { range, setStep } from "../../lib/scrub.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { brief } from "./names.js";
import { columnsOf, named, raster, ZERO } from "./heat.js";

/** @typedef {import("../../lib/flow.js").Merged} Merged */
/** @typedef {import("../../lib/theme.js").Ink} Ink */
/** @typedef {import("./heat.js").Steps} Steps */
/** @typedef {import("./quantity.js").Quantity} Quantity */

/** Pixels above, below and beside the picture. */
const [TOP, BOTTOM, RIGHT] = [5, 20, 12];

/** Pixels for the shape of a finding between a layer's name and its row. */
export const MARK = 14;

/** @param {number} layers */
export const heightOf = (layers) => TOP + BOTTOM + Math.round(Math.min(Math.max(layers * 20, 84), 300));

/** How wide the names at the side are. @param {string[]} layers */
export const sideOf = (layers) => Math.min(110, 14 + 6.5 * Math.max(0, ...brief(layers).map(({ length }) => length)));

/**
 * Slanting lines, for what is zero.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ink} ink
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export function hatch(context, ink, x, y, width, height) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = ink.surface;
  context.fill();
  context.strokeStyle = ink.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (let start = x - height - ((x - height + y) % 5); start < x + width; start += 5) {
    context.moveTo(start, y + height);
    context.lineTo(start + height, y);
  }
  context.stroke();
  context.restore();
}

/**
 * @param {object} properties
 * @param {Merged} properties.data
 * @param {Quantity} properties.of
 * @param {[number, number]} properties.domain  Of the colours, for all panels.
 * @param {Steps} properties.axis  For all panels.
 * @param {number|null} properties.step  Null for the whole training.
 * @param {number} properties.side  Pixels for the names, for all panels.
 * @param {number} properties.height
 * @param {Map<string, import("../../lib/finding-marks.js").LayerMark>} properties.marks  What findings say of layers.
 * @param {string} properties.layer  The one that is pointed out, if any.
 * @param {string} properties.label
 */
export function Heatmap({ data, of, domain, axis, step, side, height, marks: findings, layer, label }) {
  const { steps, layers, mean } = data;
  const names = brief(layers);
  const bottom = height - BOTTOM;
  const row = (bottom - TOP) / layers.length;
  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} _height @param {Ink} ink */
  const draw = (context, width, _height, ink) => {
    const plot = Math.max(1, Math.round(width - side - RIGHT));
    const { pixels, marks } = raster(data, columnsOf(steps, axis, plot), domain, of.axis);
    const picture = new OffscreenCanvas(plot, layers.length);
    picture.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(pixels), plot, layers.length), 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, side, TOP, plot, bottom - TOP);
    for (const { row: at, from, to, what } of marks) {
      const box = /** @type {const} */ ([
        side + from,
        Math.round(TOP + at * row),
        to - from,
        Math.round(TOP + (at + 1) * row) - Math.round(TOP + at * row),
      ]);
      if (what === ZERO) hatch(context, ink, ...box);
      else {
        context.fillStyle = ink.bad;
        context.fillRect(...box);
      }
    }
    if (row >= 7) {
      context.fillStyle = ink.surface;
      for (let i = 1; i < layers.length; i += 1) context.fillRect(side, Math.round(TOP + i * row) - 0.5, plot, 1);
    }
    context.fillStyle = ink.muted;
    context.textBaseline = "middle";
    context.textAlign = "right";
    const end = side - 6 - (findings.size > 0 ? MARK : 0);
    for (const i of named(layers.length, bottom - TOP, 13)) {
      context.fillStyle = layers[i] === layer ? ink.text : ink.muted;
      context.fillText(clipped(context, names[i], end - 2), end, TOP + (layers.length - 0.5 - i) * row);
    }
    for (const [i, name] of layers.entries()) {
      const found = findings.get(name);
      const top = TOP + (layers.length - 1 - i) * row;
      if (found) {
        context.fillStyle = ink[INKS[found.severity]];
        context.fillRect(side - 3, Math.round(top), 2, Math.round(top + row) - Math.round(top));
        // Where rows are thin, the line alone has room.
        if (row >= 11) drawShape(context, ink, found.severity, side - 16, top + row / 2 - 5, 10);
      }
      if (name === layer) {
        context.strokeStyle = ink.text;
        context.lineWidth = 2;
        context.strokeRect(side, Math.round(top), plot, Math.max(2, Math.round(row)));
      }
    }
    context.fillStyle = ink.muted;
    context.textBaseline = "top";
    context.textAlign = "center";
    const marked = ticks("linear", axis.low, axis.high, plot / 70).filter(Number.isInteger);
    const texts = tickLabels(marked);
    const across = scale("linear", axis.low, axis.high, side, side + plot);
    const labels = marked.map((step, i) => ({ at: across.place(step), text: texts[i] }));
    for (const { at, middle, text } of inRow(labels, side, width, (text) => context.measureText(text).width)) {
      context.fillText(text, middle, bottom + 6);
      context.fillRect(Math.round(at), bottom, 1, 3);
    }
  };
  /** The step and the layer under the pointer. @param {number} x @param {number} y @param {number} width */
  const under = (x, y, width) => {
    const share = (x - side) / (width - side - RIGHT);
    const at = Math.floor((y - TOP) / row);
    const inside = share >= 0 && share <= 1 && at >= 0 && at < layers.length;
    return { inside, step: axis.low + share * (axis.high - axis.low), layer: layers.length - 1 - at };
  };
  const tip = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
    const found = under(x, y, width);
    if (!found.inside || steps.length === 0 || found.step < steps[0]) return null;
    const i = indexAt(steps, found.step);
    const value = of.axis === "share" ? `${short(mean[found.layer][i] * 100)} %` : short(mean[found.layer][i]);
    const said = findings.get(layers[found.layer])?.said ?? [];
    return [`${layers[found.layer]} · step ${steps[i].toLocaleString("en")}`, `${of.label} ${value}`, ...said].join(
      "\n",
    );
  };
  const pick = (/** @type {number} */ x, /** @type {number} */ _y, /** @type {number} */ width) => {
    const share = (x - side) / (width - side - RIGHT);
    if (share < -0.02 || steps.length === 0) return;
    const at = steps[indexAt(steps, axis.low + share * (axis.high - axis.low))];
    setStep(at >= range.peek().high ? null : at);
  };
  const table = () => ({
    head: ["step", ...layers],
    rows: Array.from(steps, (at, i) => [at, ...mean.map((layer) => short(layer[i]))]).reverse(),
  });
  // The line stands over the picture, which is not drawn anew while the steps go by.
  const share = Math.min(Math.max(((step ?? axis.low) - axis.low) / (axis.high - axis.low), 0), 1);
  return html`
    <div class="flow-heat">
      <${Canvas} draw=${draw} deps=${[data, of.key, domain.join(), axis.low, axis.high, side, height, findings, layer]} height=${height} label=${label} table=${table} tip=${tip} onPick=${pick} />
      ${step !== null && html`<i class="flow-step" style=${{ left: `calc(${side}px + (100% - ${side + RIGHT}px) * ${share.toFixed(5)})`, top: `${TOP}px`, height: `${bottom - TOP}px` }}></i>`}
    </div>
  `;
}
