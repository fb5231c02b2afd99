// The order in which runs are listed: the sickest first.

import { badness, together } from "../../lib/finding-words.js";

/** @typedef {import("../../lib/types.js").Group} Group */
/** @typedef {import("../../lib/types.js").Summary} Summary */

/**
 * Sorts by the severity of findings, then by how far the gradient falls over the whole training. The sort is stable.
 *
 * @template T
 * @param {T[]} all
 * @param {(one: T) => number} badnessOf  See `badness`.
 * @param {(one: T) => number} fallOf  The last layer's value divided by the first layer's; NaN if it is not known.
 * @returns {T[]}
 */
export function sickestFirst(all, badnessOf, fallOf) {
  const fall = (/** @type {T} */ one) => (Number.isNaN(fallOf(one)) ? 0 : fallOf(one));
  const marked = all.map((one) => ({ one, bad: badnessOf(one), falls: fall(one) }));
  return marked
    .sort((a, b) => b.bad - a.bad || (a.falls === b.falls ? 0 : b.falls > a.falls ? 1 : -1))
    .map(({ one }) => one);
}

/**
 * How bad the worst finding of a group is.
 *
 * @param {Group} group
 * @param {Map<string, Summary>} summaries
 */
export const badnessOf = ({ runs }, summaries) =>
  badness(together(runs.flatMap((run) => summaries.get(run) ?? []))?.worst?.severity);
