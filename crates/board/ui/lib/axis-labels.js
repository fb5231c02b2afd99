// Room for the labels of an axis: how much they need, which of them have a place, and names that must be cut.

/** @typedef {(text: string) => number} Measure  How wide a text is, in pixels. */
/** @typedef {{at: number, text: string}} Label  Where it stands, in pixels along the axis. */

/** @type {CanvasRenderingContext2D|null|undefined} */
let context;

/**
 * Measures texts in a font, where nothing is drawn yet.
 *
 * @param {string} font  As in CSS.
 * @returns {Measure}
 */
export function measureIn(font) {
  context ??= document.createElement("canvas").getContext("2d");
  return (text) => {
    if (!context) return 0;
    context.font = font;
    return context.measureText(text).width;
  };
}

/** How wide the widest of some texts is, in whole pixels. @param {string[]} texts @param {Measure} measure */
export const widest = (texts, measure) => Math.ceil(Math.max(0, ...texts.map(measure)));

/** The least distance between two labels in a row, in pixels. */
const GAP = 8;

/**
 * The labels of a horizontal axis that have room: each whole, between two ends, and none touching the one before.
 *
 * @param {Label[]} labels  From left to right.
 * @param {number} from
 * @param {number} to
 * @param {Measure} measure
 * @returns {(Label & {middle: number})[]}  `middle`: where the text's middle stands.
 */
export function inRow(labels, from, to, measure) {
  let free = Number.NEGATIVE_INFINITY;
  return labels.flatMap(({ at, text }) => {
    const half = measure(text) / 2;
    const middle = Math.max(Math.min(at, to - half), from + half);
    // Neither on the one before nor so far from its tick that it would be taken for another's.
    if (!(middle - half >= free) || Math.abs(middle - at) > half) return [];
    free = middle + half + GAP;
    return [{ at, text, middle }];
  });
}

/**
 * The longest end of a text that is not wider than it may be.
 *
 * @param {string} text
 * @param {number} room
 * @param {Measure} measure
 */
export function fitted(text, room, measure) {
  if (measure(text) <= room) return text;
  let end = text.length - 1;
  while (end > 1 && measure(`…${text.slice(-end)}`) > room) end -= 1;
  return `…${text.slice(-end)}`;
}

/**
 * The longest beginning of a text that is not wider than it may be.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} width
 */
export function clipped(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** How many characters all texts begin with. @param {string[]} texts */
function shared(texts) {
  const [first = ""] = texts;
  let count = 0;
  while (count < first.length && texts.every((text) => text[count] === first[count])) count += 1;
  return count;
}

/**
 * Names that are not wider than they may be, cut so that different ones stay different if that can be: without their
 * beginnings, or without what all of them begin and end with.
 *
 * @param {string[]} texts
 * @param {number} room
 * @param {Measure} measure
 * @returns {string[]}
 */
export function fittedApart(texts, room, measure) {
  const cut = texts.map((text) => fitted(text, room, measure));
  const different = new Set(texts).size;
  if (new Set(cut).size === different) return cut;
  const head = shared(texts);
  const rest = texts.map((text) => [...text.slice(head)].reverse().join(""));
  const tail = shared(rest);
  const cores = texts.map((text) => `…${text.slice(head, text.length - tail)}${tail > 0 ? "…" : ""}`);
  const without = cores.map((text) => fitted(text, room, measure));
  return new Set(without).size > new Set(cut).size ? without : cut;
}
