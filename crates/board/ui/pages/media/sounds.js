// Sounds of one tag, run below run.

import { count as grouped } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { Caption, Tag, useRecord } from "./slot.js";

/** @param {{entry: import("../media.js").Entry}} properties */
export const Sounds = ({ entry }) => html`
  <${Tag} entry=${entry} className="sounds" draw=${(/** @type {string} */ run) => html`<${Sound} key=${run} run=${run} tag=${entry.tag} />`} />
`;

/** @param {{run: string, tag: string}} properties */
function Sound({ run, tag }) {
  const { box, visible, record, error, empty, source } = useRecord("sounds", run, tag);
  const items = Array.from({ length: record?.count ?? 0 }, (_, item) => item);
  return html`
    <figure class="sound" ref=${box}>
      <${Caption} run=${run} record=${record}>${record?.sample_rate ? ` · ${grouped(record.sample_rate)} Hz` : ""}</${Caption}>
      ${
        record &&
        visible &&
        items.map(
          (item) => html`
        <audio key=${source(item)} controls preload="none" src=${source(item)} aria-label=${`${tag}${items.length > 1 ? `, ${item + 1} of ${items.length}` : ""}, ${run}, step ${record.step}`}></audio>
      `,
        )
      }
      ${empty && html`<p class="muted small">The series has no readable sound.</p>`}
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
    </figure>
  `;
}
