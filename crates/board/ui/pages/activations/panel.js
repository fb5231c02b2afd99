// One layer: its activation, where its recorded z lie on it, and how many of them lie where next to no gradient passes.

import { Canvas } from "../../components/canvas.js";
import { rowAt } from "../../lib/bins.js";
import { short } from "../../lib/format.js";
import { html, useMemo } from "../../lib/html.js";
import { barsOf, percent, SMALL, slopeAt, steepest, summary } from "./curve.js";
import { across, drawLayer } from "./draw.js";

/** @typedef {import("../../lib/bins.js").Histograms} Histograms */
/** @typedef {import("./curve.js").Curve} Curve */

const WHERE = `of z where |f′| < ${SMALL * 100} % of its maximum`;

/**
 * @param {object} properties
 * @param {string} properties.layer
 * @param {Histograms} properties.data
 * @param {Curve} properties.curve
 * @param {[number, number]} properties.axis
 * @param {number} properties.step
 * @param {number} properties.height
 */
export function Layer({ layer, data, curve, axis, step, height }) {
  const row = data.rows > 0 ? rowAt(data.steps, step) : -1;
  const bars = useMemo(() => (row < 0 ? [] : barsOf(data, row, curve)), [data, row, curve]);
  const { small, mean } = summary(bars, curve);
  const known = !Number.isNaN(small);
  const words = known
    ? `${layer}, ${curve.name}, step ${data.steps[row]}: ${percent(small)} of z lie where |f′| is below ${SMALL * 100} % of its maximum; the mean |f′| is ${short(mean)}.`
    : `${layer}, ${curve.name}: no finite z is recorded.`;
  /** @type {import("../../components/canvas.js").Draw} */
  const draw = (context, width, tall, ink) => drawLayer(context, width, tall, ink, { curve, bars, axis });
  const tip = (/** @type {number} */ px, /** @type {number} */ _y, /** @type {number} */ width) => {
    const z = across(width, axis).value(px);
    if (z < axis[0] || z > axis[1]) return null;
    const slope = slopeAt(curve, z);
    const most = steepest(curve);
    const all = bars.reduce((sum, { count }) => sum + count, 0);
    const bar = bars.find(({ left, right }) => z >= left && z < right);
    const here =
      bar && all > 0 ? `\n${percent(bar.count / all)} of z from ${short(bar.left)} to ${short(bar.right)}` : "";
    return `z ${z.toFixed(2).replace("-", "−")} · f′ ${short(slope)}, ${percent(slope / most)} of its maximum${here}`;
  };
  const table = () => ({
    head: ["z from", "to", "values", "|f′| ÷ maximum"],
    rows: bars
      .filter(({ count }) => count > 0)
      .map((bar) => [short(bar.left), short(bar.right), short(bar.count), short(bar.slope)]),
  });
  return html`
    <section class="activation" aria-label=${layer}>
      <h3>
        <span>${layer} <i class="muted">${curve.name}</i></span>
        ${known && html`<span class="muted">mean |f′| ${short(Number(mean.toPrecision(2)))}</span>`}
      </h3>
      <${Canvas} draw=${draw} deps=${[curve, bars, axis.join(), height]} height=${height} label=${words} table=${table} tip=${tip} />
      <p class="activation-words">
        ${
          known
            ? html`<span><b class=${small >= 0.5 ? "activation-bad" : ""}>${percent(small)}</b> ${WHERE}</span>`
            : html`<span class="muted">No finite z at this step.</span>`
        }
      </p>
    </section>
  `;
}
