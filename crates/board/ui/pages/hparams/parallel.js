// Parallel axes: each run a line through its values. Dragging along an axis keeps the runs that pass there.

import { Canvas } from "../../components/canvas.js";
import { Card } from "../../components/card.js";
import { html, useRef, useSize, useState, useValue } from "../../lib/html.js";
import { useParameter } from "../../lib/route.js";
import { setSolo, solo as soloSignal } from "../../lib/runs.js";
import { dark as darkSignal } from "../../lib/theme.js";
import { valueText } from "./axis.js";
import { rangeBetween } from "./brush.js";
import { axisPlaces, drawParallel, linePath, nearestAxis, nearestLine, PLOT, rangeShares } from "./parallel-plot.js";
import { Bar, favourite, Pick, tint } from "./tint.js";

/** @typedef {import("./axis.js").Axis} Axis */

const HEIGHT = 460;

/** @param {import("./filters.js").Properties} properties */
export function Parallel({ rows, all, columns, chosen, axes, brushes, setBrushes }) {
  const dark = useValue(darkSignal);
  const solo = useValue(soloSignal);
  const [by, setBy] = useParameter("hpy", favourite(columns)?.key ?? "");
  const [drag, setDrag] = useState(/** @type {{axis: Axis, from: number, to: number}|null} */ (null));
  const [near, setNear] = useState(/** @type {string|null} */ (null));
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const { width } = useSize(box);
  const drawn = /** @type {Axis[]} */ (chosen.map(({ key }) => axes.get(key)).filter(Boolean));
  const colouring = axes.get(by);
  const kept = new Set(rows.map(({ run }) => run));
  const spans = new Map(
    [...brushes].flatMap(([key, range]) => {
      const axis = axes.get(key);
      return axis ? [[axis, rangeShares(axis, range)]] : [];
    }),
  );

  const where = (/** @type {PointerEvent} */ event) => {
    const corner = box.current?.querySelector(".canvas-box")?.getBoundingClientRect();
    return corner ? { x: event.clientX - corner.left, y: event.clientY - corner.top, width: corner.width } : null;
  };
  const share = (/** @type {number} */ y) =>
    Math.min(Math.max(1 - (y - PLOT.top) / (HEIGHT - PLOT.top - PLOT.bottom), 0), 1);
  const pixel = (/** @type {number} */ place) => HEIGHT - PLOT.bottom - place * (HEIGHT - PLOT.top - PLOT.bottom);
  const down = (/** @type {PointerEvent} */ event) => {
    const at = where(event);
    const axis =
      at && at.y > PLOT.top - 12 && at.y < HEIGHT - PLOT.bottom + 12 ? nearestAxis(drawn, at.x, at.width) : null;
    if (!at || !axis) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    setDrag({ axis, from: share(at.y), to: share(at.y) });
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const at = where(event);
    if (!at) return;
    if (drag) setDrag({ ...drag, to: share(at.y) });
    else setNear(nearestLine(rows, drawn, at.x, at.y, at.width, HEIGHT)?.run ?? null);
  };
  const up = () => {
    if (!drag) return;
    const next = new Map(brushes);
    // A click on an axis takes its range away.
    const range = Math.abs(drag.from - drag.to) < 0.01 ? null : rangeBetween(drag.axis, drag.from, drag.to);
    if (range) next.set(drag.axis.column.key, range);
    else next.delete(drag.axis.column.key);
    setDrag(null);
    setBrushes(next);
  };
  const colourOf = (/** @type {import("./rows.js").Row} */ row, /** @type {string} */ missing) =>
    tint(row, colouring, dark, missing);
  // What follows the pointer is drawn over the lines: a thousand of them are not drawn anew for every move.
  const nearRow = near === null ? undefined : rows.find(({ run }) => run === near);
  const tip = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
    if (drag) return null;
    const row = nearestLine(rows, drawn, x, y, width, HEIGHT);
    return (
      row && [row.run, ...chosen.map(({ key, name }) => `${name}: ${valueText(row.values[key] ?? null)}`)].join("\n")
    );
  };
  return html`
    <${Card} title=${`${rows.length} runs over ${drawn.length} axes`} hint="Drag along an axis to keep the runs that pass there; click it to take the range away.">
      <div class="toolbar">
        <${Pick} label="Colour" columns=${columns.filter(({ differs }) => differs)} value=${by} onChange=${setBy} none="the run's own" />
        <${Bar} axis=${colouring} dark=${dark} />
        <p class="muted small" data-lively>Drag along an axis to narrow the runs down.</p>
      </div>
      <div class="parallel" ref=${box} onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerLeave=${() => setNear(null)}>
        <${Canvas}
          height=${HEIGHT} deps=${[rows, all, drawn.map(({ column }) => column.key).join(), axes, brushes, solo, by, dark]}
          label=${`Parallel axes over ${drawn.map(({ column }) => column.name).join(", ")}: ${rows.length} of ${all.length} runs are in all ranges.`}
          draw=${(
            /** @type {CanvasRenderingContext2D} */ context,
            /** @type {number} */ width,
            /** @type {number} */ height,
            /** @type {import("../../lib/theme.js").Ink} */ ink,
          ) =>
            drawParallel(context, width, height, ink, {
              rows: all,
              kept,
              axes: drawn,
              spans,
              emphasised: solo,
              colourOf,
            })}
          tip=${tip}
          onPick=${(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
            const row = nearestAxis(drawn, x, width) ? null : nearestLine(rows, drawn, x, y, width, HEIGHT);
            if (row) setSolo(solo === row.run ? null : row.run);
          }}
          table=${() => ({ head: ["run", ...chosen.map(({ name }) => name)], rows: rows.map((row) => [row.run, ...chosen.map(({ key }) => valueText(row.values[key] ?? null))]) })}
        />
        <svg class="parallel-over" data-lively width=${width} height=${HEIGHT} aria-hidden="true">
          ${nearRow && html`<path d=${linePath(nearRow, drawn, width, HEIGHT)} stroke=${colourOf(nearRow, "currentcolor")} />`}
          ${drag && html`<rect x=${axisPlaces(drawn.length, width)[drawn.indexOf(drag.axis)] - 7} y=${pixel(Math.max(drag.from, drag.to))} width="14" height=${Math.abs(pixel(drag.from) - pixel(drag.to))} />`}
        </svg>
      </div>
    </${Card}>
  `;
}
