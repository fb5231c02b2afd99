// The network as its records tell it: layers with the gradient between them, or, for any other program's graph, its operations.

import * as api from "../lib/api.js";
import { Choice, Empty, Select } from "../components/card.js";
import { html, useMemo, useValue } from "../lib/html.js";
import { catalogue, useLive } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { shown, tagsOf } from "../lib/runs.js";
import { Layers } from "./graph/layers.js";
import { network } from "./graph/network.js";
import { Operations } from "./graph/operations.js";

/** @typedef {import("./graph/network.js").GraphNode} GraphNode */

/** @type {[string, string][]} */
const VIEWS = [
  ["layers", "Layers"],
  ["operations", "Operations"],
];

export function View() {
  const names = useValue(shown);
  useValue(catalogue);
  const graphs = [...tagsOf("graph").values()].flatMap(({ tag, runs }) => runs.map((run) => ({ run, tag: tag.tag })));
  const [wanted, setWanted] = useParameter("graph", "");
  const key = (/** @type {{run: string, tag: string}} */ { run, tag }) =>
    tag === "graph" || single(graphs, run) ? run : `${run} · ${tag}`;
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
 * @param {{run: string, tag: string}} properties.chosen
 * @param {{run: string, tag: string}[]} properties.graphs
 * @param {(one: {run: string, tag: string}) => string} properties.name
 * @param {(name: string) => void} properties.onChoose
 */
function One({ chosen, graphs, name, onChoose }) {
  const { run, tag } = chosen;
  const { data, error } = useLoaded(run, tag);
  const nodes = data ?? /** @type {GraphNode[]} */ ([]);
  const ours = useMemo(() => network(nodes), [nodes]);
  const [view, setView] = useParameter("gview", "layers");
  if (error && !data) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!data) return null;
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

/**
 * The nodes of a run's graph. It is asked for once for each generation of the run: a graph does not grow.
 *
 * @param {string} run
 * @param {string} tag
 */
function useLoaded(run, tag) {
  const generation = useValue(catalogue)?.runs.find((one) => one.name === run)?.generation;
  return useLive(
    [],
    async (signal) => /** @type {GraphNode[]} */ ((await api.json("graph", { run, tag }, signal)).nodes),
    [run, tag, generation],
  );
}
