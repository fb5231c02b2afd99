// Our own networks: a column of layers for each group of runs, joined by bands as thick as the gradient that came through.

import { Why } from "../../components/why.js";
import * as api from "../../lib/api.js";
import { Select } from "../../components/card.js";
import { DataTable } from "../../components/canvas.js";
import { factored } from "../../components/factored.js";
import { StepSlider } from "../../components/step-slider.js";
import { summaries } from "../../lib/findings.js";
import { flow, profileOver } from "../../lib/flow.js";
import { count, short } from "../../lib/format.js";
import { html, useMemo, useRef, useState, useValue, useVisible } from "../../lib/html.js";
import { catalogue, useLive } from "../../lib/live.js";
import { useParameter } from "../../lib/route.js";
import { groups as groupsSignal, runs as runsSignal } from "../../lib/runs.js";
import { at, whole } from "../../lib/scrub.js";
import { quantity as quantityOf } from "../flow/quantity.js";
import { useSickestFirst } from "../flow/order.js";
import { badnessOf, sickestFirst } from "../flow/sickest.js";
import { ends, sentence, when } from "../flow/words.js";
import { Column } from "./column.js";
import { along, scaleOf } from "./columns.js";
import { load } from "./load.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("../../lib/flow.js").Flow} Flow */
/** @typedef {import("../../lib/flow.js").Profile} Profile */
/** @typedef {import("../flow/quantity.js").Quantity} Quantity */
/** @typedef {import("../../lib/types.js").Group} Group */

/** So many columns can be compared at a glance. */
const COLUMNS = 8;

/** Quantities that can be drawn as thickness: magnitudes of the gradient, the one of the experiment first. */
const QUANTITIES = ["gradient/mean_abs", "gradient/rms", "delta/rms"];

/**
 * @param {object} properties
 * @param {import("./load.js").Source[]} properties.graphs
 * @param {Network} properties.first  The network of `firstRun`, which is known already.
 * @param {string} properties.firstRun
 * @param {any} properties.choices  What is chosen above both views.
 */
export function Layers({ graphs, first, firstRun, choices }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const all = useValue(groupsSignal);
  const newest = useValue(at);
  const step = useValue(whole) ? null : newest;
  const found = useValue(summaries);
  const quantities = useQuantities();
  const [quantity, setQuantity] = useParameter("gq", quantities[0] ?? QUANTITIES[0]);
  const of = quantityOf(quantity);
  const [table, setTable] = useState(false);

  const sources = new Map(graphs.map((source) => [source.run, source]));
  const drawn = all
    .map((group) => ({ ...group, runs: group.runs.filter((run) => sources.has(run)) }))
    .filter(({ runs }) => runs.length > 0);
  const bad = (/** @type {Group} */ group) => badnessOf(group, found);
  const sickest = sickestFirst(drawn, bad, () => 0).slice(0, COLUMNS);
  const networks = useNetworks(sickest, sources, firstRun, first);
  const members = sickest.flatMap(({ runs }) => runs).sort();
  const { data: flows, error } = useLive(
    members,
    (signal) => loadFlows(members, quantity, signal),
    [quantity],
    visible && quantities.length > 0,
  );
  const known = flows ?? /** @type {Map<string, Flow>} */ (new Map());
  const scale = scaleOf(members.flatMap((run) => known.get(run) ?? []));
  const own = (/** @type {Group} */ { runs }) => runs.flatMap((run) => known.get(run) ?? []);
  const falls = (/** @type {Group} */ group) =>
    own(group).length > 0 ? (ends(profileOver(own(group)))?.ratio ?? Number.NaN) : Number.NaN;
  const columns = useSickestFirst(sickest, found, flows ? falls : null);
  const shown = columns.flatMap((group) => {
    const net = networks.get(group.runs[0]);
    if (!net) return [];
    const names = net.layers.map(({ name }) => name);
    return [{ group, net, profile: along(own(group), names, step) }];
  });
  const where = step === null ? "over the whole training" : `at step ${count(step)}`;
  return html`
    <div ref=${box} class="layers">
      <div class="toolbar">
        ${choices}
        ${
          quantities.length > 0 &&
          html`
          <${Select} label="Thickness" options=${quantities.map((key) => [key, quantityOf(key).label])} value=${quantity} onChange=${setQuantity} />
        `
        }
        <p class="muted small">
          ${
            quantities.length > 0
              ? `${of.label} ${where}, coming from the loss up to the input: the arrows are as thick as its logarithm.`
              : 'These runs recorded no gradient, so the edges have no thickness. Headwater\'s training records it; PyTorch: writer.add_scalar("gradient/rms/layer1", ...).'
          }
          ${" "}<${Why} of="vanishing" about="Vanishing gradients." />
        </p>
      </div>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      <div class="network-columns">
        ${shown.map(
          ({ group, net, profile }) => html`
          <section class="network-column" key=${group.key} aria-label=${`Network of ${group.label}`}>
            <header>
              <h3><span class="dot" style=${{ background: group.colour }}></span>${group.label}</h3>
              <p class="muted small">${factored(summary(group, net, profile, of))}</p>
            </header>
            <${Column} net=${net} values=${profile.values} what=${`${of.label} ${where}`} scale=${scale} colour=${group.colour} label=${words(group, net, profile, of)} />
          </section>
        `,
        )}
      </div>
      ${drawn.length > COLUMNS && html`<p class="muted small">The first ${COLUMNS} of ${drawn.length} are drawn. Filter or group the runs on the left to see others.</p>`}
      <button type="button" class="quiet table-toggle" aria-expanded=${table} onClick=${() => setTable(!table)}>${table ? "Hide table" : "Table"}</button>
      ${table && html`<${DataTable} label=${`layers ${where}`} deps=${[step, quantity, flows, networks, all]} make=${() => layerTable(shown, `${of.label} ${where}`)} />`}
      <${StepSlider} means />
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
  return QUANTITIES.filter((key) => present.has(key));
}

/**
 * The networks of the columns, by the first run of each.
 *
 * @param {Group[]} columns
 * @param {Map<string, import("./load.js").Source>} sources
 * @param {string} firstRun
 * @param {Network} first
 * @returns {Map<string, Network>}
 */
function useNetworks(columns, sources, firstRun, first) {
  const all = useValue(runsSignal);
  const wanted = columns.map(({ runs }) => runs[0]).filter((run) => run !== firstRun);
  const { data } = useLive(
    [],
    async (signal) => {
      const loaded = await Promise.all(
        wanted.map(async (run) => {
          const source = sources.get(run);
          const { network } = source ? await load(source, signal) : { network: null };
          return /** @type {const} */ ([run, network]);
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

/** "at step 120: mean |dC/dW| falls 36-fold from layer6 to layer1". @param {Profile} profile @param {Quantity} of */
function change(profile, of) {
  if (profile.values.every(Number.isNaN)) return "";
  const where = when(profile);
  return `${where && `${where}: `}${sentence(profile, of)}`;
}

/** @param {Group} group @param {Network} net @param {Profile} profile @param {Quantity} of */
function summary(group, net, profile, of) {
  const seeds =
    group.runs.length > 1 ? `, ${profile.step === null ? "median" : "mean"} of ${group.runs.length} runs` : "";
  const parameters = `${net.parameters.toLocaleString("en")} parameters${seeds}`;
  const said = change(profile, of);
  return said ? `${parameters}; ${said}` : parameters;
}

/** @param {Group} group @param {Network} net @param {Profile} profile @param {Quantity} of */
const words = (group, net, profile, of) =>
  `${group.label}, from the input to the loss: ${net.layers.map((layer, i) => `${layer.name} ${short(profile.values[i])}`).join(", ")}. ${change(profile, of)}`;

/** @param {{group: Group, net: Network, profile: Profile}[]} shown @param {string} what */
const layerTable = (shown, what) => ({
  head: ["runs", "layer", "operations", "weights", "parameters", what],
  rows: shown.flatMap(({ group, net, profile }) =>
    net.layers.map((layer, i) => [
      group.label,
      layer.name,
      layer.operations.join(" · "),
      layer.weights ? `[${layer.weights.join(", ")}]` : "",
      layer.parameters,
      short(profile.values[i]),
    ]),
  ),
});
