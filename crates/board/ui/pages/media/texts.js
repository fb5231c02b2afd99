// Texts of one tag, the newest at the chosen step first.

import * as api from "../../lib/api.js";
import { moment } from "../../lib/format.js";
import { html, useRef, useState, useValue, useVisible } from "../../lib/html.js";
import { useLive } from "../../lib/live.js";
import { at } from "../../lib/scrub.js";
import { loadUpTo, newestFirst, PAGE, tableOf } from "./records.js";
import { Caption, Tag } from "./slot.js";

/**
 * @typedef {object} TextRecord
 * @property {number} index
 * @property {number} step
 * @property {number|string} wall_time
 * @property {number[]} shape
 * @property {string[]} [html]  Made of the texts, unless they were asked for as they are.
 * @property {string[]} [raw]  The texts as they were logged, if they were asked for as they are.
 */

/** Texts of one series that are shown until the reader asks for more. */
const SHOWN = 1;

/**
 * The texts of a series up to a step.
 *
 * @param {{run: string, tag: string, raw: boolean}} of  `raw`: as they were logged.
 * @param {number} step
 * @param {AbortSignal} [signal]
 */
export function loadTexts({ run, tag, raw }, step, signal) {
  const load = (/** @type {number} */ from, /** @type {number} */ limit) =>
    /** @type {Promise<{total: number, values: TextRecord[]}>} */ (
      api.json("text", { run, tag, from, limit, raw: raw || null }, signal)
    );
  return loadUpTo(load, step);
}

/** @param {{entry: import("../media.js").Entry, raw: boolean}} properties  `raw`: as they were logged. */
export const Texts = ({ entry, raw }) => html`
  <${Tag} entry=${entry} className="texts" draw=${(/** @type {string} */ run) => html`<${Series} key=${run} run=${run} tag=${entry.tag} raw=${raw} />`} />
`;

/** @param {{run: string, tag: string, raw: boolean}} properties */
function Series({ run, tag, raw }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const step = useValue(at);
  const [most, setMost] = useState(SHOWN);
  // A long series is loaded around the step; while what was loaded has it, moving the step asks for nothing.
  const [window_, setWindow] = useState(/** @type {number|null} */ (null));
  const { data, error } = useLive(
    [run],
    (signal) => loadTexts({ run, tag, raw }, window_ ?? step, signal),
    [tag, window_, raw],
    visible,
  );
  const values = data?.values ?? [];
  if (data && data.total > PAGE && window_ !== step && !covers(data, step)) setWindow(step);
  const upTo = newestFirst(values, step);
  const records = upTo.length > 0 ? upTo : values.slice(0, 1);
  return html`
    <article class="text-series" ref=${box} aria-label=${`${tag}, ${run}`}>
      <${Caption} run=${run} record=${records[0] ?? null}>${data && data.total > 1 ? ` · ${data.total} texts` : ""}</${Caption}>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      ${data && data.total === 0 && html`<p class="muted small">The series has no readable text.</p>`}
      ${records.slice(0, most).map(
        (record, i) => html`
        <div key=${record.index} class="text-record" tabindex="0" role="group" aria-label=${`Text at step ${record.step}`}>
          ${i > 0 && html`<p class="muted small">step ${record.step.toLocaleString("en")} · ${moment(record.wall_time)}</p>`}
          <${Content} record=${record} raw=${raw} />
        </div>
      `,
      )}
      ${records.length > most && html`<button type="button" class="quiet" onClick=${() => setMost(most + 10)}>Earlier texts</button>`}
    </article>
  `;
}

/** Whether what was loaded of a long series holds the record of a step. @param {{total: number, values: TextRecord[]}} data @param {number} step */
function covers({ total, values }, step) {
  const after = values.findIndex((value) => value.step > step);
  const last = after < 0 ? values[values.length - 1] : values[after - 1];
  if (after === 0 || !last) return true;
  return last.index === total - 1 || values.some(({ index }) => index === last.index + 1);
}

/** One text as it was logged: as text, whatever is in it. @param {string} text */
const logged = (text) => html`<pre class="raw">${text}</pre>`;

/** One text as HTML. The server has made it of Markdown and let nothing through that could act. @param {string} text */
const formatted = (text) => html`<div class="markdown" dangerouslySetInnerHTML=${{ __html: text }}></div>`;

/**
 * The texts of a record, as a table if they were a tensor.
 *
 * @param {{record: TextRecord, raw: boolean}} properties
 */
export function Content({ record, raw }) {
  // While the other form is on its way, what is here is not shown as that form.
  const texts = (raw ? record.raw : record.html) ?? [];
  const one = raw ? logged : formatted;
  const rows = tableOf(texts, record.shape);
  if (!rows) return texts.map(one);
  return html`
    <table class="text-table"><tbody>
      ${rows.map((row) => html`<tr>${row.map((text) => html`<td>${one(text)}</td>`)}</tr>`)}
    </tbody></table>
  `;
}
