// A chart as a file: its numbers, or its picture.

import { download, downloadText } from "../../lib/download.js";
import { csv } from "../../lib/format.js";
import { measureIn } from "../../lib/axis-labels.js";
import { chartSvg, FONT } from "../../lib/plot-svg.js";
import { paintAxes, paintLabels, paintLines } from "../../lib/paint.js";
import { plot } from "../../lib/plot.js";
import { ink } from "../../lib/theme.js";

/** @typedef {import("../../lib/trace.js").Line} Line */

/**
 * @typedef {object} Picture
 * @property {string} title
 * @property {Line[]} lines
 * @property {import("../../lib/plot.js").Options} options
 * @property {import("../../lib/plot.js").Range|null} zoom
 */

/** The size of a saved picture, in CSS pixels; a PNG has twice as many each way. */
const [WIDTH, HEIGHT] = [900, 480];

/**
 * All points of all lines, and what was made of them.
 *
 * @param {string} tag
 * @param {Line[]} lines
 * @returns {(string|number)[][]}
 */
export function table(tag, lines) {
  const smoothed = lines.some((line) => line.smooth);
  const grouped = lines.some((line) => line.band);
  const head = ["run", "tag", "step", "wall_time", grouped ? "mean" : "value"];
  const rows = [
    [...head, ...(smoothed ? ["smoothed"] : []), ...(grouped ? ["percentile_5", "percentile_95", "runs"] : [])],
  ];
  for (const { label, raw, smooth, band, steps, walls, runs } of lines) {
    for (let i = 0; i < raw.length; i += 1) {
      /** @type {any[]} */
      const row = [label, tag, steps ? steps[i] : "", walls ? walls[i] : "", raw.ys[i]];
      if (smoothed) row.push(smooth ? smooth.ys[i] : "");
      if (grouped) row.push(...(band ? [band.low.ys[i], band.high.ys[i], runs] : ["", "", runs]));
      rows.push(row);
    }
  }
  return rows;
}

/** @param {Picture} picture */
export const saveCsv = ({ title, lines }) => downloadText(`${title}.csv`, csv(table(title, lines)), "text/csv");

/** @param {Picture} picture */
export const saveSvg = ({ title, lines, options, zoom }) =>
  downloadText(
    `${title}.svg`,
    chartSvg(
      { title, lines, options, zoom, width: WIDTH, height: HEIGHT },
      ink.peek(),
      measureIn(`${FONT.size}px ${FONT.family}`),
    ),
    "image/svg+xml",
  );

/** @param {Picture} picture */
export function savePng({ title, lines, options, zoom }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * WIDTH, 2 * HEIGHT];
  const context = canvas.getContext("2d");
  if (!context) return;
  const colours = ink.peek();
  const head = 26;
  context.scale(2, 2);
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const labelled = lines.length <= 12;
  const measure = measureIn(colours.font);
  const frame = plot(lines, options, zoom, WIDTH, HEIGHT - head, labelled ? 150 : 12, measure);
  context.font = colours.font.replace("11px", "600 13px");
  context.fillStyle = colours.text;
  context.fillText(title, frame.box.left, 18);
  context.translate(0, head);
  context.font = colours.font;
  paintAxes(context, frame, colours);
  paintLines(context, frame, lines, colours);
  if (labelled) paintLabels(context, frame, lines, 138);
  canvas.toBlob((blob) => {
    if (blob) download(`${title}.png`, blob);
  }, "image/png");
}
