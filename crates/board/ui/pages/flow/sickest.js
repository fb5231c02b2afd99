// The order in which runs are told of: the sickest first.

import { badness, together } from "../../lib/finding-words.js";

/** @typedef {import("../../lib/types.js").Group} Group */
/** @typedef {import("../../lib/types.js").Summary} Summary */

/**
 * By what is found, then by how far the gradient falls over the whole training; what is alike stays in its order.
 *
 * @template T
 * @param {T[]} all
 * @param {(one: T) => number} badnessOf  See `badness`.
 * @param {(one: T) => number} fallOf  What the last layer has over what the first has; NaN if that is not known.
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
 * How bad the worst is that was found in a group.
 *
 * @param {Group} group
 * @param {Map<string, Summary>} summaries
 */
export const badnessOf = ({ runs }, summaries) =>
  badness(together(runs.flatMap((run) => summaries.get(run) ?? []))?.worst?.severity);
