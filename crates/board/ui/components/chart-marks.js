// Findings on the axis of a chart: a thin line from the first step to the last, which says what it is and opens it.

import { extent } from "../lib/finding-marks.js";
import { INKS } from "../lib/finding-shapes.js";
import { openFindings } from "../lib/findings.js";
import { html } from "../lib/html.js";
import { Shape } from "./finding-badge.js";

/** @typedef {import("../lib/finding-marks.js").Mark} Mark */
/** @typedef {import("../lib/plot.js").Plot} Plot */

/** So many marks lie over each other; the drawer has the others. */
const LANES = 3;

/** Pixels from one mark to the next. */
const LANE = 5;

/** @param {{marks: Mark[], frame: Plot, onOver: () => void}} properties  `onOver`: the pointer is on a mark, not on the lines. */
export const ChartMarks = ({ marks, frame, onOver }) => html`
  ${marks.slice(0, LANES).map((mark, lane) => {
    const found = extent(mark, frame);
    if (!found) return null;
    const style = {
      left: `${found.left}px`,
      width: `${found.width}px`,
      top: `${frame.box.bottom - LANE * (lane + 1)}px`,
      color: `var(--${INKS[mark.severity]})`,
    };
    return html`
      <button
        key=${`${mark.severity} ${mark.rule}`} type="button" class=${`chart-mark of-${mark.severity}`} data-kept style=${style} aria-label=${mark.said}
        onPointerEnter=${onOver} onPointerMove=${(/** @type {Event} */ event) => event.stopPropagation()}
        onPointerDown=${(/** @type {Event} */ event) => event.stopPropagation()} onClick=${() => openFindings(mark.run)}
      ><span class=${`chart-mark-said ${found.left > (frame.box.left + frame.box.right) / 2 ? "to-left" : ""}`} aria-hidden="true"><${Shape} severity=${mark.severity} /> ${mark.said}</span></button>
    `;
  })}
`;
