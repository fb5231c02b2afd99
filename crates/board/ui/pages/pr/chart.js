// One chart: the curves of all runs that have a tag.

import * as api from "../../lib/api.js";
import { Card } from "../../components/card.js";
import { Canvas } from "../../components/canvas.js";
import { count, short } from "../../lib/format.js";
import { html, useMemo, useRef, useState, useValue, useVisible } from "../../lib/html.js";
import { useLive } from "../../lib/live.js";
import { colour } from "../../lib/runs.js";
import { at } from "../../lib/scrub.js";
import { recordAt } from "../media/records.js";
import { averagePrecision, measured, nearest, points } from "./curve.js";

/** @typedef {import("./curve.js").Point} Point */
/** @typedef {import("./curve.js").Answer} Answer */
/** @typedef {{run: string, step: number, points: Point[], average: number}} Curve */

const HEIGHT = 320;
const PLOT = { top: 22, bottom: 36, left: 38, right: 14 };

/** Runs of one chart whose curves are drawn; more cannot be told apart. */
const RUNS = 24;

/** @param {number} width @param {number} height */
const placer =
  (width, height) =>
  (/** @type {Point} */ { recall, precision }) => ({
    x: PLOT.left + recall * (width - PLOT.left - PLOT.right),
    y: height - PLOT.bottom - precision * (height - PLOT.top - PLOT.bottom),
  });

/** @param {{tag: import("../../lib/types.js").Tag, runs: string[]}} properties */
export function Chart({ tag, runs }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const step = useValue(at);
  const drawn = runs.slice(0, RUNS);
  const { data, error } = useLive(
    drawn,
    (signal) =>
      Promise.all(
        drawn.map(async (run) => ({
          run,
          values: /** @type {Answer[]} */ ((await api.json("pr", { run, tag: tag.tag }, signal)).values),
        })),
      ),
    [tag.tag],
    visible,
  );
  const records = (data ?? []).map(({ run, values }) => ({ run, record: recordAt(values, step) }));
  const key = records.map(({ run, record }) => `${run} ${record?.index} ${colour(run)}`).join();
  const curves = useMemo(() => records.flatMap(({ run, record }) => (record ? [curve(run, record)] : [])), [data, key]);
  const [hovered, setHovered] = useState(/** @type {string|null} */ (null));
  return html`
    <${Card} title=${tag.name || tag.tag} hint=${tag.description || tag.tag} error=${error} box=${box}>
      <${Canvas}
        height=${HEIGHT} deps=${[curves, hovered]} label=${words(tag.name || tag.tag, curves)}
        draw=${(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height, /** @type {import("../../lib/theme.js").Ink} */ ink) => draw(context, width, height, ink, curves, hovered)}
        tip=${(
          /** @type {number} */ x,
          /** @type {number} */ y,
          /** @type {number} */ width,
          /** @type {number} */ height,
        ) => {
          const found = nearest(
            curves.map((one) => ({ owner: one, points: one.points })),
            placer(width, height),
            x,
            y,
            24,
          );
          return found && pointText(found.owner, found.point);
        }}
        table=${() => table(curves)}
      />
      ${data && curves.length === 0 && html`<p class="muted small">The series has no readable curve.</p>`}
      <ul class="pr-legend" aria-label="Runs and their average precision">
        ${curves.map(
          (one) => html`
          <li key=${one.run} onPointerEnter=${() => setHovered(one.run)} onPointerLeave=${() => setHovered(null)}>
            <span class="dot" style=${{ background: colour(one.run) }}></span>
            <span class="name" title=${one.run}>${one.run}</span>
            <span class="muted">step ${one.step.toLocaleString("en")}</span>
            <span title="Average precision">AP ${short(one.average)}</span>
          </li>
        `,
        )}
      </ul>
      ${runs.length > RUNS && html`<p class="muted small">The first ${RUNS} of ${runs.length} runs are drawn.</p>`}
    </${Card}>
  `;
}

/** @param {string} run @param {Answer} record @returns {Curve} */
function curve(run, record) {
  const all = points(record);
  return { run, step: record.step, points: all, average: averagePrecision(all) };
}

/** @param {string} name @param {Curve[]} curves */
const words = (name, curves) =>
  `Precision against recall, ${name}: ${curves.map(({ run, step, average }) => `${run} at step ${step}, average precision ${short(average)}`).join("; ") || "no curve"}.`;

/** @param {Curve} of @param {Point} point */
const pointText = ({ run, step }, { threshold, precision, recall, tp, fp, tn, fn }) =>
  `${run}, step ${step}\nthreshold ${short(threshold)}\nprecision ${short(precision)}, recall ${short(recall)}\ntrue positives ${count(tp)}, false ${count(fp)}\ntrue negatives ${count(tn)}, false ${count(fn)}`;

/** @param {Curve[]} curves */
const table = (curves) => ({
  head: ["run", "step", "threshold", "precision", "recall", "TP", "FP", "TN", "FN"],
  rows: curves.flatMap(({ run, step, points: all }) =>
    all.map(({ threshold, precision, recall, tp, fp, tn, fn }) => [
      run,
      step,
      short(threshold),
      short(precision),
      short(recall),
      tp,
      fp,
      tn,
      fn,
    ]),
  ),
});

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {import("../../lib/theme.js").Ink} ink
 * @param {Curve[]} curves
 * @param {string|null} hovered
 */
function draw(context, width, height, ink, curves, hovered) {
  const place = placer(width, height);
  const [left, right, top, bottom] = [PLOT.left, width - PLOT.right, PLOT.top, height - PLOT.bottom];
  context.strokeStyle = ink.line;
  context.fillStyle = ink.muted;
  context.lineWidth = 1;
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const [x, y] = [Math.round(left + share * (right - left)) + 0.5, Math.round(bottom - share * (bottom - top)) + 0.5];
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.moveTo(x, top);
    context.lineTo(x, bottom);
    context.stroke();
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(String(share), left - 7, y);
    context.textAlign = share === 1 ? "right" : "center";
    context.textBaseline = "top";
    context.fillText(String(share), share === 1 ? right + 3 : x, bottom + 6);
  }
  context.fillStyle = ink.text;
  context.textAlign = "center";
  context.fillText("recall", (left + right) / 2, bottom + 20);
  context.textAlign = "left";
  context.fillText("precision", 2, 2);
  context.lineJoin = "round";
  for (const { run, points: all } of curves) {
    context.globalAlpha = hovered === null || hovered === run ? 1 : 0.25;
    context.strokeStyle = colour(run);
    context.fillStyle = colour(run);
    context.lineWidth = hovered === run ? 3 : 2;
    const known = all.filter(measured);
    context.beginPath();
    for (const [i, point] of known.entries()) {
      const { x, y } = place(point);
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
    if (known.length > 40) continue;
    for (const point of known) {
      const { x, y } = place(point);
      context.beginPath();
      context.arc(x, y, 2.6, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}
