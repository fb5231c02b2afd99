// Our own networks: a column of layers for each group of runs, joined by bands as thick as the gradient that came through.

import { Why } from "../../components/why.js";
import * as api from "../../lib/api.js";
import { Select } from "../../components/card.js";
import { DataTable } from "../../components/canvas.js";
import { StepSlider } from "../../components/step-slider.js";
import { fold, short } from "../../lib/format.js";
import { html, useMemo, useRef, useState, useValue, useVisible } from "../../lib/html.js";
import { catalogue, useLive } from "../../lib/live.js";
import { useParameter } from "../../lib/route.js";
import { groups as groupsSignal, runs as runsSignal } from "../../lib/runs.js";
import { at } from "../../lib/scrub.js";
import { Column } from "./column.js";
import { flow, meanAt, scaleOf } from "./columns.js";
import { network } from "./network.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./columns.js").Flow} Flow */
/** @typedef {import("../../lib/types.js").Group} Group */

/** So many columns can be compared at a glance. */
const COLUMNS = 8;

/** What can be drawn as thickness: magnitudes of the gradient. @type {Record<string, string>} */
const QUANTITIES = {
  "delta/rms": "δ, root mean square",
  "gradient/mean_abs": "dC/dW, mean magnitude",
  "gradient/rms": "dC/dW, root mean square",
};

/**
 * @param {object} properties
 * @param {{run: string, tag: string}[]} properties.graphs
 * @param {Network} properties.first  The network of `firstRun`, which is known already.
 * @param {string} properties.firstRun
 * @param {any} properties.choices  What is chosen above both views.
 */
export function Layers({ graphs, first, firstRun, choices }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const all = useValue(groupsSignal);
  const step = useValue(at);
  const quantities = useQuantities();
  const [quantity, setQuantity] = useParameter("gq", quantities[0] ?? "delta/rms");
  const [table, setTable] = useState(false);

  const tags = new Map(graphs.map(({ run, tag }) => [run, tag]));
  const drawn = all
    .map((group) => ({ ...group, runs: group.runs.filter((run) => tags.has(run)) }))
    .filter(({ runs }) => runs.length > 0);
  const columns = drawn.slice(0, COLUMNS);
  const networks = useNetworks(columns, tags, firstRun, first);
  const members = columns.flatMap(({ runs }) => runs);
  const { data: flows, error } = useLive(
    members,
    (signal) => loadFlows(members, quantity, signal),
    [quantity],
    visible && quantities.length > 0,
  );
  const known = flows ?? /** @type {Map<string, Flow>} */ (new Map());
  const scale = scaleOf(members.flatMap((run) => known.get(run) ?? []));
  const values = (/** @type {Group} */ group, /** @type {Network} */ { layers }) =>
    layers.map(({ name }) =>
      meanAt(
        group.runs.map((run) => known.get(run)),
        name,
        step,
      ),
    );
  const shown = columns.flatMap((group) => {
    const net = networks.get(group.runs[0]);
    return net ? [{ group, net, values: values(group, net) }] : [];
  });
  return html`
    <div ref=${box} class="layers">
      <div class="toolbar">
        ${choices}
        ${
          quantities.length > 0 &&
          html`
          <${Select} label="Thickness" options=${quantities.map((key) => [key, QUANTITIES[key]])} value=${quantity} onChange=${setQuantity} />
        `
        }
        <p class="muted small">
          ${
            quantities.length > 0
              ? `${QUANTITIES[quantity] ?? quantity} at step ${step.toLocaleString("en")}, coming from the loss up to the input: the arrows are as thick as its logarithm.`
              : 'These runs recorded no gradient, so the edges have no thickness. Headwater\'s training records it; PyTorch: writer.add_scalar("gradient/rms/layer1", ...).'
          }
          ${" "}<${Why} of="vanishing" about="Vanishing gradients." />
        </p>
      </div>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      <div class="network-columns">
        ${shown.map(
          ({ group, net, values: magnitudes }) => html`
          <section class="network-column" key=${group.key} aria-label=${`Network of ${group.label}`}>
            <header>
              <h3><span class="dot" style=${{ background: group.colour }}></span>${group.label}</h3>
              <p class="muted small">${summary(group, net, magnitudes)}</p>
            </header>
            <${Column} net=${net} values=${magnitudes} scale=${scale} colour=${group.colour} label=${words(group, net, magnitudes, step)} />
          </section>
        `,
        )}
      </div>
      ${drawn.length > COLUMNS && html`<p class="muted small">The first ${COLUMNS} of ${drawn.length} are drawn. Filter or group the runs on the left to see others.</p>`}
      <button type="button" class="quiet table-toggle" aria-expanded=${table} onClick=${() => setTable(!table)}>${table ? "Hide table" : "Table"}</button>
      ${table && html`<${DataTable} label=${`layers at step ${step}`} deps=${[step, quantity, flows, networks, all]} make=${() => layerTable(shown)} />`}
      <${StepSlider} />
    </div>
  `;
}

/** Which of the quantities the shown runs have, the preferred one first. */
function useQuantities() {
  const all = useValue(catalogue);
  const runs = useValue(runsSignal);
  const groups = useValue(groupsSignal);
  const sets = new Set(groups.flatMap((group) => group.runs.map((run) => runs.get(run)?.set ?? -1)));
  const present = new Set([...sets].flatMap((set) => all?.sets[set]?.flow.map(({ quantity }) => quantity) ?? []));
  return Object.keys(QUANTITIES).filter((key) => present.has(key));
}

/**
 * The networks of the columns, by the first run of each.
 *
 * @param {Group[]} columns
 * @param {Map<string, string>} tags
 * @param {string} firstRun
 * @param {Network} first
 * @returns {Map<string, Network>}
 */
function useNetworks(columns, tags, firstRun, first) {
  const all = useValue(runsSignal);
  const wanted = columns.map(({ runs }) => runs[0]).filter((run) => run !== firstRun);
  const { data } = useLive(
    [],
    async (signal) => {
      const loaded = await Promise.all(
        wanted.map(async (run) => {
          const { nodes } = await api.json("graph", { run, tag: tags.get(run) }, signal);
          return /** @type {const} */ ([run, network(nodes)]);
        }),
      );
      return new Map(loaded.flatMap(([run, net]) => (net ? [[run, net]] : [])));
    },
    wanted.map((run) => `${run} ${all.get(run)?.generation}`),
  );
  return useMemo(() => new Map([...(data ?? []), [firstRun, first]]), [data, firstRun, first]);
}

/**
 * @param {string[]} runs
 * @param {string} quantity
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, Flow>>}
 */
async function loadFlows(runs, quantity, signal) {
  const loaded = await Promise.all(
    runs.map(async (run) => {
      try {
        return /** @type {const} */ ([run, flow(await api.frame("flow", { run, quantity, columns: 400 }, signal))]);
      } catch (error) {
        // A run without this quantity has edges without thickness; the others are drawn.
        if (error instanceof api.ServerError && error.status === 404) return null;
        throw error;
      }
    }),
  );
  return new Map(loaded.filter((one) => one !== null));
}

/** From the last layer to the first. @param {number[]} values */
function attenuation(values) {
  const ratio = values[values.length - 1] / values[0];
  if (!(ratio > 0)) return "";
  return ratio >= 1
    ? `the gradient shrinks ${fold(ratio)} on its way to the first layer`
    : `the gradient grows ${fold(1 / ratio)} on its way to the first layer`;
}

/** @param {Group} group @param {Network} net @param {number[]} values */
function summary(group, net, values) {
  const seeds = group.runs.length > 1 ? `, mean of ${group.runs.length} runs` : "";
  const parameters = `${net.parameters.toLocaleString("en")} parameters${seeds}`;
  const change = attenuation(values);
  return change ? `${parameters}; ${change}` : parameters;
}

/** @param {Group} group @param {Network} net @param {number[]} values @param {number} step */
const words = (group, net, values, step) =>
  `${group.label} at step ${step}, from the input to the loss: ${net.layers.map((layer, i) => `${layer.name} ${short(values[i])}`).join(", ")}. ${attenuation(values)}`;

/** @param {{group: Group, net: Network, values: number[]}[]} shown */
const layerTable = (shown) => ({
  head: ["runs", "layer", "operation", "activation", "weights", "parameters", "gradient"],
  rows: shown.flatMap(({ group, net, values }) =>
    net.layers.map((layer, i) => [
      group.label,
      layer.name,
      layer.kind,
      layer.activation,
      layer.weights ? `[${layer.weights.join(", ")}]` : "",
      layer.parameters,
      short(values[i]),
    ]),
  ),
});
