// The sheet beside the pointer: every line's value there, the highest first.

import { count, moment, short, span } from "../lib/format.js";
import { html } from "../lib/html.js";
import { around } from "../lib/readout.js";

/** @typedef {import("../lib/readout.js").Reading} Reading */

/** How many lines it has room for. */
const ROWS = 12;

/**
 * A place on the x axis in words.
 *
 * @param {number} x
 * @param {import("../lib/trace.js").XMode} mode
 */
export const placeText = (x, mode) =>
  mode === "step" ? (Number.isInteger(x) ? count(x) : short(x)) : mode === "wall" ? moment(x) : span(x);

/**
 * What else is known of a point: its step and its time, as far as the axis does not say them.
 *
 * @param {Reading} reading
 * @param {import("../lib/trace.js").XMode} mode
 */
function aside({ line, index, band }, mode) {
  if (band) return `${short(band[0])} … ${short(band[1])}`;
  const parts = [];
  if (line.steps && mode !== "step") parts.push(`step ${count(line.steps[index])}`);
  if (line.walls && mode === "step") parts.push(span(line.walls[index] - line.walls[0]));
  return parts.join(", ");
}

/**
 * @param {object} properties
 * @param {Reading[]} properties.all  The highest first.
 * @param {number} properties.near  Index of the one that the pointer is nearest to.
 * @param {import("../lib/plot.js").Options} properties.options
 * @param {{x: number, y: number}} properties.at
 * @param {number} properties.width  Of the chart.
 */
export function ChartTip({ all, near, options, at, width }) {
  const { rows, above, below } = around(all, near, ROWS);
  const { mode } = options;
  const smoothed = all.some(({ line }) => line.smooth);
  const same = all.every(({ x }) => x === all[0].x);
  const side = at.x > width / 2 ? { right: `${width - at.x + 14}px` } : { left: `${at.x + 14}px` };
  return html`
    <div class="tip chart-tip" role="status" style=${{ ...side, top: `${Math.max(0, at.y - 20)}px` }}>
      <p class="muted">${mode === "step" ? "step " : ""}${placeText(all[near].x, mode)}</p>
      ${above > 0 && html`<p class="muted">${above} above</p>`}
      <table>
        <tbody>
          ${rows.map(
            (reading) => html`
            <tr key=${reading.line.key} class=${reading === all[near] ? "near" : ""}>
              <td><span class="dot" style=${{ background: reading.line.colour }}></span></td>
              <td>${reading.line.label}</td>
              <td>${short(reading.shown)}</td>
              ${smoothed && html`<td class="muted">${short(reading.value)}</td>`}
              ${!same && mode === "step" && html`<td class="muted">at ${placeText(reading.x, mode)}</td>`}
              <td class="muted">${aside(reading, mode)}</td>
            </tr>
          `,
          )}
        </tbody>
      </table>
      ${below > 0 && html`<p class="muted">${below} below</p>`}
    </div>
  `;
}
