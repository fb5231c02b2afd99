// One tag: its chart, its table, and what can be done with them.

import { Card } from "../../components/card.js";
import { Chart } from "../../components/chart.js";
import { placeText } from "../../components/chart-tip.js";
import { DataTable } from "../../components/canvas.js";
import { chartMarks } from "../../lib/finding-marks.js";
import { useDiagnoses } from "../../lib/findings.js";
import { count, short } from "../../lib/format.js";
import { html, useEffect, useMemo, useRef, useState, useValue } from "../../lib/html.js";
import { summary } from "../../lib/readout.js";
import { step } from "../../lib/scrub.js";
import { CARD, WIDE } from "./layout.js";
import { useLines } from "./lines.js";
import { saveCsv, savePng, saveSvg } from "./save.js";
import { setZoom, zoomOf } from "./zoom.js";

/** @typedef {import("../../lib/trace.js").Line} Line */
/** @typedef {import("../../lib/types.js").Tag} Tag */

/** What the frame of a card takes of its height, and the line below a chart. */
const [FRAME, NOTE] = [46, 18];

/** Of so many lines, each gets its name beside it. */
const LABELLED = 14;

/**
 * A chart in words.
 *
 * @param {string} tag
 * @param {Line[]} lines
 * @param {import("../../lib/trace.js").XMode} mode
 */
export function describe(tag, lines, mode) {
  if (lines.length === 0) return `${tag}: no points yet.`;
  const said = lines.slice(0, 6).map(({ label, raw }) => `${label} ${short(raw.ys[raw.length - 1])}`);
  const more = lines.length > 6 ? `, and ${lines.length - 6} more` : "";
  const what = lines.some((line) => line.band) ? "groups" : lines.length === 1 ? "run" : "runs";
  const ends = lines.map(({ raw }) => raw.xs[raw.length - 1] - raw.origin);
  const over =
    mode === "step"
      ? `up to step ${count(Math.max(...ends))}`
      : mode === "wall"
        ? "over the time of day"
        : "over the time from its start";
  return `${tag}: ${lines.length} ${what}, ${over}. Last values: ${said.join(", ")}${more}.`;
}

/** @param {Line[]} lines @param {import("../../lib/trace.js").XMode} mode */
export function facts(lines, mode) {
  const where = mode === "step" ? "step" : "at";
  const head = ["run", "last", where, "min", where, "max", where, "points", "not finite"];
  const rows = lines.map((line) => {
    const { points, last, lastX, low, lowX, high, highX, unplaced } = summary(line.raw);
    const x = (/** @type {number} */ at) => (Number.isNaN(at) ? "" : placeText(at, mode));
    return [
      line.label,
      short(last),
      x(lastX),
      short(low),
      x(lowX),
      short(high),
      x(highX),
      count(points),
      count(unplaced),
    ];
  });
  return { head, rows };
}

/**
 * @param {object} properties
 * @param {Tag} properties.tag
 * @param {string} properties.title
 * @param {string[]} properties.having
 * @param {import("../../lib/types.js").Group[]} properties.groups
 * @param {import("./settings.js").Settings} properties.settings
 * @param {boolean} properties.pinned
 * @param {() => void} properties.onPin
 * @param {boolean} properties.wide
 * @param {() => void} properties.onWide
 */
export function SeriesCard({ tag, title, having, groups, settings, pinned, onPin, wide, onWide }) {
  const { options, together } = settings;
  const zoom = useValue(zoomOf(tag.tag, together));
  const chosen = useValue(step);
  const { lines, large, error } = useLines(tag.tag, having, groups, settings, zoom);
  const [table, setTable] = useState(false);
  const [clipped, setClipped] = useState(/** @type {import("../../lib/plot.js").Plot["clipped"]} */ (null));
  const label = describe(tag.tag, lines, options.mode);
  const diagnoses = useDiagnoses();
  const marks = useMemo(
    () =>
      chartMarks(
        tag.tag,
        having.flatMap((run) => diagnoses.get(run) ?? []),
      ),
    [tag.tag, diagnoses, having.join("\n")],
  );
  const picture = { title: tag.tag, lines, options, zoom };
  const height = (wide ? WIDE : CARD) - FRAME;
  // Lines of one point are told apart by nothing but their names.
  const labelled =
    lines.length <= LABELLED && (wide || (lines.length > 0 && lines.every(({ raw }) => raw.length === 1)));
  const notes = [
    ...(clipped
      ? [
          `Clipped to ${short(clipped.shown[0])} … ${short(clipped.shown[1])}; values from ${short(clipped.all[0])} to ${short(clipped.all[1])}.`,
        ]
      : []),
    ...(large > 0
      ? [`${count(large)} points: lowest and highest of each pixel${settings.weight > 0 ? ", not smoothed" : ""}.`]
      : []),
  ].join(" ");
  const actions = html`
    ${zoom && html`<button type="button" class="quiet" title="Show all of it (double click)" onClick=${() => setZoom(tag.tag, together, null)}>all</button>`}
    <button type="button" class="quiet" aria-pressed=${pinned} aria-label=${`Pin ${tag.tag}`} title=${pinned ? "No longer at the top" : "Keep at the top"} onClick=${onPin}>${pinned ? "★" : "☆"}</button>
    <button type="button" class="quiet" aria-pressed=${wide} aria-label=${`Enlarge ${tag.tag}`} title=${wide ? "Smaller" : "As wide as the page"} onClick=${onWide}>⤢</button>
    <${Menu} name=${tag.tag} entries=${[
      [table ? "Chart" : "Table", () => setTable(!table)],
      ["CSV", () => saveCsv(picture)],
      ["PNG", () => savePng(picture)],
      ["SVG", () => saveSvg(picture)],
    ]} />
  `;
  return html`
    <${Card} title=${title} hint=${tag.description ? `${tag.tag}: ${tag.description}` : tag.tag} actions=${actions} error=${error} className="series-card">
      ${
        table
          ? html`<${DataTable} make=${() => facts(lines, options.mode)} deps=${[lines, options.mode]} label=${tag.tag} />`
          : html`
          <${Chart}
            lines=${lines} options=${options} zoom=${zoom} height=${height - (notes ? NOTE : 0)} label=${label} onClipped=${setClipped}
            labelled=${labelled} step=${chosen} marks=${marks} onZoom=${(/** @type {[number, number]|null} */ range) => setZoom(tag.tag, together, range)}
          />
        `
      }
      ${notes && !table && html`<p class="muted small note">${notes}</p>`}
    </${Card}>
  `;
}

/**
 * A few things that are seldom done, behind one button.
 *
 * @param {{name: string, entries: [string, () => void][]}} properties
 */
function Menu({ name, entries }) {
  const box = useRef(/** @type {HTMLDetailsElement|null} */ (null));
  useEffect(() => {
    const close = (/** @type {Event} */ event) => {
      const outside = !box.current?.contains(/** @type {Node} */ (event.target));
      if (box.current && (outside || /** @type {KeyboardEvent} */ (event).key === "Escape")) box.current.open = false;
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, []);
  return html`
    <details class="series-menu" ref=${box} data-lively>
      <summary aria-label=${`Table and files of ${name}`} title="Table, CSV, PNG, SVG">⋯</summary>
      <div>
        ${entries.map(
          ([text, act]) => html`
          <button type="button" class="quiet" onClick=${() => {
            act();
            if (box.current) box.current.open = false;
          }}>${text}</button>
        `,
        )}
      </div>
    </details>
  `;
}
