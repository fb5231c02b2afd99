// Who is to blame: the weights or the activation, layer by layer.

import { Why } from "../../components/why.js";
import { Canvas } from "../../components/canvas.js";
import { clipped, inRow } from "../../lib/axis-labels.js";
import { factored } from "../../components/factored.js";
import { short } from "../../lib/format.js";
import { html, useMemo } from "../../lib/html.js";
import { scale, ticks } from "../../lib/scale.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { keyOf, useFlows, useRemembered } from "./data.js";
import { bars, blameAt, blameOver, edgeOf, partsOf, partsOfNetwork } from "./gains.js";
import { named } from "./heat.js";
import { sideOf } from "./heatmap.js";
import { brief } from "./names.js";
import { changeOfLn, does, reason } from "./reason.js";
import { when as whenOf } from "./words.js";

/** @typedef {import("../../lib/types.js").Group} Group */
/** @typedef {import("./gains.js").Blame} Blame */
/** @typedef {{group: Group, blame: Blame, edge: number}} Blamed  A group, its gains, and the end of the axis, which all groups share. */

/** Pixels above, below and beside the bars. */
const [TOP, BOTTOM, RIGHT] = [4, 20, 12];

/**
 * What each part of the network does to delta, by group.
 *
 * @param {Group[]} groups
 * @param {string[]} offered  Quantities.
 * @param {number|null} step  Null for the whole training.
 * @param {boolean} visible
 * @returns {Map<string, Blamed>}  In the order of the groups. Groups that recorded nothing are left out.
 */
export function useBlame(groups, offered, step, visible) {
  const recorded = partsOfNetwork().filter(({ key }) => offered.includes(key));
  const wanted = groups.flatMap(({ runs }) =>
    runs.flatMap((run) => recorded.map(({ key }) => ({ run, quantity: key }))),
  );
  const { flows } = useFlows(wanted, visible);
  const remembered = useRemembered();
  const all = useMemo(
    () =>
      groups.flatMap((group) => {
        const of = partsOfNetwork().map(({ key }) =>
          group.runs.flatMap((run) => flows.get(keyOf({ run, quantity: key })) ?? []),
        );
        const parts = remembered(group.key, [...of.map(({ length }) => length), ...of.flat()], () => partsOf(of));
        return parts ? [{ group, of, parts }] : [];
      }),
    [groups.map((group) => `${group.key}\t${group.colour}`).join("\n"), flows],
  );
  const edge = useMemo(() => edgeOf(all.map(({ parts }) => parts)), [all]);
  return useMemo(
    () =>
      new Map(
        all.map(({ group, of, parts }) => [
          group.key,
          { group, blame: step === null ? blameOver(of) : blameAt(parts, step), edge },
        ]),
      ),
    [all, edge, step],
  );
}

/**
 * @param {object} properties
 * @param {Blamed[]} properties.blames
 * @param {string[]} properties.offered  Quantities.
 */
export function BlameBars({ blames, offered }) {
  const recorded = partsOfNetwork().filter(({ key }) => offered.includes(key));
  if (recorded.length === 0) {
    return html`<p class="muted flow-note">These runs recorded no gains (gain/weight, gain/activation), so nobody can say whether the weights or the activation is to blame.</p>`;
  }
  if (blames.length === 0) return null;
  return html`
    <section class="flow-blame" aria-labelledby="flow-blame-title">
      <header class="flow-head">
        <h2 id="flow-blame-title">Who is to blame <${Why} of="chain-rule" about="Weights and activation." /></h2>
        <p class="muted">What makes delta smaller or larger in each layer, in natural logarithms; the mark is the sum.</p>
        <span class="flow-key">${recorded.map(({ name, colour }) => html`<span><i style=${{ background: colour }}></i>${name}</span>`)}</span>
      </header>
      <div class="flow-panels">
        ${blames.map((one) => html`<${Panel} key=${one.group.key} ...${one} />`)}
      </div>
    </section>
  `;
}

/** @param {Blamed} properties */
function Panel({ group, blame, edge }) {
  const when = whenOf(blame);
  const { layers, sums, parts } = blame;
  const network = partsOfNetwork();
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
    const values = ticks("linear", -edge, edge, (width - side - RIGHT) / 50);
    context.fillStyle = ink.line;
    for (const value of values) context.fillRect(Math.round(x.place(value)), TOP, 1, bottom - TOP);
    context.fillStyle = ink.muted;
    const labels = tickLabels(values).map((text, i) => ({
      at: x.place(values[i]),
      text: values[i] > 0 ? `+${text}` : text,
    }));
    for (const { middle, text } of inRow(labels, 0, width, (text) => context.measureText(text).width)) {
      context.fillText(text, middle, bottom + 5);
    }
    const thick = Math.max(1, Math.min(row - 4, 16));
    for (const l of layers.keys()) {
      const top = y(l) + (row - thick) / 2;
      for (const { part, from, to } of bars(blame, l, edge)) {
        const [a, b] = [x.place(Math.max(-edge, Math.min(from, to))), x.place(Math.min(edge, Math.max(from, to)))];
        context.fillStyle = network[part].colour;
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
  const tip = (/** @type {number} */ _x, /** @type {number} */ py) => {
    const l = layers.length - 1 - Math.floor((py - TOP) / row);
    if (l < 0 || l >= layers.length || Number.isNaN(sums[l])) return null;
    const says = network.flatMap((part, i) => {
      const value = parts[i]?.[l] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [`${does(part, value)} (ln ${short(value)})`];
    });
    return [`${layers[l]}${when && `, ${when}`}: delta ${changeOfLn(-sums[l])}`, ...says].join("\n");
  };
  const why = reason(blame);
  const said = `${when && `${when}: `}${why}`;
  const table = () => ({
    head: ["layer", ...network.flatMap(({ name }, i) => (parts[i] ? [name] : [])), "sum"],
    rows: layers
      .map((name, l) => [name, ...parts.flatMap((part) => (part ? [short(part[l])] : [])), short(sums[l])])
      .reverse(),
  });
  return html`
    <section class="flow-panel" aria-label=${`Gains of ${group.label}`}>
      <h3><i class="dot" style=${{ background: group.colour }}></i><span>${group.label}</span></h3>
      <p class="flow-product">${factored(said)}</p>
      <${Canvas} draw=${draw} deps=${[blame, edge, height]} height=${height} label=${`${group.label}, from the last layer to the first${when && `, ${when}`}: ${why}`} table=${table} tip=${tip} />
    </section>
  `;
}
