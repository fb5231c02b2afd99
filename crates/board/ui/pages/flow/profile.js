// The quantity along the layers at the scrubbed step, all groups on one axis.

import { Canvas } from "../../components/canvas.js";
import { measureIn } from "../../lib/axis-labels.js";
import { count, short } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { ink as inkSignal } from "../../lib/theme.js";
import { drawAxes, drawChosen, drawLabels, drawLines, frameOf } from "./plot.js";

/** @typedef {import("./plot.js").Line} Line */
/** @typedef {import("./quantity.js").Quantity} Quantity */

/**
 * @param {object} properties
 * @param {Line[]} properties.lines  Drawn in this order, each over the ones before.
 * @param {string[]} properties.layers
 * @param {Quantity} properties.of
 * @param {[number, number]} properties.domain  Over all steps, so that the axis stands still while they go by.
 * @param {number|null} properties.step  Null for the whole training.
 * @param {string} properties.layer  The one that is pointed out, if any.
 * @param {number} properties.height
 * @param {string} properties.label
 */
export function Profile({ lines, layers, of, domain, step, layer, height, label }) {
  /** @type {import("../../components/canvas.js").Draw} */
  const draw = (context, width, tall, ink) => {
    const frame = frameOf(width, tall, lines, layers.length, domain, of.axis, measureIn(ink.font));
    drawAxes(context, ink, frame, layers, of.axis);
    drawChosen(context, ink, frame, layers.indexOf(layer));
    drawLines(context, ink, frame, lines);
    drawLabels(context, ink, frame, lines, width);
  };
  const tip = (/** @type {number} */ px, /** @type {number} */ _y, /** @type {number} */ width) => {
    const measure = measureIn(inkSignal.peek().font);
    const { x, left, right } = frameOf(width, height, lines, layers.length, domain, of.axis, measure);
    if (px < left - 10 || px > right + 10) return null;
    const i = layers.map((_, k) => Math.abs(x(k) - px)).reduce((best, gap, k, all) => (gap < all[best] ? k : best), 0);
    const rows = lines
      .filter(({ values }) => !Number.isNaN(values[i]))
      .sort((a, b) => b.values[i] - a.values[i])
      .slice(0, 12)
      .map(
        (line) =>
          html`<div class="flow-tip"><i class="dot" style=${{ background: line.colour }}></i><span>${line.name}</span><b>${short(line.values[i])}</b></div>`,
      );
    return html`<div>${layers[i]} · ${step === null ? "the whole training" : `step ${count(step)}`}</div>${rows}`;
  };
  const table = () => ({
    head: ["run", ...layers, "last ÷ first"],
    rows: lines.flatMap(({ name, values, note, expected }) => [
      [name, ...values.map(short), note || "–"],
      ...(expected ? [[`${name}, expected`, ...expected.map(short), "–"]] : []),
    ]),
  });
  return html`<${Canvas} className="flow-profile" draw=${draw} deps=${[lines, layers.join("\n"), domain.join(), of.key, height, layer]} height=${height} label=${label} table=${table} tip=${tip} />`;
}
