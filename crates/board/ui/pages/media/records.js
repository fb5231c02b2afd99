// Which record of a series is shown at a step, and which part of a long series is to be loaded for it.

import { indexAt } from "../../lib/bounds.js";

/**
 * The record that is shown at a step: the last one at or before it; the first one if all come after.
 *
 * @template {{step: number}} T
 * @param {T[]} values  By step.
 * @param {number} step
 * @returns {T|null}
 */
export const recordAt = (values, step) =>
  values.length === 0
    ? null
    : values[
        indexAt(
          values.map((value) => value.step),
          step,
        )
      ];

/**
 * The records up to a step, the newest first.
 *
 * @template {{step: number}} T
 * @param {T[]} values
 * @param {number} step
 * @returns {T[]}
 */
export const newestFirst = (values, step) => values.filter((value) => value.step <= step).reverse();

/** How many texts are loaded at once. */
export const PAGE = 50;

/**
 * Loads texts up to a step from the end of their series backwards, until one of them is at or before the step.
 *
 * @template {{step: number}} T
 * @param {(from: number, limit: number) => Promise<{total: number, values: T[]}>} load
 * @param {number} step
 * @returns {Promise<{total: number, values: T[]}>}
 */
export async function loadUpTo(load, step) {
  const first = await load(0, PAGE);
  const last = first.values[first.values.length - 1];
  if (first.total <= first.values.length || !last || last.step > step) return first;
  let from = Math.max(first.values.length, first.total - PAGE);
  let page = await load(from, PAGE);
  while (from > first.values.length && page.values.length > 0 && page.values[0].step > step) {
    from = Math.max(first.values.length, from - PAGE);
    page = await load(from, PAGE);
  }
  const before = from > first.values.length ? [] : first.values;
  return { total: page.total, values: [...before, ...page.values] };
}

/**
 * The cells of a text that was recorded as a tensor: a table for two dimensions, a column for one.
 *
 * @param {string[]} texts
 * @param {number[]} shape
 * @returns {string[][]|null}  Null for a single text, and for what has more dimensions.
 */
export function tableOf(texts, shape) {
  if (texts.length <= 1) return null;
  const across = shape.length === 2 ? shape[1] : 1;
  if (shape.length > 2 || across < 1 || texts.length % across !== 0) return null;
  return Array.from({ length: texts.length / across }, (_, row) => texts.slice(row * across, (row + 1) * across));
}
