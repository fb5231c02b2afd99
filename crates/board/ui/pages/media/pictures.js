// Images of one tag, run beside run.

import { html, useState } from "../../lib/html.js";
import { Caption, Tag, useRecord } from "./slot.js";

/** Images of one step that are shown until the reader asks for all. */
const ITEMS = 12;

/** @param {{entry: import("../media.js").Entry, size: string, smooth: boolean}} properties */
export const Pictures = ({ entry, size, smooth }) => html`
  <${Tag} entry=${entry} className=${`pictures ${size === "actual" ? "actual" : "fit"}${smooth ? " smooth" : ""}`}
    draw=${(/** @type {string} */ run) => html`<${Picture} key=${run} run=${run} tag=${entry.tag} />`} />
`;

/** @param {{run: string, tag: string}} properties */
function Picture({ run, tag }) {
  const { box, record, error, empty, source } = useRecord("pictures", run, tag);
  const [all, setAll] = useState(false);
  const count = record?.count ?? 0;
  const items = Array.from({ length: all ? count : Math.min(count, ITEMS) }, (_, item) => item);
  return html`
    <figure class="picture" ref=${box}>
      <div class="picture-items">
        ${
          record &&
          items.map(
            (item) => html`
          <${Shown} key=${item} source=${source(item)} width=${record.width ?? 0} height=${record.height ?? 0}
            alt=${`${tag}${count > 1 ? `, image ${item + 1} of ${count}` : ""}, ${run}, step ${record.step}`} />
        `,
          )
        }
        ${!record && !empty && !error && html`<div class="picture-wait"></div>`}
        ${empty && html`<p class="muted small">The series has no readable image.</p>`}
        ${error && html`<p class="error" role="alert">${error.message}</p>`}
      </div>
      <${Caption} run=${run} record=${record}>${record ? ` · ${record.width}×${record.height}` : ""}</${Caption}>
      ${count > items.length && html`<button type="button" class="quiet" onClick=${() => setAll(true)}>All ${count} images of this step</button>`}
    </figure>
  `;
}

/** One image, or the words that it cannot be shown. @param {{source: string, width: number, height: number, alt: string}} properties */
function Shown({ source, width, height, alt }) {
  const [failed, setFailed] = useState("");
  if (failed === source)
    return html`<p class="muted small">The browser cannot show this image. <a href=${source} download>Save it</a></p>`;
  // The sizes keep the place while the image is on its way.
  return html`<img src=${source} alt=${alt} width=${width || null} height=${height || null} decoding="async" loading="lazy" onError=${() => setFailed(source)} />`;
}
