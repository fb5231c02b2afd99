// The drawing of one network: the input above, the loss below, a band of gradient between every two boxes.

import { short } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { batchShape, inLines, shapeText } from "./network.js";
import { arrow, thickness } from "./thickness.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Layer} Layer */

const WIDTH = 250;
const BOX = 48;
/** Of a line of operations below that, and how many letters it holds. */
const LINE = 16;
const LETTERS = 36;
const SMALL = 30;
const GAP = 34;
/** Room on the left for connections that leave layers out. */
const ASIDE = 26;
const MIDDLE = WIDTH / 2;

/**
 * @param {object} properties
 * @param {Network} properties.net
 * @param {number[]} properties.values  Magnitude of the gradient at each layer.
 * @param {string} properties.what  What the values are: "mean |dC/dW| at step 120".
 * @param {{low: number, high: number}|null} properties.scale
 * @param {string} properties.colour
 * @param {string} properties.label
 */
export function Column({ net, values, what, scale, colour, label }) {
  // Beside a layer's name there is room for two operations; more have a line of their own.
  const isShort = net.layers.every(({ operations }) => operations.length <= 2);
  const lines = net.layers.map(({ operations }) => inLines(operations, LETTERS));
  const box = isShort ? BOX : BOX + LINE * Math.max(...lines.map((of) => of.length));
  const tops = net.layers.map((_, i) => SMALL + GAP + i * (box + GAP));
  const bottom = SMALL + GAP + net.layers.length * (box + GAP);
  const height = bottom + SMALL;
  const left = net.skips.length > 0 ? ASIDE : 2;
  const wide = (/** @type {number} */ value) => (scale ? thickness(value, scale) : 0);
  const place = (/** @type {string} */ name) =>
    name === "input" ? 0 : tops[net.layers.findIndex((layer) => layer.name === name)];
  return html`
    <svg class="network" viewBox=${`${-left} -2 ${WIDTH + left + 2} ${height + 4}`} role="img" aria-label=${label}>
      <${Edge} top=${SMALL} bottom=${tops[0]} upper=${0} lower=${0} colour=${colour} text="" />
      ${net.layers.map(
        (layer, i) => html`
        <${Edge}
          key=${layer.name} top=${tops[i] + box} bottom=${tops[i + 1] ?? bottom} colour=${colour}
          upper=${wide(values[i])} lower=${wide(i + 1 < values.length ? (values[i] + values[i + 1]) / 2 : values[i])} text=${Number.isNaN(values[i]) ? "" : short(values[i])}
        />
      `,
      )}
      ${net.skips.map(({ from, to }) => html`<path class="skip-edge" d=${`M20 ${place(from) + 20}C-24 ${place(from) + 40} -24 ${place(to) - 10} 20 ${place(to) + 14}`} />`)}
      <${Small} y=${0} title=${net.dataset ?? "input"} detail=${batchShape(net.input)} />
      ${net.layers.map((layer, i) => html`<${LayerBox} key=${layer.name} layer=${layer} y=${tops[i]} colour=${colour} value=${values[i]} what=${what} height=${box} lines=${isShort ? null : lines[i]} />`)}
      <${Small} y=${bottom} title="loss" detail=${net.loss ?? ""} />
    </svg>
  `;
}

/**
 * @param {object} properties
 * @param {number} properties.top
 * @param {number} properties.bottom
 * @param {number} properties.upper
 * @param {number} properties.lower
 * @param {string} properties.colour
 * @param {string} properties.text
 */
function Edge({ top, bottom, upper, lower, colour, text }) {
  return html`
    <g>
      <line class="forward" x1=${MIDDLE} x2=${MIDDLE} y1=${top} y2=${bottom} />
      ${upper > 0 && html`<path d=${arrow(MIDDLE, top + 2, bottom, upper, Math.max(lower, 1))} fill=${colour} />`}
      ${text && html`<text class="edge-value" x=${MIDDLE + 36} y=${(top + bottom) / 2 + 6}>${text}</text>`}
    </g>
  `;
}

/** @param {{y: number, title: string, detail: string}} properties */
const Small = ({ y, title, detail }) => html`
  <g>
    <rect class="end-box" x="20" y=${y} width=${WIDTH - 40} height=${SMALL} rx="15" />
    <text class="layer-name" x="36" y=${y + 19}>${title}</text>
    <text class="layer-detail" x=${WIDTH - 36} y=${y + 19} text-anchor="end">${detail}</text>
  </g>
`;

/** @param {{layer: Layer, y: number, colour: string, value: number, what: string, height: number, lines: string[]|null}} properties */
function LayerBox({ layer, y, colour, value, what, height, lines }) {
  const operations = layer.operations.join(" · ");
  const shapes =
    layer.weights && layer.output
      ? `${batchShape([0, layer.weights[0]])} × ${shapeText(layer.weights)}`
      : shapeText(layer.weights);
  const about = `${layer.name}: ${operations}, weights ${shapeText(layer.weights)}, output ${batchShape(layer.output)}, ${layer.parameters.toLocaleString("en")} parameters${Number.isNaN(value) ? "" : `, ${what} ${short(value)}`}`;
  return html`
    <g>
      <title>${about}</title>
      <rect class="layer-box" x="0" y=${y} width=${WIDTH} height=${height} rx="9" />
      <rect x="0" y=${y + 8} width="3" height=${height - 16} fill=${colour} />
      <text class="layer-name" x="16" y=${y + 20}>${layer.name}</text>
      ${
        lines
          ? lines.map((line, i) => html`<text class="layer-detail" x="16" y=${y + 38 + LINE * (i + 1)}>${line}</text>`)
          : html`<text class="layer-detail" x=${WIDTH - 14} y=${y + 20} text-anchor="end">${operations}</text>`
      }
      <text class="layer-shape" x="16" y=${y + 38}>${shapes}</text>
      <text class="layer-detail" x=${WIDTH - 14} y=${y + 38} text-anchor="end">${layer.parameters.toLocaleString("en")}</text>
    </g>
  `;
}
