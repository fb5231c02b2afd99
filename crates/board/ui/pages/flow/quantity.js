// What can be looked at along the layers: how it is called, and on which kind of axis it stands.

import { EXPECTED } from "./expected.js";

/**
 * @typedef {object} Quantity
 * @property {string} key  As in the catalogue.
 * @property {string} label  In the list.
 * @property {string} noun  In sentences.
 * @property {boolean} plural  Whether the noun is.
 * @property {"log"|"fraction"|"signed"} kind  Magnitudes; shares from 0 to 1; logarithms, which have a sign.
 */

/** @type {[string, string, string, boolean, Quantity["kind"]][]} */
const KNOWN = [
  ["gradient/mean_abs", "mean |∂C/∂W|", "gradient", false, "log"],
  ["gradient/rms", "RMS of ∂C/∂W", "gradient", false, "log"],
  ["delta/rms", "RMS of δ = ∂C/∂z", "δ", false, "log"],
  ["weight/rms", "RMS of the weights", "weights", true, "log"],
  ["update_ratio", "update ÷ weights", "update ratio", false, "log"],
  ["units/dead", "dead units", "dead units", true, "fraction"],
  ["units/saturated", "saturated units", "saturated units", true, "fraction"],
  ["gain/weight", "gain of the weights (ln)", "gain of the weights", false, "signed"],
  ["gain/activation", "gain of the activation (ln)", "gain of the activation", false, "signed"],
  ["gain/norm", "gain of the normalisation (ln)", "gain of the normalisation", false, "signed"],
  ["gain/skip", "gain of the skip (ln)", "gain of the skip", false, "signed"],
  ["gain/dropout", "gain of dropout (ln)", "gain of dropout", false, "signed"],
];

const BY_KEY = new Map(KNOWN.map(([key, label, noun, plural, kind]) => [key, { key, label, noun, plural, kind }]));

/**
 * @param {string} key
 * @returns {Quantity}
 */
export const quantity = (key) => BY_KEY.get(key) ?? { key, label: key, noun: key, plural: false, kind: "log" };

/** What the experiment looked at. */
export const FIRST = "gradient/mean_abs";

/**
 * The quantities that some runs offer, in the order of the list.
 *
 * @param {import("../../lib/types.js").Catalogue} catalogue
 * @param {string[]} names  Of the runs.
 */
export function offered({ sets, runs }, names) {
  const wanted = new Set(names);
  const used = new Set(runs.filter(({ name }) => wanted.has(name)).map(({ set }) => set));
  const keys = new Set([...used].flatMap((set) => sets[set].flow.map((one) => one.quantity)));
  const known = KNOWN.map(([key]) => key).filter((key) => keys.has(key));
  // Stands beside what was measured, not in its place.
  keys.delete(EXPECTED);
  return [...known, ...[...keys].filter((key) => !BY_KEY.has(key))];
}
