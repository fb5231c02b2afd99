// An axis for the values of one column: numbers on a linear or logarithmic scale, anything else in equal steps.

import { short } from "../../lib/format.js";
import { extent, scale, ticks } from "../../lib/scale.js";
import { tickLabels } from "../../lib/tick-labels.js";
import { compareValues } from "./rows.js";

/** @typedef {import("./rows.js").Column} Column */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Value} Value */

/**
 * @typedef {object} Axis
 * @property {Column} column
 * @property {"linear"|"log"|"steps"} kind
 * @property {(value: Value) => number} share  Where on the axis a value stands, from 0 to 1; NaN for what has no place.
 * @property {(share: number) => number} value  The number at a place; on an axis in steps the index of the nearest step.
 * @property {Value[]} steps  The values of an axis in steps.
 * @property {{share: number, text: string}[]} marks
 */

/** Positive numbers that span more than this are shown logarithmically. */
const WIDE = 40;

/** @param {Value} value */
export const valueText = (value) =>
  value === null ? "not recorded" : typeof value === "number" ? short(value) : String(value);

/**
 * The texts of values that stand along one axis: different numbers have different texts.
 *
 * @param {Value[]} values  In order.
 * @returns {string[]}
 */
export function valueTexts(values) {
  const numbers = values.filter((value) => typeof value === "number" && Number.isFinite(value)).map(Number);
  const labels = new Map(tickLabels(numbers).map((label, i) => [numbers[i], label]));
  return values.map((value) => (typeof value === "number" && labels.get(value)) || valueText(value));
}

/** Half as much again below and above a value that stands alone. @param {number} value @returns {[number, number]} */
function aroundOne(value) {
  const room = Math.abs(value || 1) / 2;
  return [Math.max(value - room, -Number.MAX_VALUE), Math.min(value + room, Number.MAX_VALUE)];
}

/**
 * @param {Column} column
 * @param {Row[]} rows
 * @param {number} [wanted]  About so many marks.
 * @returns {Axis}
 */
export function axis(column, rows, wanted = 5) {
  const values = rows.map((row) => row.values[column.key] ?? null);
  const numbers = values.filter((value) => typeof value === "number");
  const ends = column.numeric ? extent(numbers) : null;
  if (!ends) return inSteps(column, values);
  const kind =
    numbers.every((value) => value > 0 || !Number.isFinite(value)) && ends[1] / ends[0] > WIDE ? "log" : "linear";
  const [low, high] = ends[0] === ends[1] ? aroundOne(ends[0]) : ends;
  const along = scale(kind, low, high, 0, 1);
  const own =
    column.kind === "param" ? apart(distinct(numbers).map(Number).filter(Number.isFinite), along.place) : null;
  const marks = ends[0] === ends[1] ? [ends[0]] : (own ?? ticks(kind, low, high, wanted));
  const texts = tickLabels(marks);
  return {
    column,
    kind,
    share: (value) => (typeof value === "number" && Number.isFinite(value) ? along.place(value) : Number.NaN),
    value: along.value,
    steps: [],
    marks: marks.map((mark, i) => ({ share: along.place(mark), text: texts[i] })),
  };
}

/** A parameter with at most so many values is marked at them. */
const FEW = 8;

/**
 * The values themselves if they are few and there is room to write each of them, else null.
 *
 * @param {number[]} values  In order.
 * @param {(value: number) => number} place
 */
const apart = (values, place) =>
  values.length <= FEW && values.every((value, i) => i === 0 || place(value) - place(values[i - 1]) > 0.05)
    ? values
    : null;

/** @param {Column} column @param {Value[]} values @returns {Axis} */
function inSteps(column, values) {
  const steps = distinct(values);
  const places = new Map(steps.map((value, i) => [String(value), steps.length === 1 ? 0.5 : i / (steps.length - 1)]));
  const every = Math.ceil(steps.length / 24);
  const texts = valueTexts(steps);
  return {
    column,
    kind: "steps",
    share: (value) => (value === null ? Number.NaN : (places.get(String(value)) ?? Number.NaN)),
    value: (share) => Math.round(share * (steps.length - 1)),
    steps,
    marks: steps.flatMap((value, i) =>
      i % every === 0 ? [{ share: places.get(String(value)) ?? 0, text: texts[i] }] : [],
    ),
  };
}

/**
 * The values that occur, in order: numbers by size, texts naturally.
 *
 * @param {Value[]} values
 * @returns {Value[]}
 */
export function distinct(values) {
  const found = new Map(values.filter((value) => value !== null).map((value) => [String(value), value]));
  return [...found.values()].sort(compareValues);
}
