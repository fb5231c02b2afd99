// Any value of the runs against any other.

import { Canvas } from "../../components/canvas.js";
import { Card } from "../../components/card.js";
import { fittedApart, inRow, measureIn, widest } from "../../lib/axis-labels.js";
import { html, useValue } from "../../lib/html.js";
import { useParameter } from "../../lib/route.js";
import { setSolo, solo as soloSignal } from "../../lib/runs.js";
import { dark as darkSignal, ink } from "../../lib/theme.js";
import { valueText } from "./axis.js";
import { axesByDefault } from "./cells.js";
import { Bar, favourite, Pick, tint } from "./tint.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./rows.js").Row} Row */

const HEIGHT = 480;
const PLOT = { top: 30, bottom: 44, right: 24 };

/** The least room for labels on the left, and what stands between them and the plot, in pixels. */
const [LEFT, BESIDE] = [76, 12];

/** The widest label under the plot, in pixels. */
const UNDER = 160;

/**
 * Where the plot begins: after the widest label, but names get no more than two fifths of the picture.
 *
 * @param {Axis} y
 * @param {number} width
 * @param {import("../../lib/axis-labels.js").Measure} measure
 */
const leftOf = (y, width, measure) =>
  Math.max(
    LEFT,
    Math.min(
      BESIDE +
        2 +
        widest(
          y.marks.map(({ text }) => text),
          measure,
        ),
      0.4 * width,
    ),
  );

/**
 * Where a run stands, or null if it has no place.
 *
 * @param {Row} row
 * @param {Axis} x
 * @param {Axis} y
 * @param {number} left  Where the plot begins.
 * @param {number} width
 * @param {number} height
 */
function place(row, x, y, left, width, height) {
  const [a, b] = [x.share(row.values[x.column.key] ?? null), y.share(row.values[y.column.key] ?? null)];
  if (Number.isNaN(a) || Number.isNaN(b)) return null;
  return {
    x: left + a * (width - left - PLOT.right),
    y: height - PLOT.bottom - b * (height - PLOT.top - PLOT.bottom),
  };
}

/** @param {import("./filters.js").Properties} properties */
export function Scatter({ rows, all, columns, axes }) {
  const dark = useValue(darkSignal);
  const solo = useValue(soloSignal);
  const choice = columns.filter(({ differs }) => differs);
  const params = choice.filter(({ kind }) => kind === "param");
  const first = columns.find(({ key }) => key === axesByDefault(params, rows)[0]) ?? choice[0] ?? columns[0];
  const best = favourite(columns) ?? columns[columns.length - 1];
  const [xKey, setX] = useParameter("hsx", first.key);
  const [yKey, setY] = useParameter("hsy", best.key);
  const [by, setBy] = useParameter("hpy2", "");
  const x = axes.get(xKey) ?? /** @type {Axis} */ (axes.get(first.key));
  const y = axes.get(yKey) ?? /** @type {Axis} */ (axes.get(best.key));
  const colouring = axes.get(by);
  const under = (/** @type {number} */ px, /** @type {number} */ py, /** @type {number} */ width) => {
    let [found, least] = [/** @type {Row|null} */ (null), 14];
    const left = leftOf(y, width, measureIn(ink.peek().font));
    for (const row of rows) {
      const at = place(row, x, y, left, width, HEIGHT);
      const away = at ? Math.hypot(at.x - px, at.y - py) : Number.POSITIVE_INFINITY;
      if (away < least) [found, least] = [row, away];
    }
    return found;
  };
  const placed = rows.filter((row) => place(row, x, y, LEFT, 800, HEIGHT) !== null).length;
  return html`
    <${Card} title=${`${y.column.name} against ${x.column.name}`}>
      <div class="toolbar">
        <${Pick} label="Across" columns=${choice} value=${x.column.key} onChange=${setX} />
        <${Pick} label="Up" columns=${choice} value=${y.column.key} onChange=${setY} />
        <${Pick} label="Colour" columns=${choice} value=${by} onChange=${setBy} none="the run's own" />
        <${Bar} axis=${colouring} dark=${dark} />
      </div>
      <${Canvas}
        height=${HEIGHT} deps=${[rows, x, y, by, dark, solo]}
        label=${`${y.column.name} against ${x.column.name}: ${placed} runs.`}
        draw=${(
          /** @type {CanvasRenderingContext2D} */ context,
          /** @type {number} */ width,
          /** @type {number} */ height,
          /** @type {import("../../lib/theme.js").Ink} */ ink,
        ) => {
          const left = leftOf(y, width, measureIn(ink.font));
          frame(context, x, y, left, width, height, ink);
          for (const row of rows) {
            const at = place(row, x, y, left, width, height);
            if (!at) continue;
            context.beginPath();
            context.arc(at.x, at.y, row.run === solo ? 7 : 4.5, 0, 2 * Math.PI);
            context.globalAlpha = solo !== null && row.run !== solo ? 0.35 : 0.85;
            context.fillStyle = tint(row, colouring, dark, ink.line);
            context.fill();
            context.globalAlpha = 1;
            context.lineWidth = 1;
            context.strokeStyle = ink.surface;
            context.stroke();
          }
        }}
        tip=${(/** @type {number} */ px, /** @type {number} */ py, /** @type {number} */ width) => {
          const row = under(px, py, width);
          const said = [x, y, ...(colouring ? [colouring] : [])];
          return (
            row &&
            [row.run, ...said.map(({ column }) => `${column.name}: ${valueText(row.values[column.key] ?? null)}`)].join(
              "\n",
            )
          );
        }}
        onPick=${(/** @type {number} */ px, /** @type {number} */ py, /** @type {number} */ width) => {
          const row = under(px, py, width);
          if (row) setSolo(solo === row.run ? null : row.run);
        }}
        table=${() => ({ head: ["run", x.column.name, y.column.name], rows: rows.map((row) => [row.run, ...[x, y].map(({ column }) => valueText(row.values[column.key] ?? null))]) })}
      />
      ${placed < rows.length && html`<p class="muted small">${rows.length - placed} of ${rows.length} runs have no place here: one of the two values is not recorded or not finite.</p>`}
      ${rows.length < all.length && html`<p class="muted small">${all.length - rows.length} runs are outside of the chosen ranges.</p>`}
    </${Card}>
  `;
}

/**
 * The lines and numbers around a plot.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Axis} x
 * @param {Axis} y
 * @param {number} left
 * @param {number} width
 * @param {number} height
 * @param {import("../../lib/theme.js").Ink} ink
 */
function frame(context, x, y, left, width, height, ink) {
  const [right, top, bottom] = [width - PLOT.right, PLOT.top, height - PLOT.bottom];
  const measure = (/** @type {string} */ text) => context.measureText(text).width;
  context.strokeStyle = ink.line;
  context.fillStyle = ink.muted;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  const beside = fittedApart(
    y.marks.map(({ text }) => text),
    left - BESIDE - 2,
    measure,
  );
  for (const [i, { share }] of y.marks.entries()) {
    const py = Math.round(bottom - share * (bottom - top)) + 0.5;
    context.beginPath();
    context.moveTo(left - 8, py);
    context.lineTo(right, py);
    context.stroke();
    context.fillText(beside[i], left - BESIDE, py);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const under = fittedApart(
    x.marks.map(({ text }) => text),
    UNDER,
    measure,
  );
  const labels = x.marks.map(({ share }, i) => ({ at: left + share * (right - left), text: under[i] }));
  for (const { at } of labels) {
    const px = Math.round(at) + 0.5;
    context.beginPath();
    context.moveTo(px, top);
    context.lineTo(px, bottom + 6);
    context.stroke();
  }
  for (const { middle, text } of inRow(labels, 0, width, measure)) context.fillText(text, middle, bottom + 9);
  context.textAlign = "right";
  context.fillStyle = ink.text;
  context.fillText(x.column.name, right, height - 14);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText(y.column.name, 4, top - 12);
}
