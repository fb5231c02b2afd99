// A chart as SVG, of the same corners that the canvas is drawn with.

import { endLabels, labelText, lineWidth, lonely, triangle } from "./paint.js";
import { plot } from "./plot.js";
import { areas, Corners } from "./corners.js";
import { bandOutline, outline, Shape } from "./polyline.js";

/** @typedef {import("./trace.js").Line} Line */
/** @typedef {import("./theme.js").Ink} Ink */

/** @param {string} text */
const escaped = (text) =>
  text
    .replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c)
    // XML has no place for control characters, not even escaped.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd");

const polygons = new Corners();

/** Of everything but the title. */
export const FONT = { family: "sans-serif", size: 11 };

const digits = (/** @type {number} */ value) => String(Math.round(value * 100) / 100);

/** @param {Corners} corners */
function pathData({ xy, length }) {
  let text = "";
  let begun = false;
  for (let i = 0; i < length; i += 2) {
    if (Number.isNaN(xy[i])) begun = false;
    else {
      text += `${begun ? "L" : "M"}${digits(xy[i])} ${digits(xy[i + 1])}`;
      begun = true;
    }
  }
  return text;
}

/**
 * @param {Shape} shape
 * @param {string} colour
 * @param {number} width
 */
function shapeSvg({ lines, spans }, colour, width) {
  const parts = [];
  areas(spans, width / 2, polygons);
  if (polygons.length > 0) parts.push(`<path d="${pathData(polygons)}" fill="${colour}"/>`);
  if (lines.length > 0) {
    parts.push(
      `<path d="${pathData(lines)}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="bevel"/>`,
    );
  }
  lonely(lines, (x, y) => parts.push(`<circle cx="${digits(x)}" cy="${digits(y)}" r="3" fill="${colour}"/>`));
  return parts.join("");
}

/**
 * @param {object} what
 * @param {string} what.title
 * @param {Line[]} what.lines
 * @param {import("./plot.js").Options} what.options
 * @param {import("./plot.js").Range|null} what.zoom
 * @param {number} what.width
 * @param {number} what.height
 * @param {Ink} ink
 * @param {import("./axis-labels.js").Measure} measure  In the picture's font, which is `FONT`.
 * @returns {string}
 */
export function chartSvg({ title, lines, options, zoom, ...size }, ink, measure) {
  const head = 26;
  const labels = lines.length <= 12 ? 150 : 12;
  const frame = plot(lines, options, zoom, size.width, size.height - head, labels, measure);
  const { box, x, y } = frame;
  const corners = new Corners();
  const shape = new Shape();
  const width = lineWidth(lines);
  const parts = [];
  for (const { at, text } of frame.yTicks) {
    parts.push(`<path d="M${box.left} ${digits(at)}H${digits(box.right)}" stroke="${ink.line}"/>`);
    parts.push(`<text x="${box.left - 7}" y="${digits(at + 4)}" text-anchor="end">${escaped(text)}</text>`);
  }
  for (const { at, middle, text } of frame.xTicks) {
    parts.push(`<path d="M${digits(at)} ${box.bottom}v4" stroke="${ink.line}"/>`);
    parts.push(`<text x="${digits(middle)}" y="${box.bottom + 17}" text-anchor="middle">${escaped(text)}</text>`);
  }
  const drawn = [];
  const outside = [];
  for (const { band, colour } of lines) {
    if (!band) continue;
    bandOutline(band, x, y, corners);
    drawn.push(`<path d="${pathData(corners)}Z" fill="${colour}" fill-opacity="0.16"/>`);
  }
  for (const line of lines) {
    /** @type {import("./polyline.js").Mark[]} */
    const marks = [];
    if (line.smooth) {
      outline(line.raw, x, y, shape, { grain: 1 });
      drawn.push(`<g opacity="0.25">${shapeSvg(shape, line.colour, 1)}</g>`);
    }
    outline(line.smooth ?? line.raw, x, y, shape, { grain: 1, marks });
    drawn.push(`<g><title>${escaped(line.label)}</title>${shapeSvg(shape, line.colour, width)}</g>`);
    for (const mark of marks) {
      const points = triangle(mark, box)
        .map(([px, py]) => `${digits(px)},${digits(py)}`)
        .join(" ");
      outside.push(
        `<polygon points="${points}" fill="${mark.what === "nan" ? ink.surface : line.colour}" stroke="${line.colour}"/>`,
      );
    }
  }
  if (labels > 12) {
    for (const { line, y: at } of endLabels(lines, frame)) {
      outside.push(
        `<text x="${digits(box.right + 8)}" y="${digits(at + 4)}" style="fill:${line.colour}">${escaped(labelText(line))}</text>`,
      );
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="${FONT.family}" font-size="${FONT.size}" fill="${ink.muted}">
<title>${escaped(title)}</title>
<rect width="${size.width}" height="${size.height}" fill="${ink.surface}"/>
<text x="${box.left}" y="18" font-size="13" font-weight="600" style="fill:${ink.text}">${escaped(title)}</text>
<clipPath id="box"><rect x="${box.left}" y="${box.top - 2}" width="${digits(box.right - box.left)}" height="${digits(box.bottom - box.top + 4)}"/></clipPath>
<g transform="translate(0 ${head})">
${parts.join("\n")}
<g clip-path="url(#box)">
${drawn.join("\n")}
</g>
${outside.join("\n")}
</g>
</svg>
`;
}
