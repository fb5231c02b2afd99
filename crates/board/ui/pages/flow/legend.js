// The scale of colours that all panels share.

import { css } from "../../lib/colour.js";
import { html, useMemo } from "../../lib/html.js";
import { colourOf } from "./heat.js";
import { rough } from "./words.js";

/** @typedef {import("../../lib/flow.js").Merged} Merged */
/** @typedef {import("./quantity.js").Quantity} Quantity */

const STOPS = Array.from({ length: 17 }, (_, i) => i / 16);

/** @param {number} value @param {Quantity["axis"]} kind */
const text = (value, kind) => (kind === "share" ? `${rough(value * 100)} %` : rough(value));

/** @param {{domain: [number, number], of: Quantity, data: Merged[]}} properties */
export function Legend({ domain, of, data }) {
  const { zero, lost } = useMemo(() => {
    const found = { zero: false, lost: false };
    for (const one of data) {
      for (const layer of one.mean) {
        for (let i = 0; i < layer.length; i += 1) {
          if (layer[i] === 0) found.zero = true;
          else if (!Number.isFinite(layer[i])) found.lost = true;
        }
      }
    }
    return found;
  }, [data.length, ...data]);
  const gradient = STOPS.map((share) => css(colourOf(share, of.axis))).join(", ");
  return html`
    <span class="flow-key">
      <span>${text(domain[0], of.axis)}<i class="flow-scale" style=${{ background: `linear-gradient(to right, ${gradient})` }}></i>${text(domain[1], of.axis)}</span>
      ${of.axis === "log" && zero && html`<span><i class="flow-zero"></i>zero</span>`}
      ${lost && html`<span><i class="flow-lost"></i>NaN or ∞</span>`}
    </span>
  `;
}
