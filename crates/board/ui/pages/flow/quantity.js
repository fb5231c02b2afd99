// What can be looked at along the layers. The server says how each measure is called and on which axis it stands.

import { catalogue } from "../../lib/live.js";
import { EXPECTED } from "./expected.js";

/** @typedef {import("../../lib/types.js").Measure} Quantity */

/** All measures that the server knows, in the order of the list. */
const known = () => catalogue.peek()?.measures ?? [];

/**
 * @param {string} key
 * @returns {Quantity}
 */
export const quantity = (key) =>
  known().find((one) => one.key === key) ?? {
    key,
    label: key,
    noun: key,
    plural: false,
    axis: "log",
    gradient: false,
    gain: false,
    geometric: false,
  };

/** The gains, which add up to what happens to delta. */
export const gains = () => known().filter(({ gain }) => gain);

/** What the experiment looked at. */
export const FIRST = "gradient/mean_abs";

/**
 * The quantities that some runs offer, in the order of the list.
 *
 * @param {import("../../lib/types.js").Catalogue} catalogue
 * @param {string[]} names  Of the runs.
 */
export function offered({ measures, sets, runs }, names) {
  const wanted = new Set(names);
  const used = new Set(runs.filter(({ name }) => wanted.has(name)).map(({ set }) => set));
  const keys = new Set([...used].flatMap((set) => sets[set].flow.map((one) => one.quantity)));
  // Stands beside what was measured, not in its place.
  keys.delete(EXPECTED);
  return measures.map(({ key }) => key).filter((key) => keys.has(key));
}
