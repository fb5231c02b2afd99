// What pictures and sounds have in common: a heading for a tag, and in it a place for each run that is filled when it is seen.

import * as api from "../../lib/api.js";
import { html, useRef, useState, useValue, useVisible } from "../../lib/html.js";
import { useLive } from "../../lib/live.js";
import { colour } from "../../lib/runs.js";
import { at } from "../../lib/scrub.js";
import { recordAt } from "./records.js";

/** @typedef {import("../media.js").Entry} Entry */
/** @typedef {{index: number, step: number, wall_time: number, count: number, width?: number, height?: number, sample_rate?: number, type?: string}} Record_ */

/** Runs of one tag that are shown until the reader asks for all. */
const RUNS = 24;

/**
 * @param {object} properties
 * @param {Entry} properties.entry
 * @param {string} properties.className
 * @param {(run: string) => any} properties.draw
 */
export function Tag({ entry, className, draw }) {
  const [all, setAll] = useState(false);
  const runs = all ? entry.runs : entry.runs.slice(0, RUNS);
  return html`
    <section class="card media-tag">
      <header class="card-head"><h3 title=${entry.description || entry.tag}>${entry.name}</h3></header>
      <div class=${className}>${runs.map(draw)}</div>
      ${entry.runs.length > runs.length && html`<button type="button" class="quiet" onClick=${() => setAll(true)}>All ${entry.runs.length} runs</button>`}
    </section>
  `;
}

/**
 * The record of a series at the chosen step.
 *
 * @param {"pictures"|"sounds"} kind
 * @param {string} run
 * @param {string} tag
 */
export function useRecord(kind, run, tag) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const step = useValue(at);
  const { data, error } = useLive(
    [run],
    async (signal) =>
      /** @type {{total: number, generation: number, values: Record_[]}} */ (
        await api.json(kind, { run, tag }, signal)
      ),
    [tag],
    visible,
  );
  const record = data ? recordAt(data.values, step) : null;
  /** @param {number} item */
  const source = (item) => api.address("blob", { run, tag, generation: data?.generation, index: record?.index, item });
  return { box, visible, record, error, empty: data !== null && data.values.length === 0, source };
}

/** @param {{run: string, record: Record_|null, children?: any}} properties */
export const Caption = ({ run, record, children }) => html`
  <figcaption>
    <span class="media-run"><span class="dot" style=${{ background: colour(run) }}></span>${run}</span>
    <span class="muted small">${record ? `step ${record.step.toLocaleString("en")}` : ""}${children}</span>
  </figcaption>
`;
