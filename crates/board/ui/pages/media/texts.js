// Texts of one tag, the newest at the chosen step first.

import * as api from "../../lib/api.js";
import { moment } from "../../lib/format.js";
import { html, useRef, useState, useValue, useVisible } from "../../lib/html.js";
import { useLive } from "../../lib/live.js";
import { at } from "../../lib/scrub.js";
import { loadUpTo, newestFirst, PAGE, tableOf } from "./records.js";
import { Caption, Tag } from "./slot.js";

/** @typedef {{index: number, step: number, wall_time: number, shape: number[], html: string[]}} TextRecord */

/** Texts of one series that are shown until the reader asks for more. */
const SHOWN = 1;

/** @param {{entry: import("../media.js").Entry}} properties */
export const Texts = ({ entry }) => html`
  <${Tag} entry=${entry} className="texts" draw=${(/** @type {string} */ run) => html`<${Series} key=${run} run=${run} tag=${entry.tag} />`} />
`;

/** @param {{run: string, tag: string}} properties */
function Series({ run, tag }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const step = useValue(at);
  const [most, setMost] = useState(SHOWN);
  // A long series is loaded around the step; while what was loaded has it, moving the step asks for nothing.
  const [window_, setWindow] = useState(/** @type {number|null} */ (null));
  const { data, error } = useLive(
    [run],
    async (signal) => {
      const load = (/** @type {number} */ from, /** @type {number} */ limit) =>
        /** @type {Promise<{total: number, values: TextRecord[]}>} */ (
          api.json("text", { run, tag, from, limit }, signal)
        );
      return loadUpTo(load, window_ ?? step);
    },
    [tag, window_],
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
          <${Content} record=${record} />
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

/** The server has made the HTML from Markdown and let nothing through that could act. @param {{record: TextRecord}} properties */
function Content({ record }) {
  const rows = tableOf(record.html, record.shape);
  if (!rows)
    return record.html.map(
      (text, i) => html`<div key=${i} class="markdown" dangerouslySetInnerHTML=${{ __html: text }}></div>`,
    );
  return html`
    <table class="text-table"><tbody>
      ${rows.map((row) => html`<tr>${row.map((text) => html`<td><div class="markdown" dangerouslySetInnerHTML=${{ __html: text }}></div></td>`)}</tr>`)}
    </tbody></table>
  `;
}
