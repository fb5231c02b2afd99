// The network as its records tell it: layers with the gradient between them, or, for any other program's graph, its operations.

import { Choice, Empty, Select } from "../components/card.js";
import { html, useValue } from "../lib/html.js";
import { catalogue, useLive } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { shown } from "../lib/runs.js";
import { Layers } from "./graph/layers.js";
import { load, sources } from "./graph/load.js";
import { Operations } from "./graph/operations.js";

/** @typedef {import("./graph/load.js").Source} Source */

/** @type {[string, string][]} */
const VIEWS = [
  ["layers", "Layers"],
  ["operations", "Operations"],
];

export function View() {
  const names = useValue(shown);
  useValue(catalogue);
  const graphs = sources();
  const [wanted, setWanted] = useParameter("graph", "");
  const key = (/** @type {Source} */ { run, tag }) => (single(graphs, run) ? run : `${run} · ${tag}`);
  const chosen = graphs.find((one) => key(one) === wanted) ?? graphs[0];
  if (!chosen) return html`<${NoGraph} any=${names.length > 0} />`;
  return html`<${One} key=${key(chosen)} chosen=${chosen} graphs=${graphs} name=${key} onChoose=${setWanted} />`;
}

/** @param {{run: string}[]} graphs @param {string} run */
const single = (graphs, run) => graphs.filter((one) => one.run === run).length === 1;

/** @param {{any: boolean}} properties */
const NoGraph = ({ any }) => html`
  <${Empty} title=${any ? "None of the shown runs has a graph" : "No run is shown"}>
    <p>Show a run that has one on the left, or record it:</p>
    <h3>PyTorch</h3>
    <pre>writer.add_graph(model, example_input)</pre>
    <h3>Keras</h3>
    <pre>keras.callbacks.TensorBoard(logdir, write_graph=True)</pre>
    <p>Headwater's own training records it without being asked.</p>
  </${Empty}>
`;

/**
 * @param {object} properties
 * @param {Source} properties.chosen
 * @param {Source[]} properties.graphs
 * @param {(one: Source) => string} properties.name
 * @param {(name: string) => void} properties.onChoose
 */
function One({ chosen, graphs, name, onChoose }) {
  const { run } = chosen;
  const { data, error } = useLoaded(chosen);
  const [view, setView] = useParameter("gview", "layers");
  if (error && !data) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!data) return null;
  const { nodes, network: ours } = data;
  const layers = ours !== null && view === "layers";
  const choices = html`
    ${ours && html`<${Choice} label="Show" options=${VIEWS} value=${view} onChange=${setView} />`}
    ${graphs.length > 1 && !layers && html`<${Select} label="Graph of" options=${graphs.map((one) => [name(one), name(one)])} value=${name(chosen)} onChange=${onChoose} />`}
  `;
  return html`
    ${error && html`<p class="error" role="alert">${error.message}</p>`}
    ${layers ? html`<${Layers} graphs=${graphs} first=${ours} firstRun=${run} choices=${choices} />` : html`<${Operations} nodes=${nodes} run=${run} choices=${choices} />`}
  `;
}

/** The network of a run. It is asked for once for each generation of the run: a network does not grow. @param {Source} source */
function useLoaded(source) {
  const { run, tag } = source;
  const generation = useValue(catalogue)?.runs.find((one) => one.name === run)?.generation;
  return useLive([], (signal) => load(source, signal), [run, tag, generation]);
}
