// The colour of a run by one of its values, and the bar that explains it.

import { css, mapped } from "../../lib/colour.js";
import { Select } from "../../components/card.js";
import { inRow, measureIn } from "../../lib/axis-labels.js";
import { html } from "../../lib/html.js";
import { colour } from "../../lib/runs.js";
import { ink } from "../../lib/theme.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./rows.js").Column} Column */
/** @typedef {import("./rows.js").Row} Row */

/** The map's lightest end is left out in the light and its darkest in the dark: both would vanish in the background. */
const share = (/** @type {number} */ place, /** @type {boolean} */ dark) => (dark ? 0.2 + 0.8 * place : 0.92 * place);

/**
 * @param {Row} row
 * @param {Axis|undefined} axis  None: the run's own colour.
 * @param {boolean} dark
 * @param {string} missing  For runs without the value.
 */
export function tint(row, axis, dark, missing) {
  if (!axis) return colour(row.run);
  const place = axis.share(row.values[axis.column.key] ?? null);
  return Number.isNaN(place) ? missing : css(mapped("viridis", share(place, dark)));
}

/** The width of a bar of colours, as in the style sheet, in pixels. */
const STRIP = 200;

/**
 * What stands under a bar of colours: whole, and not beyond its ends.
 *
 * @param {{marks: {share: number, text: string}[]}} properties
 */
export function Marks({ marks }) {
  const labels = marks.map(({ share: place, text }) => ({ at: place * STRIP, text }));
  const placed = inRow(labels, 0, STRIP, measureIn(ink.peek().font));
  return html`<div class="tint-marks">${placed.map(({ middle, text }) => html`<span style=${{ left: `${middle}px` }}>${text}</span>`)}</div>`;
}

/** @param {{axis: Axis|undefined, dark: boolean}} properties */
export function Bar({ axis, dark }) {
  if (!axis) return null;
  const stops = Array.from({ length: 9 }, (_, i) => css(mapped("viridis", share(i / 8, dark))));
  return html`
    <div class="tint-bar" aria-hidden="true">
      <span class="muted small">${axis.column.name}</span>
      <div>
        <div class="tint-strip" style=${{ background: `linear-gradient(90deg, ${stops.join(", ")})` }}></div>
        <${Marks} marks=${axis.marks} />
      </div>
    </div>
  `;
}

/**
 * The metric that pictures begin with: an accuracy if there is one, else a loss, else the first.
 *
 * @param {Column[]} columns
 */
export function favourite(columns) {
  const metrics = columns.filter(({ kind, numeric }) => kind === "metric" && numeric);
  const find = (/** @type {RegExp} */ pattern) => metrics.find(({ name }) => pattern.test(name));
  return find(/^(final|validation|val|test).*acc/i) ?? find(/acc/i) ?? find(/loss|cost/i) ?? metrics[0];
}

/**
 * The choice of a column.
 *
 * @param {{label: string, columns: Column[], value: string, onChange: (key: string) => void, none?: string}} properties
 */
export const Pick = ({ label, columns, value, onChange, none }) => html`
  <${Select} label=${label} value=${value} onChange=${onChange}
    options=${[...(none ? [["", none]] : []), ...columns.map(({ key, name, kind }) => [key, kind === "metric" ? `${name} (result)` : name])]} />
`;
