// Runs as rows, parameters and results as columns.

import { csv, exact, short } from "../../lib/format.js";
import { downloadText } from "../../lib/download.js";
import { html, useMemo, useState, useValue } from "../../lib/html.js";
import { useParameter } from "../../lib/route.js";
import { colour, runs as runsSignal, setSolo, solo as soloSignal } from "../../lib/runs.js";
import { csvRows, nextSort, sorted } from "./rows.js";

/** @typedef {import("./rows.js").Column} Column */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Value} Value */

/** Rows that are drawn until the reader asks for all. */
const ROWS = 100;

/** @param {import("./filters.js").Properties} properties */
export function Table({ rows, chosen }) {
  const [sort, setSort] = useParameter("hps", "run");
  const [whole, setWhole] = useState(false);
  const solo = useValue(soloSignal);
  useValue(runsSignal);
  const descending = sort.startsWith("-");
  const key = descending ? sort.slice(1) : sort;
  const ordered = useMemo(() => sorted(rows, key, descending), [rows, key, descending]);
  const head = (/** @type {Column|null} */ column) => {
    const own = column?.key ?? "run";
    const state = own === key ? (descending ? "descending" : "ascending") : "none";
    return html`
      <th scope="col" key=${own} aria-sort=${state} class=${column?.numeric ? "numeric" : ""}>
        <button type="button" class="sort" data-kept onClick=${() => setSort(nextSort(sort, column))}>
          ${column?.name ?? "run"}<span class="sort-mark" aria-hidden="true">${state === "none" ? "" : descending ? "↓" : "↑"}</span>
        </button>
      </th>
    `;
  };
  const drawn = whole ? ordered : ordered.slice(0, ROWS);
  return html`
    <div class="card hparams-table">
      <div class="table-scroll" tabindex="0" role="region" aria-label="Runs with their parameters and results">
        <table>
          <thead>
            <tr class="kinds">
              <td></td>
              ${["param", "metric"].map((kind) => {
                const span = chosen.filter((column) => column.kind === kind).length;
                return (
                  span > 0 &&
                  html`<th scope="colgroup" colspan=${span}>${kind === "param" ? "parameters" : "results"}</th>`
                );
              })}
            </tr>
            <tr>${head(null)}${chosen.map(head)}</tr>
          </thead>
          <tbody>
            ${drawn.map((row) => html`<${Line} key=${row.run} row=${row} columns=${chosen} alone=${solo === row.run} tint=${colour(row.run)} />`)}
          </tbody>
        </table>
      </div>
      <div class="table-foot" data-lively>
        ${ordered.length > ROWS && html`<button type="button" class="quiet" onClick=${() => setWhole(!whole)}>${whole ? `Only the first ${ROWS}` : `All ${ordered.length} rows`}</button>`}
        <button type="button" class="quiet" onClick=${() => downloadText("hparams.csv", csv(csvRows(ordered, chosen)), "text/csv")}>CSV</button>
      </div>
    </div>
  `;
}

/** @param {{row: Row, columns: Column[], alone: boolean, tint: string}} properties */
function Line({ row, columns, alone, tint }) {
  return useMemo(
    () => html`
    <tr class=${alone ? "alone" : ""}>
      <th scope="row">
        <button type="button" class="quiet run-link" data-kept aria-pressed=${alone} title=${alone ? "Show all runs again" : "Show this run alone, on all pages"} onClick=${() => setSolo(alone ? null : row.run)}>
          <span class="dot" style=${{ background: tint }}></span>${row.run}
        </button>
        ${row.status !== "done" && html`<span class=${`badge ${row.status}`}>${row.status}</span>`}
      </th>
      ${columns.map(({ key, numeric }) => html`<td key=${key} class=${numeric ? "numeric" : "text"} title=${title(row.values[key])}>${text(row.values[key])}</td>`)}
    </tr>
  `,
    [row, columns, alone, tint],
  );
}

/** @param {Value} value */
const text = (value) =>
  value === null || value === undefined
    ? html`<span class="muted" title="not recorded">–</span>`
    : typeof value === "number"
      ? short(value)
      : String(value);

/** @param {Value} value */
const title = (value) => (typeof value === "number" ? exact(value) : undefined);
