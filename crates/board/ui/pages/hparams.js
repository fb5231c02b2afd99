// Configurations against results, over all runs that are not filtered out.

import * as api from "../lib/api.js";
import { Choice, Empty } from "../components/card.js";
import { html, useMemo, useValue } from "../lib/html.js";
import { catalogue, useLive } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { compared } from "../lib/runs.js";
import { axis } from "./hparams/axis.js";
import { inside, readBrushes, writeBrushes } from "./hparams/brush.js";
import { Filters } from "./hparams/filters.js";
import { Heatmap } from "./hparams/heatmap.js";
import { Parallel } from "./hparams/parallel.js";
import { byDefault, tabulate } from "./hparams/rows.js";
import { Scatter } from "./hparams/scatter.js";
import { Table } from "./hparams/table.js";

/** @type {[string, string][]} */
const VIEWS = [
  ["table", "Table"],
  ["parallel", "Parallel axes"],
  ["scatter", "Scatter"],
  ["heatmap", "Heatmap"],
];

/** The least time between two requests for all configurations, in milliseconds. */
const PAUSE = 1000;

export function View() {
  const names = useValue(compared);
  const { data, error } = useConfigurations(names);
  const [view, setView] = useParameter("hp", "table");
  const [brushText, setBrushText] = useParameter("hpb", "");
  const [columnText, setColumnText] = useParameter("hpc", "");
  const { rows, columns } = useMemo(
    () => (data ? tabulate(data, new Set(names)) : { rows: [], columns: [] }),
    [data, names],
  );
  const brushes = useMemo(() => readBrushes(brushText), [brushText]);
  const axes = useMemo(() => new Map(columns.map((column) => [column.key, axis(column, rows)])), [columns, rows]);
  const kept = useMemo(() => rows.filter((row) => inside(row, brushes, axes)), [rows, brushes, axes]);
  const chosen = useMemo(() => {
    if (columnText === "") return byDefault(columns);
    const keys = new Set(columnText.split(",").map(decodeURIComponent));
    return columns.filter(({ key }) => keys.has(key));
  }, [columns, columnText]);

  if (error && !data) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!data) return null;
  if (columns.length === 0) return html`<${NoParameters} any=${names.length > 0} />`;
  const setColumns = (/** @type {string[]|null} */ keys) =>
    setColumnText(keys === null ? "" : keys.map(encodeURIComponent).join(","));
  const setBrushes = (/** @type {Map<string, import("./hparams/brush.js").Range>} */ next) =>
    setBrushText(writeBrushes(next));
  const properties = { rows: kept, all: rows, columns, chosen, axes, brushes, setBrushes };
  return html`
    <div class="hparams">
      <div class="toolbar">
        <${Choice} label="Show" options=${VIEWS} value=${view} onChange=${setView} />
        <${Filters} ...${properties} setColumns=${setColumns} />
      </div>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      ${view === "table" && html`<${Table} ...${properties} />`}
      ${view === "parallel" && html`<${Parallel} ...${properties} />`}
      ${view === "scatter" && html`<${Scatter} ...${properties} />`}
      ${view === "heatmap" && html`<${Heatmap} ...${properties} border=${data.border} />`}
    </div>
  `;
}

/**
 * All runs' configurations and results; asked for again when runs grow, but not more often than once a second.
 *
 * @param {string[]} names
 */
function useConfigurations(names) {
  useValue(catalogue);
  return useLive(
    names,
    async (signal) => {
      const answer = /** @type {import("../lib/types.js").HParams} */ (await api.json("hparams", {}, signal));
      if (asked) await new Promise((done) => setTimeout(done, Math.max(0, asked + PAUSE - performance.now())));
      asked = performance.now();
      return answer;
    },
    [],
  );
}

let asked = 0;

/** @param {{any: boolean}} properties */
const NoParameters = ({ any }) => html`
  <${Empty} title=${any ? "These runs recorded no configuration" : "No run is left"}>
    ${!any && html`<p>All runs are filtered out or hidden, on the left.</p>`}
    <p>Record what a run was given and what it reached, and every pair of them can be compared here.</p>
    <h3>PyTorch</h3>
    <pre>writer.add_hparams({"lr": lr, "activation": "relu"}, {"hparam/accuracy": accuracy})</pre>
    <h3>TensorFlow</h3>
    <pre>${`from tensorboard.plugins.hparams import api as hp
hp.hparams({"lr": lr, "activation": "relu"})`}</pre>
    <p>Headwater's own training records its configuration without being asked.</p>
  </${Empty}>
`;
