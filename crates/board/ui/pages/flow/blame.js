// Who is to blame: the weights or the activation, layer by layer.

import { Why } from "../../components/why.js";
import { Canvas } from "../../components/canvas.js";
import { short } from "../../lib/format.js";
import { html, useMemo } from "../../lib/html.js";
import { scale, ticks } from "../../lib/scale.js";
import { keyOf, useFlows, useRemembered } from "./data.js";
import { bars, blameAt, edgeOf, PARTS, partsOf, totals } from "./gains.js";
import { named } from "./heat.js";
import { clipped, sideOf } from "./heatmap.js";
import { brief } from "./names.js";
import { rough } from "./words.js";

/** @typedef {import("../../lib/types.js").Group} Group */
/** @typedef {import("./gains.js").Blame} Blame */
/** @typedef {import("./gains.js").Parts} Parts */

/** Pixels above, below and beside the bars. */
const [TOP, BOTTOM, RIGHT] = [4, 20, 12];

/**
 * @param {object} properties
 * @param {Group[]} properties.groups
 * @param {string[]} properties.offered  Quantities.
 * @param {number} properties.step
 * @param {boolean} properties.visible
 */
export function BlameBars({ groups, offered, step, visible }) {
  const recorded = PARTS.filter(({ quantity }) => offered.includes(quantity));
  const wanted = groups.flatMap(({ runs }) =>
    runs.flatMap((run) => recorded.map(({ quantity }) => ({ run, quantity }))),
  );
  const { flows } = useFlows(wanted, visible);
  const remembered = useRemembered();
  const all = useMemo(
    () =>
      groups.flatMap((group) => {
        const of = PARTS.map(({ quantity }) => group.runs.flatMap((run) => flows.get(keyOf({ run, quantity })) ?? []));
        const parts = remembered(group.key, [...of.map(({ length }) => length), ...of.flat()], () => partsOf(of));
        return parts ? [{ group, parts }] : [];
      }),
    [groups, flows],
  );
  const edge = useMemo(() => edgeOf(all.map(({ parts }) => parts)), [all]);
  if (recorded.length === 0) {
    return html`<p class="muted flow-note">Whether the weights or the activation is to blame cannot be said: these runs recorded no gains (gain/weight, gain/activation).</p>`;
  }
  if (all.length === 0) return null;
  return html`
    <section class="flow-blame" aria-labelledby="flow-blame-title">
      <header class="flow-head">
        <h2 id="flow-blame-title">Who is to blame <${Why} of="chain-rule" about="Weights and activation." /></h2>
        <p class="muted">What makes δ smaller or larger in each layer, in natural logarithms; the mark is the sum.</p>
        <span class="flow-key">${recorded.map(({ label, colour }) => html`<span><i style=${{ background: colour }}></i>${label}</span>`)}</span>
      </header>
      <div class="flow-panels">
        ${all.map(({ group, parts }) => html`<${Panel} key=${group.key} group=${group} parts=${parts} edge=${edge} step=${step} />`)}
      </div>
    </section>
  `;
}

/** A factor and what it is made of: "×0.028 = weights ×1.9 · activation f′ ×0.015". @param {Blame} blame */
export function product(blame) {
  const { parts, sum } = totals(blame);
  const factors = PARTS.flatMap(({ label }, i) => (Number.isNaN(parts[i]) ? [] : [`${label} ×${factor(parts[i])}`]));
  return `δ ×${factor(sum)} = ${factors.join(" · ")}`;
}

/** @param {number} log */
const factor = (log) => rough(Math.exp(log));

/** @param {{group: Group, parts: Parts, edge: number, step: number}} properties */
function Panel({ group, parts: merged, edge, step }) {
  const blame = useMemo(() => blameAt(merged, step), [merged, step]);
  const { layers, sums, parts } = blame;
  // The same order and the same height of rows as above.
  const side = sideOf(layers);
  const names = brief(layers);
  const height = TOP + BOTTOM + Math.round(Math.min(Math.max(layers.length * 20, 60), 300));
  const bottom = height - BOTTOM;
  const row = (bottom - TOP) / layers.length;
  const y = (/** @type {number} */ layer) => TOP + (layers.length - 1 - layer) * row;
  /** @type {import("../../components/canvas.js").Draw} */
  const draw = (context, width, _height, ink) => {
    const x = scale("linear", -edge, edge, side, width - RIGHT);
    context.textBaseline = "top";
    context.textAlign = "center";
    for (const tick of ticks("linear", -edge, edge, (width - side - RIGHT) / 50)) {
      context.fillStyle = ink.line;
      context.fillRect(Math.round(x.place(tick)), TOP, 1, bottom - TOP);
      context.fillStyle = ink.muted;
      context.fillText(tick > 0 ? `+${short(tick)}` : short(tick), x.place(tick), bottom + 5);
    }
    const thick = Math.max(1, Math.min(row - 4, 16));
    for (const l of layers.keys()) {
      const top = y(l) + (row - thick) / 2;
      for (const { part, from, to } of bars(blame, l, edge)) {
        const [a, b] = [x.place(Math.max(-edge, Math.min(from, to))), x.place(Math.min(edge, Math.max(from, to)))];
        context.fillStyle = PARTS[part].colour;
        if (b > a) context.fillRect(a, top, b - a, thick);
      }
      if (Number.isNaN(sums[l])) continue;
      const mark = x.place(Math.min(Math.max(sums[l], -edge), edge));
      context.fillStyle = ink.surface;
      context.fillRect(mark - 2.5, top - 2, 5, thick + 4);
      context.fillStyle = ink.text;
      context.fillRect(mark - 1.5, top - 2, 3, thick + 4);
    }
    context.fillStyle = ink.muted;
    context.fillRect(Math.round(x.place(0)), TOP, 1, bottom - TOP);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const i of named(layers.length, bottom - TOP, 13)) {
      context.fillText(clipped(context, names[i], side - 8), side - 6, y(i) + row / 2);
    }
  };
  const says = (/** @type {number} */ l) =>
    PARTS.flatMap(({ label }, i) => {
      const value = parts[i]?.[l] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [`${label} ${short(value)} (×${factor(value)})`];
    });
  const tip = (/** @type {number} */ _x, /** @type {number} */ py) => {
    const l = layers.length - 1 - Math.floor((py - TOP) / row);
    if (l < 0 || l >= layers.length || Number.isNaN(sums[l])) return null;
    return [`δ of ${layers[l]}: ×${factor(sums[l])}`, ...says(l)].join("\n");
  };
  const whole = product(blame);
  const table = () => ({
    head: ["layer", ...PARTS.flatMap(({ label }, i) => (parts[i] ? [label] : [])), "sum"],
    rows: layers
      .map((name, l) => [name, ...parts.flatMap((part) => (part ? [short(part[l])] : [])), short(sums[l])])
      .reverse(),
  });
  return html`
    <section class="flow-panel" aria-label=${`Gains of ${group.label}`}>
      <h3><i class="dot" style=${{ background: group.colour }}></i><span>${group.label}</span></h3>
      <p class="flow-product">${whole}</p>
      <${Canvas} draw=${draw} deps=${[blame, edge, height]} height=${height} label=${`${group.label} at step ${step}, from the last layer to the first: ${whole}`} table=${table} tip=${tip} />
    </section>
  `;
}
