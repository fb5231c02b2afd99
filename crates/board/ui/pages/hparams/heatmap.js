// A result over two parameters, averaged over everything else: the phase diagram of an experiment.

import { Canvas } from "../../components/canvas.js";
import { Card } from "../../components/card.js";
import { measureIn } from "../../lib/axis-labels.js";
import { short } from "../../lib/format.js";
import { html, useMemo } from "../../lib/html.js";
import { useParameter } from "../../lib/route.js";
import { ink as inkSignal } from "../../lib/theme.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { valueText } from "./axis.js";
import { axesByDefault, grid } from "./cells.js";
import { drawBorder, pieces, speaksOf } from "./border.js";
import { barColour, boxOf, drawHeatmap, plotOf } from "./heatmap-plot.js";
import { favourite, Marks, Pick } from "./tint.js";

/** @typedef {import("./cells.js").Grid} Grid */

/** @param {import("./filters.js").Properties & {border: import("../../lib/types.js").Border|null}} properties */
export function Heatmap({ rows, columns, border }) {
  const params = columns.filter(({ kind, differs }) => kind === "param" && differs);
  const results = columns.filter(({ kind, numeric }) => kind === "metric" && numeric);
  const usual = useMemo(() => axesByDefault(params, rows), [columns, rows]);
  const [xKey, setX] = useParameter("hmx", usual[0]);
  const [yKey, setY] = useParameter("hmy", usual[1]);
  const [metric, setMetric] = useParameter("hmz", favourite(columns)?.key ?? "");
  const x = params.find(({ key }) => key === xKey) ?? params[0];
  const y = params.find(({ key }) => key === yKey) ?? params[1];
  const z = results.find(({ key }) => key === metric) ?? results[0];
  if (!x || !y || !z) {
    return html`
      <${Card} title="A heatmap needs two parameters and a result">
        <p>The runs that are left differ in ${params.length === 0 ? "no parameter" : params.length === 1 ? `one parameter (${params[0].name})` : `${params.length} parameters`} and have ${results.length === 0 ? "no result" : `${results.length} results`}. Vary two parameters over some runs, for example with a grid, or show more runs on the left.</p>
      </${Card}>
    `;
  }
  return html`<${Plot} rows=${rows} params=${params} results=${results} x=${x} y=${y} z=${z} setX=${setX} setY=${setY} setMetric=${setMetric} border=${border} />`;
}

/**
 * @param {object} properties
 * @param {import("./rows.js").Row[]} properties.rows
 * @param {import("./rows.js").Column[]} properties.params
 * @param {import("./rows.js").Column[]} properties.results
 * @param {import("./rows.js").Column} properties.x
 * @param {import("./rows.js").Column} properties.y
 * @param {import("./rows.js").Column} properties.z
 * @param {(key: string) => void} properties.setX
 * @param {(key: string) => void} properties.setY
 * @param {(key: string) => void} properties.setMetric
 * @param {import("../../lib/types.js").Border|null} properties.border
 */
function Plot({ rows, params, results, x, y, z, setX, setY, setMetric, border }) {
  const cells = useMemo(() => grid(rows, x.key, y.key, z.key), [rows, x.key, y.key, z.key]);
  const height = Math.min(620, Math.max(220, 70 + cells.ys.length * 52));
  const says = (/** @type {number} */ px, /** @type {number} */ py, /** @type {number} */ width) => {
    const found = boxOf(cells, plotOf(cells, width, height, measureIn(inkSignal.peek().font)), px, py);
    if (!found) return null;
    const cell = cells.cells[found.row][found.column];
    const where = `${x.name}: ${valueText(cells.xs[found.column])}\n${y.name}: ${valueText(cells.ys[found.row])}`;
    return cell ? `${where}\n${cellText(cell, z.name)}` : `${where}\nno run`;
  };
  const filled = cells.cells.flat().filter((cell) => cell !== null).length;
  const extent = cells.extent;
  return html`
    <${Card} title=${`${z.name} over ${x.name} and ${y.name}`}>
      <div class="toolbar">
        <${Pick} label="Colour" columns=${results} value=${z.key} onChange=${setMetric} />
        <${Pick} label="Across" columns=${params} value=${x.key} onChange=${setX} />
        <${Pick} label="Up" columns=${params} value=${y.key} onChange=${setY} />
        ${
          extent &&
          html`
          <div class="tint-bar" aria-hidden="true">
            <span class="muted small">${z.name}, mean</span>
            <div>
              <div class="tint-strip" style=${{ background: `linear-gradient(90deg, ${Array.from({ length: 9 }, (_, i) => barColour(i / 8)).join(", ")})` }}></div>
              <${Marks} marks=${marks(extent)} />
            </div>
          </div>
        `
        }
      </div>
      <${Canvas}
        height=${height} deps=${[cells, border, z.name]} tip=${says} className="heatmap"
        label=${`${z.name} over ${x.name} and ${y.name}: ${filled} of ${cells.xs.length * cells.ys.length} cells have runs${extent ? `, means from ${short(extent[0])} to ${short(extent[1])}` : ""}.`}
        draw=${(
          /** @type {CanvasRenderingContext2D} */ context,
          /** @type {number} */ width,
          /** @type {number} */ tall,
          /** @type {import("../../lib/theme.js").Ink} */ ink,
        ) => {
          const plot = plotOf(cells, width, tall, measureIn(ink.font));
          drawHeatmap(context, cells, plot, ink, x.name, y.name);
          drawBorder(context, pieces(border, x.name, y.name, plot));
        }}
        table=${() => ({
          head: [`${y.name} \\ ${x.name}`, ...cells.xs.map(valueText)],
          rows: [...cells.ys.keys()]
            .reverse()
            .map((i) => [
              valueText(cells.ys[i]),
              ...cells.cells[i].map((cell) => (cell ? `${short(cell.mean)} (${cell.count})` : "–")),
            ]),
        })}
      />
      <p class="muted small">Mean over the runs of a cell. Hatched: no run. A cross: no run of it has a finite value.${speaksOf(border, x.name, y.name) && html` Dashed: ${border?.name}, the depth down to which theory expects such networks to learn.`}</p>
    </${Card}>
  `;
}

/** @param {[number, number]} extent */
const marks = ([low, high]) =>
  low === high ? [{ share: 0.5, text: short(low) }] : tickLabels([low, high]).map((text, i) => ({ share: i, text }));

/** @param {import("./cells.js").Cell} cell @param {string} name */
export function cellText({ count, mean, spread, bad }, name) {
  const value = Number.isNaN(mean)
    ? `${name}: no finite value`
    : `${name}: ${short(mean)}${Number.isNaN(spread) ? "" : ` ± ${short(spread)}`}`;
  return `${value}\n${count === 1 ? "1 run" : `mean of ${count} runs`}${bad > 0 ? `, ${bad} not finite` : ""}`;
}
