// How a run does, in a shape and a number that open its findings.

import { badgeWords, total } from "../lib/finding-words.js";
import { SHAPES } from "../lib/finding-shapes.js";
import { openFindings } from "../lib/findings.js";
import { count } from "../lib/format.js";
import { html } from "../lib/html.js";

/** @typedef {import("../lib/types.js").Severity} Severity */
/** @typedef {import("../lib/types.js").Summary} Summary */

/** @param {{severity: Severity}} properties */
export const Shape = ({ severity }) => html`
  <svg class=${`shape of-${severity}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <path d=${SHAPES[severity].outline} /><path class="sign" d=${SHAPES[severity].sign} />
  </svg>
`;

/** Nothing was found. */
export const Healthy = () => html`
  <svg class="shape of-nothing" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path class="sign" d="M2 6.5l2.8 2.8L10 3.4" /></svg>
`;

/** Nothing could be looked at. */
export const Unseen = () => html`
  <svg class="shape of-nothing" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><circle class="sign" cx="6" cy="6" r="4.6" stroke-dasharray="2 1.7" /></svg>
`;

/**
 * @param {object} properties
 * @param {Summary|null|undefined} properties.summary  None as long as the run has not been looked at.
 * @param {string} properties.of  Whose findings they are.
 */
export function FindingBadge({ summary, of }) {
  if (!summary) return null;
  const said = badgeWords(summary);
  const { worst, looked } = summary;
  const sign = worst
    ? html`<${Shape} severity=${worst.severity} /> ${count(total(summary))}`
    : html`<${looked ? Healthy : Unseen} />`;
  return html`
    <button
      type="button" class=${`finding-badge of-${worst?.severity ?? "nothing"}`} aria-label=${`${of}: ${said}`} aria-haspopup="dialog"
      title=${said[0].toUpperCase() + said.slice(1)} onClick=${() => openFindings(summary.run)}
    >${sign}</button>
  `;
}
