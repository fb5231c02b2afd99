// What holds for all charts: smoothing, axes, and which tags there are to see.

import { Choice } from "../../components/card.js";
import { count } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { READ_AS_TEXT, reading } from "../../lib/matching.js";
import { setKind, setMode, setWeight, toggle } from "./settings.js";

/** @param {Event} event */
const textOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/**
 * @param {object} properties
 * @param {import("./settings.js").Settings} properties.settings
 * @param {string} properties.filter
 * @param {(text: string) => void} properties.onFilter
 * @param {number} properties.found
 * @param {number} properties.total
 */
export const Toolbar = ({ settings: { weight, options, together }, filter, onFilter, found, total }) => html`
  <div class="toolbar series-toolbar">
    <div class="series-filter">
      <input
        type="search" id="tag-filter" placeholder="Filter tags: text or regex" aria-label="Filter tags by text or regular expression"
        value=${filter} onInput=${(/** @type {Event} */ event) => onFilter(textOf(event))}
      />
      ${READ_AS_TEXT[reading(filter)] && html`<span class="muted small">${READ_AS_TEXT[reading(filter)]}</span>`}
      <span class="muted small" role="status">${filter === "" ? `${count(total)} ${total === 1 ? "tag" : "tags"}` : `${count(found)} of ${count(total)}`}</span>
    </div>
    <label class="field smoothing">
      <span>Smoothing</span>
      <input type="range" min="0" max="0.99" step="0.01" value=${Math.min(weight, 0.99)} onInput=${(/** @type {Event} */ event) => setWeight(Number(textOf(event)))} />
      <input
        type="number" min="0" max="0.999" step="0.01" value=${weight} aria-label="Weight of the smoothing"
        onChange=${(/** @type {Event} */ event) => setWeight(Number(textOf(event)) || 0)}
      />
    </label>
    <${Choice} label="x" options=${[["step", "Step"], ["relative", "Relative"], ["wall", "Time"]]} value=${options.mode} onChange=${setMode} />
    <div class="pills">
      <${Pill} on=${options.xKind === "log"} hint="Logarithmic x axis" onChange=${(/** @type {boolean} */ on) => setKind("xKind", on ? "log" : "linear")} disabled=${options.mode === "wall"}>log x</${Pill}>
      <${Pill} on=${options.yKind === "log"} hint="Logarithmic y axis" onChange=${(/** @type {boolean} */ on) => setKind("yKind", on ? "log" : "linear")}>log y</${Pill}>
      <${Pill} on=${options.clip} hint="Let the y axis leave outliers outside: what is beyond the 2nd and 98th percentile by more than a quarter of their distance" onChange=${(/** @type {boolean} */ on) => toggle("clip", on)}>clip outliers</${Pill}>
      <${Pill} on=${together} hint="Zoom and move all charts together" onChange=${(/** @type {boolean} */ on) => toggle("together", on)}>same x</${Pill}>
    </div>
  </div>
`;

/** @param {{on: boolean, hint: string, disabled?: boolean, onChange: (on: boolean) => void, children?: any}} properties */
const Pill = ({ on, hint, disabled = false, onChange, children }) => html`
  <button type="button" class="pill" title=${hint} aria-pressed=${on} disabled=${disabled} onClick=${() => onChange(!on)}>${children}</button>
`;
