// The runs, on the left: a tree with filters, colours, solo, grouping and badges.

import { summaries } from "../lib/findings.js";
import { html, signal, useEffect, useMemo, useRef, useState, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { isMatching, READ_AS_TEXT } from "../lib/matching.js";
import * as selection from "../lib/runs.js";
import { tree } from "../lib/tree.js";
import { ConfigDrawer } from "./config-drawer.js";
import { FindingBadge } from "./finding-badge.js";

/** @typedef {import("../lib/tree.js").Branch} Branch */

/** The run whose configuration is open. */
export const inspected = signal(/** @type {string|null} */ (null));

/** How many rows are drawn at most; a filter finds the rest. */
const ROWS = 400;

/** @type {Record<string, string>} */
const MEANING = {
  live: "being written to",
  stale: "not ended, and nothing new for a minute",
  done: "ended",
  diverged: "its loss became NaN or infinite",
  interrupted: "stopped before its end",
  failed: "failed",
};

/**
 * The branches that are drawn: those inside of closed ones are not.
 *
 * @param {Branch[]} branches
 * @param {Set<string>} closed
 * @param {number} depth
 * @param {{branch: Branch, depth: number}[]} rows
 */
function flatten(branches, closed, depth, rows) {
  for (const branch of branches) {
    if (rows.length >= ROWS) return rows;
    rows.push({ branch, depth });
    if (!closed.has(branch.path)) flatten(branch.children, closed, depth + 1, rows);
  }
  return rows;
}

export function RunsPanel() {
  const listed = useValue(selection.listed);
  const shown = useValue(selection.shown);
  const filter = useValue(selection.filter);
  const reading = useValue(selection.filterReading);
  const all = useValue(selection.runs);
  const [closed, setClosed] = useState(/** @type {Set<string>} */ (new Set()));
  const branches = useMemo(() => tree(listed), [listed]);
  const rows = flatten(branches, closed, 0, []);
  const open = useValue(inspected);
  const findings = useValue(summaries);
  useEffect(() => selection.wantConfigurations(), []);

  const fold = (/** @type {string} */ path) => {
    const next = new Set(closed);
    if (!next.delete(path)) next.add(path);
    setClosed(next);
  };
  return html`
    <aside class="runs" aria-label="Runs">
      <div class="runs-head">
        <h2>Runs</h2>
        <span class="muted">${shown.length} of ${all.size} shown</span>
      </div>
      <input
        type="search" id="run-filter" placeholder="Filter: text or regex" aria-label="Filter runs by text or regular expression" value=${filter}
        onInput=${(/** @type {Event} */ event) => selection.setFilter(/** @type {HTMLInputElement} */ (event.target).value)}
      />
      ${READ_AS_TEXT[reading] && html`<p class="muted small">${READ_AS_TEXT[reading]}</p>`}
      <${Grouping} />
      <div class="runs-all">
        <button type="button" class="quiet" onClick=${() => selection.show(listed, true)}>all</button>
        <button type="button" class="quiet" onClick=${() => selection.show(listed, false)}>none</button>
      </div>
      <ul class="runs-tree">
        ${rows.map(
          ({ branch, depth }) => html`
          <${Row} key=${branch.path} branch=${branch} depth=${depth} closed=${closed.has(branch.path)} summary=${branch.run === null ? null : findings.get(branch.run)} onFold=${() => fold(branch.path)} />
        `,
        )}
      </ul>
      ${rows.length >= ROWS && html`<p class="muted small">The first ${ROWS} are listed. A filter finds the others.</p>`}
      ${listed.length === 0 && all.size > 0 && !isMatching(filter) && html`<p class="muted small">No run's name matches the filter.</p>`}
      ${
        open !== null &&
        html`<${ConfigDrawer} run=${open} onClose=${() => {
          inspected.value = null;
        }} />`
      }
    </aside>
  `;
}

function Grouping() {
  const options = useValue(selection.groupings);
  const value = useValue(selection.grouping);
  if (options.length === 0) return null;
  const set = (/** @type {Event} */ event) =>
    selection.setGrouping(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`
    <label class="field wide">
      <span>Group by</span>
      <select value=${value} onChange=${set}>
        <option value="" selected=${value === ""}>nothing</option>
        ${options.map((key) => html`<option value=${key} selected=${key === value}>${key === "scenario" ? "scenario (over seeds)" : key}</option>`)}
      </select>
    </label>
  `;
}

/**
 * @param {object} properties
 * @param {Branch} properties.branch
 * @param {number} properties.depth
 * @param {boolean} properties.closed
 * @param {import("../lib/types.js").Summary|null|undefined} properties.summary  Of its run, once it has been looked at.
 * @param {() => void} properties.onFold
 */
function Row({ branch, depth, closed, summary, onFold }) {
  const shown = useValue(selection.shown);
  const solo = useValue(selection.solo);
  const all = useValue(selection.runs);
  useValue(catalogue);
  const on = useMemo(() => branch.runs.filter((name) => selection.isShown(name)).length, [branch, shown]);
  const box = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => {
    if (box.current) box.current.indeterminate = on > 0 && on < branch.runs.length;
  }, [on, branch]);
  const { run } = branch;
  const status = run === null ? null : all.get(run)?.status;
  return html`
    <li class="run" style=${{ paddingLeft: `${depth * 14}px` }}>
      ${
        branch.children.length > 0
          ? html`<button type="button" class="fold" aria-label=${`${closed ? "Open" : "Close"} ${branch.path}`} aria-expanded=${!closed} onClick=${onFold}>${closed ? "▸" : "▾"}</button>`
          : html`<span class="fold"></span>`
      }
      ${
        run === null
          ? html`<span class="swatch many"></span>`
          : html`<input type="color" class="swatch" title="Colour" aria-label=${`Colour of ${run}`} value=${selection.colour(run)} onInput=${(/** @type {Event} */ event) => selection.setColour(run, /** @type {HTMLInputElement} */ (event.target).value)} />`
      }
      <label class="run-name" title=${branch.path}>
        <input type="checkbox" ref=${box} checked=${on > 0} onChange=${() => selection.show(branch.runs, on < branch.runs.length)} />
        <span>${branch.label}</span>
      </label>
      ${run !== null && html`<${FindingBadge} summary=${summary} of=${run} />`}
      ${status && html`<span class=${`badge ${status}`} title=${MEANING[status]}>${status}</span>`}
      ${
        run !== null &&
        html`
        <span class="run-acts">
          <button type="button" class="quiet icon" aria-pressed=${solo === run} title="Show this run alone" aria-label=${`Show ${run} alone`} onClick=${() => selection.setSolo(solo === run ? null : run)}>◎</button>
          <button type="button" class="quiet icon" title="Its configuration" aria-label=${`Configuration of ${run}`} onClick=${() => {
            inspected.value = run;
          }}>≡</button>
        </span>
      `
      }
    </li>
  `;
}
