// One layer of one run: a small picture and the line under it; and the same large.

import { Card } from "../../components/card.js";
import { csv } from "../../lib/format.js";
import { downloadCanvas, downloadText } from "../../lib/download.js";
import { html, useEffect, useMemo, useRef, useValue, useVisible } from "../../lib/html.js";
import { at, range, setStep } from "../../lib/scrub.js";
import { domainOf } from "../../lib/symlog.js";
import { useFacts, useHistograms, useStep } from "./data.js";
import { Picture, table } from "./picture.js";
import { caption, sentence } from "./words.js";

/** @typedef {import("../../lib/symlog.js").Domain} Domain */
/** @typedef {import("./picture.js").Mode} Mode */

/** How many rows are asked for: as many as can be told apart. @type {Record<Mode, {small: number, large: number}>} */
const ROWS = {
  ridge: { small: 32, large: 60 },
  overlay: { small: 60, large: 100 },
  distribution: { small: 250, large: 1000 },
};

/** How many bins. A distribution needs only the percentiles, and bins to count what lies within -1 and 1. */
const BINS = { small: 40, large: 64, distribution: 32 };

/** @param {Mode} mode @param {"small"|"large"} size */
const resolution = (mode, size) => ({
  rows: ROWS[mode][size],
  bins: mode === "distribution" ? BINS.distribution : BINS[size],
});

/** What a cell has above and below its picture at least, in pixels: it keeps its height while it loads. */
const AROUND = 31;

/**
 * @typedef {object} Subject  What is shown.
 * @property {string} run
 * @property {string} tag
 * @property {string} layer
 * @property {string} noun  What was counted, in the plural.
 * @property {string} colour
 */

/**
 * @typedef {object} View  How all are shown.
 * @property {Mode} mode
 * @property {"linear"|"log"} scale
 * @property {Domain|null} shared  The axis of all; null gives each its own.
 * @property {boolean} labelled  Whether each labels its own axis.
 * @property {number} height
 * @property {number} [beside]  Pixels for labels beside each plot, if all have the same.
 */

/**
 * @param {object} properties
 * @param {Subject} properties.subject
 * @param {View} properties.view
 * @param {boolean} properties.titled  Whether the layer's name stands in it.
 * @param {boolean} properties.open
 * @param {(domain: Domain) => void} properties.onDomain  Told what its axis has to show.
 * @param {() => void} properties.onOpen
 */
export function Cell({ subject, view, titled, open, onDomain, onOpen }) {
  const { run, tag, layer, noun, colour } = subject;
  const { mode, scale, shared, labelled, height, beside } = view;
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const step = useStep(visible);
  const steps = useValue(range);
  const { data, error } = useHistograms({ run, tag, scale, ...resolution(mode, "small") }, visible);
  const facts = useFacts(subject, data, step, visible);
  const own = useMemo(() => (data && data.rows > 0 ? domainOf(data.edges) : null), [data]);
  useEffect(() => {
    if (own) onDomain(own);
  }, [data]);
  const said = sentence(layer, noun, facts);
  return html`
    <div role="group" class=${`histogram ${open ? "open" : ""}`} ref=${box} aria-label=${`${layer}, ${run}`} style=${{ minHeight: `${height + AROUND}px` }}>
      ${titled && html`<h3 title=${tag}>${layer}</h3>`}
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      ${
        data &&
        own &&
        html`<${Picture}
        data=${data} domain=${shared ?? own} steps=${steps} step=${step} label=${`${run}: ${said}`} onPick=${onOpen}
        look=${{ mode, scale, colour, height, large: false, labelled, beside }}
      />`
      }
      ${data && !own && html`<p class="muted small" style=${{ height: `${height}px` }}>No finite values.</p>`}
      <p class="histogram-words" title=${said}>${caption(facts).map((part) => html`<span>${part}</span>`)}</p>
      <button type="button" class="quiet icon histogram-open" aria-expanded=${open} aria-label=${`${open ? "Close" : "Enlarge"} ${layer} of ${run}`} title=${open ? "Close" : "Enlarge"} onClick=${onOpen}>⤢</button>
    </div>
  `;
}

/**
 * The same over the full width, with an axis of its own, and its files.
 *
 * @param {{subject: Subject, view: View, onClose: () => void}} properties
 */
export function Detail({ subject, view, onClose }) {
  const { run, tag, layer, noun, colour } = subject;
  const { mode, scale, shared } = view;
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const step = useValue(at);
  const steps = useValue(range);
  const { data, error } = useHistograms({ run, tag, scale, ...resolution(mode, "large") }, true);
  const facts = useFacts(subject, data, step, true);
  const own = useMemo(() => (data && data.rows > 0 ? domainOf(data.edges) : null), [data]);
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [run, tag, data !== null]);
  const said = sentence(layer, noun, facts);
  const name = `${run}-${tag}`;
  const numbers = () => {
    if (!data) return;
    const { head, rows } = table(data);
    downloadText(`${name}.csv`, csv([head, ...rows]), "text/csv");
  };
  const image = () => {
    const canvas = box.current?.querySelector("canvas");
    if (canvas) downloadCanvas(`${name}.png`, canvas);
  };
  const actions = html`
    <button type="button" class="quiet" title="The percentiles of every step" onClick=${numbers}>CSV</button>
    <button type="button" class="quiet" onClick=${image}>PNG</button>
    <button type="button" class="quiet" onClick=${onClose}>Close</button>
  `;
  return html`
    <${Card} title=${`${tag} · ${run}`} actions=${actions} error=${error} className="histogram-detail" box=${box}>
      ${
        data &&
        own &&
        html`<${Picture}
        data=${data} domain=${shared ?? own} steps=${steps} step=${step} label=${`${run}: ${said}`} onPick=${setStep}
        look=${{ mode, scale, colour, height: 340, large: true, labelled: true }}
      />`
      }
      <p>${said} <span class="muted" data-lively>Click: show that step.</span></p>
      ${data !== null && data.unreadable > 0 && html`<p class="muted">${data.unreadable} of its ${data.total} records could not be read and are left out.</p>`}
    </${Card}>
  `;
}
