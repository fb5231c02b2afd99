// A picture drawn by hand: sharp on every screen, with words and a table for those who cannot see it.

import { html, useEffect, useMemo, useRef, useSize, useState, useValue, useVisible } from "../lib/html.js";
import { ink } from "../lib/theme.js";

/** @typedef {import("../lib/theme.js").Ink} Ink */
/** @typedef {(context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => void} Draw */
/** @typedef {{head: string[], rows: (string|number)[][]}} Table */

/**
 * @param {object} properties
 * @param {Draw} properties.draw  Called with CSS pixels when `deps`, the size or the theme change, and only while it is on the screen.
 * @param {unknown[]} properties.deps
 * @param {number} properties.height
 * @param {string} properties.label  What the picture shows, in words.
 * @param {() => Table} [properties.table]  The numbers behind it.
 * @param {(x: number, y: number, width: number, height: number) => string|null|import("../vendor/preact.js").VNode} [properties.tip]  What the pointer stands on.
 * @param {(x: number, y: number, width: number) => void} [properties.onPick]  Called when it is clicked.
 * @param {string} [properties.className]
 */
export function Canvas({ draw, deps, height, label, table, tip, onPick, className = "" }) {
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  const { width } = useSize(box);
  const visible = useVisible(box);
  const colours = useValue(ink);
  const [open, setOpen] = useState(false);
  const [hover, setHover] = useState(/** @type {{x: number, y: number}|null} */ (null));

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || !visible || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = colours.font;
    draw(context, width, height, colours);
  }, [...deps, width, height, visible, colours]);

  const place = (/** @type {PointerEvent|MouseEvent} */ event) => {
    const corner = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    return { x: event.clientX - corner.left, y: event.clientY - corner.top };
  };
  const said = hover && tip ? tip(hover.x, hover.y, width, height) : null;
  return html`
    <figure class=${`canvas ${className}`}>
      <div
        class="canvas-box" ref=${box} style=${{ height: `${height}px` }}
        onPointerMove=${tip && ((/** @type {PointerEvent} */ event) => setHover(place(event)))}
        onPointerLeave=${tip && (() => setHover(null))}
        onClick=${
          onPick &&
          ((/** @type {MouseEvent} */ event) => {
            const { x, y } = place(event);
            onPick(x, y, width);
          })
        }
      >
        <canvas ref=${canvas} role="img" aria-label=${label} style=${{ height: `${height}px` }}></canvas>
        ${said && hover && html`<${Tip} x=${hover.x} y=${hover.y} width=${width}>${said}</${Tip}>`}
      </div>
      ${
        table &&
        html`
        <button type="button" class="quiet table-toggle" aria-expanded=${open} onClick=${() => setOpen(!open)}>
          ${open ? "Hide table" : "Table"}
        </button>
        ${open && html`<${DataTable} make=${table} deps=${deps} label=${label} />`}
      `
      }
    </figure>
  `;
}

/** @param {{x: number, y: number, width: number, children?: any}} properties */
export function Tip({ x, y, width, children }) {
  const right = x > width / 2;
  const style = right
    ? { right: `${width - x + 12}px`, top: `${y + 12}px` }
    : { left: `${x + 12}px`, top: `${y + 12}px` };
  return html`<div class="tip" role="status" style=${style}>${children}</div>`;
}

/** How many rows of a table are shown; the rest is in the CSV. */
const ROWS = 200;

/** @param {{make: () => Table, deps: unknown[], label: string}} properties */
export function DataTable({ make, deps, label }) {
  const { head, rows } = useMemo(make, deps);
  return html`
    <div class="table-box" tabindex="0" role="region" aria-label=${`Table: ${label}`}>
      <table>
        <thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
        <tbody>
          ${rows.slice(0, ROWS).map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
        </tbody>
      </table>
      ${rows.length > ROWS && html`<p class="muted">${rows.length - ROWS} more rows are in the CSV.</p>`}
    </div>
  `;
}
