// Histograms: how the values of a kind are distributed, in every layer of every shown run, over the steps.

import { Canvas } from "../components/canvas.js";
import { Choice, Empty, Select } from "../components/card.js";
import { StepSlider } from "../components/step-slider.js";
import { html, useMemo, useRef, useSize, useState, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { groups, shown, tagsOf } from "../lib/runs.js";
import { range } from "../lib/scrub.js";
import { joined } from "../lib/symlog.js";
import { dark } from "../lib/theme.js";
import { Cell, Detail } from "./histograms/cell.js";
import { labelsBelow, stepAxis, stepColour, tickRoom, valueAxis } from "./histograms/draw.js";
import { kinds } from "./histograms/kinds.js";
import { plotFrame, roomBeside } from "./histograms/picture.js";

/** @typedef {import("../lib/symlog.js").Domain} Domain */
/** @typedef {import("../lib/types.js").Group} Group */
/** @typedef {import("./histograms/cell.js").View} CellView */
/** @typedef {import("./histograms/kinds.js").Kind} Kind */
/** @typedef {import("./histograms/kinds.js").Layer} Layer */

/** @type {[string, string][]} */
const MODES = [
  ["ridge", "Ridges"],
  ["overlay", "Overlay"],
  ["distribution", "Distribution"],
];
/** @type {[string, string][]} */
const SCALES = [
  ["linear", "linear"],
  ["log", "log"],
];
/** @type {[string, string][]} */
const AXES = [
  ["same", "same"],
  ["own", "own"],
];

/** More kinds than this are chosen from a list. */
const BUTTONS = 6;

/**
 * How high a picture is, in pixels: so that all layers are on the screen, if anything can be seen at that height.
 *
 * @param {number} lines  How many stand below each other.
 * @param {number} around  What else a line of pictures needs.
 * @param {number} least
 */
const fitting = (lines, around, least) =>
  Math.round(Math.min(Math.max((innerHeight - 250) / lines - around, least), 230));

export function View() {
  const all = useValue(catalogue);
  const names = useValue(shown);
  const found = useMemo(() => kinds(tagsOf("histogram")), [names, all]);
  return found.length === 0 ? html`<${Missing} none=${names.length === 0} />` : html`<${Chosen} kinds=${found} />`;
}

/**
 * What the reader chose of these kinds, and how it is shown.
 *
 * @param {{kinds: Kind[]}} properties
 */
function Chosen({ kinds: all }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const { width } = useSize(box);
  const columns = useValue(groups);
  const [wanted, setKind] = useParameter("hkind", "");
  const [mode, setMode] = useParameter("hmode", "ridge");
  const [scale, setScale] = useParameter("hscale", "linear");
  const [axis, setAxis] = useParameter("haxis", "same");
  const kind = all.find(({ key }) => key === wanted) ?? all[0];
  const options = /** @type {[string, string][]} */ (all.map(({ key, label }) => [key, label]));
  return html`
    <div class="histograms" ref=${box} style=${{ "--view": `${width}px` }}>
      <div class="histogram-wide">
        <div class="toolbar">
          <div class="histogram-plain">
            ${all.length > 1 && html`<${all.length > BUTTONS ? Select : Choice} label="Values" options=${options} value=${kind.key} onChange=${setKind} />`}
            <${Choice} label="As" options=${MODES} value=${mode} onChange=${setMode} />
          </div>
          <${Choice} label="Scale" options=${SCALES} value=${scale} onChange=${setScale} />
          <${Choice} label="Axis" options=${AXES} value=${axis} onChange=${setAxis} />
          <${Legend} mode=${mode} />
        </div>
        <${Matrix} key=${kind.key} kind=${kind} columns=${columns} mode=${mode} scale=${scale} same=${axis === "same"} />
        <${StepSlider} />
      </div>
    </div>
  `;
}

/** @param {{mode: string}} properties */
function Legend({ mode }) {
  const isDark = useValue(dark);
  const { low, high } = useValue(range);
  if (mode === "ridge")
    return html`<span class="muted small">Oldest at the back, newest in front, each as high as its peak.</span>`;
  if (mode === "distribution")
    return html`<span class="muted small">Bands: all values, 87 %, 68 %, 38 % of them; line: the median.</span>`;
  const colours = [0, 0.25, 0.5, 0.75, 1].map((age) => stepColour(age, isDark)).join(", ");
  return html`
    <span class="muted small histogram-legend">step ${low} <i style=${{ background: `linear-gradient(to right, ${colours})` }}></i> ${high}</span>
  `;
}

/**
 * @param {object} properties
 * @param {Kind} properties.kind
 * @param {Group[]} properties.columns
 * @param {string} properties.mode
 * @param {"linear"|"log"} properties.scale
 * @param {boolean} properties.same
 */
function Matrix({ kind, columns, mode, scale, same }) {
  const [open, setOpen] = useParameter("hcard", "");
  const present = columns.filter(({ runs }) =>
    kind.layers.some((layer) => runs.some((run) => layer.runs.includes(run))),
  );
  const alone = present.length === 1;
  const [shared, every, report] = useDomains(scale, kind, present);
  /** @type {CellView} */
  const look = {
    mode: /** @type {import("./histograms/picture.js").Mode} */ (mode),
    scale,
    shared: same ? shared : null,
    labelled: alone || (!same && mode !== "distribution"),
    // In more columns than four the words take two lines; in a wall each picture has a title and an axis of its own.
    height: alone
      ? fitting(Math.ceil(kind.layers.length / 3), 78, 100)
      : fitting(kind.layers.length, present.length > 4 ? 56 : 39, 52),
  };
  const domains = same ? (shared ? [shared] : []) : every;
  const view =
    mode === "distribution" ? { ...look, beside: roomBeside({ ...look, colour: "", large: false }, domains) } : look;
  /** The picture of a layer in a column: of the first run of the group that recorded it. @param {Layer} layer @param {Group} column */
  const cell = (layer, column) => {
    const run = column.runs.find((name) => layer.runs.includes(name));
    if (run === undefined) return html`<p key=${column.key} class="histogram none muted small">not recorded</p>`;
    const id = `${run}\n${layer.tag}`;
    const subject = { run, tag: layer.tag, layer: layer.layer, noun: kind.noun, colour: column.colour };
    return html`<${Cell}
      key=${`${column.key}\n${layer.tag}`} subject=${subject} view=${view} titled=${alone} open=${open === id}
      onDomain=${(/** @type {Domain} */ domain) => report(id, domain)} onOpen=${() => setOpen(open === id ? "" : id)}
    />`;
  };
  /** The large picture, under the layer that it is of. @param {Layer} layer */
  const detail = (layer) => {
    for (const column of present) {
      const run = column.runs.find((name) => open === `${name}\n${layer.tag}`);
      if (run === undefined || !layer.runs.includes(run)) continue;
      const subject = { run, tag: layer.tag, layer: layer.layer, noun: kind.noun, colour: column.colour };
      return html`<${Detail} key="detail" subject=${subject} view=${view} onClose=${() => setOpen("")} />`;
    }
    return null;
  };
  if (alone) {
    return html`
      <${Heading} column=${present[0]} />
      <div class="histogram-wall">
        ${kind.layers.map((layer) => [cell(layer, present[0]), detail(layer)])}
      </div>
    `;
  }
  return html`
    <div class="histogram-matrix" style=${{ "--label": `${labelWidth(kind)}px`, minWidth: `${labelWidth(kind) + present.length * NARROWEST}px` }}>
      <div class="histogram-line histogram-heads">
        <div class="histogram-layer"></div>
        ${present.map(
          (column) => html`
          <div class="histogram-head" key=${column.key}>
            <${Heading} column=${column} />
            ${!view.labelled && html`<${Axis} view=${view} shared=${shared} />`}
          </div>
        `,
        )}
      </div>
      ${kind.layers.map(
        (layer) => html`
        <div class="histogram-line" key=${layer.tag}>
          <h3 class="histogram-layer" title=${layer.tag}>${layer.layer}</h3>
          ${present.map((column) => cell(layer, column))}
        </div>
        ${detail(layer)}
      `,
      )}
    </div>
  `;
}

/** A column's least width with its gap, in pixels: what stands under a picture can be read. */
const NARROWEST = 164;

/**
 * How wide the column of the layers' names is, in pixels. Longer names are broken.
 *
 * @param {Kind} kind
 */
const labelWidth = ({ layers }) => Math.min(130, 12 + Math.max(...layers.map(({ layer }) => layer.length)) * 7.5);

/** @param {{column: Group}} properties */
const Heading = ({ column }) => html`
  <h2 class="histogram-run" title=${column.runs.join("\n")}>
    <i style=${{ background: column.colour }}></i>
    <span>${column.label}</span>
    ${column.runs.length > 1 && html`<span class="muted small">${column.runs[0].slice(column.runs[0].lastIndexOf("/") + 1)}, the first of ${column.runs.length} runs</span>`}
  </h2>
`;

/**
 * The horizontal axis of all pictures below.
 *
 * @param {{view: CellView, shared: Domain|null}} properties
 */
function Axis({ view, shared }) {
  const steps = useValue(range);
  const { mode, scale } = view;
  const domain = shared ?? { low: 0, high: 1, threshold: 1 };
  const draw = (
    /** @type {CanvasRenderingContext2D} */ context,
    /** @type {number} */ width,
    /** @type {number} */ _,
    /** @type {import("../lib/theme.js").Ink} */ ink,
  ) => {
    // The pictures stand inside of their cells' padding.
    const frame = plotFrame({ ...view, colour: "", large: false }, width - 2 * PADDING);
    const [left, right] = [frame.left + PADDING, frame.right + PADDING];
    if (mode === "distribution") labelsBelow(context, ink, { left, right }, stepAxis(steps, left, right), 7);
    else if (shared)
      labelsBelow(
        context,
        ink,
        { left, right },
        valueAxis(scale, domain, left, right, tickRoom(scale, right - left)),
        7,
      );
  };
  const label =
    mode === "distribution"
      ? `Steps from ${steps.low} to ${steps.high}`
      : `Values from ${domain.low} to ${domain.high}`;
  return html`<${Canvas} draw=${draw} height=${14} label=${label} deps=${[mode, scale, domain.low, domain.high, domain.threshold, steps.low, steps.high]} />`;
}

/** Left and right of a picture in its cell, in pixels: as in the style sheet. */
const PADDING = 8;

/**
 * What the common axis has to show: of the pictures that have been loaded, which are those that have been on the screen.
 *
 * @param {string} scale
 * @param {Kind} kind
 * @param {Group[]} columns
 * @returns {[Domain|null, Domain[], (id: string, domain: Domain) => void]}  That of all, those of each, and what to tell one to.
 */
function useDomains(scale, kind, columns) {
  const known = useRef(/** @type {Map<string, Domain>} */ (new Map()));
  const [version, change] = useState(0);
  const every = useMemo(() => {
    const ids = kind.layers.flatMap(({ tag, runs }) =>
      columns.flatMap((column) => column.runs.filter((run) => runs.includes(run)).map((run) => `${run}\n${tag}`)),
    );
    return ids.map((id) => known.current.get(`${scale}\n${id}`)).filter((domain) => domain !== undefined);
  }, [version, scale, kind, columns]);
  const shared = useMemo(() => joined(every), [every]);
  const report = (/** @type {string} */ id, /** @type {Domain} */ domain) => {
    known.current.set(`${scale}\n${id}`, domain);
    change((n) => n + 1);
  };
  return [shared, every, report];
}

/** @param {{none: boolean}} properties */
const Missing = ({ none }) =>
  none
    ? html`<${Empty} title="No run is shown"><p>Choose runs on the left, or clear the filter.</p></${Empty}>`
    : html`
      <${Empty} title="The shown runs have no histograms">
        <p>A histogram of a layer's weights or gradients, recorded every few steps, is drawn here as it changes.</p>
        <h3>Headwater</h3>
        <pre>headwater train --set record.histograms=true</pre>
        <h3>PyTorch</h3>
        <pre>${`for name, p in model.named_parameters():
    writer.add_histogram(name, p, step)
    writer.add_histogram(f"{name}.grad", p.grad, step)`}</pre>
        <h3>Keras</h3>
        <pre>keras.callbacks.TensorBoard(logdir, histogram_freq=1)</pre>
      </${Empty}>
    `;
