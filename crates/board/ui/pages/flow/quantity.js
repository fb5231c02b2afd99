// What can be looked at along the layers: how it is called, and on which kind of axis it stands.

import { EXPECTED } from "./expected.js";

/**
 * @typedef {object} Quantity
 * @property {string} key  As in the catalogue.
 * @property {string} label  In the list.
 * @property {string} noun  In sentences.
 * @property {boolean} gradient  Whether it measures how much of the gradient arrives.
 * @property {"log"|"fraction"|"signed"} kind  Magnitudes; shares from 0 to 1; logarithms, which have a sign.
 */

/** @type {[string, string, string, boolean, Quantity["kind"]][]} */
const KNOWN = [
  ["gradient/mean_abs", "mean |dC/dW|", "mean |dC/dW|", true, "log"],
  ["gradient/rms", "RMS of dC/dW", "the RMS of dC/dW", true, "log"],
  ["gradient/norm", "norm of dC/dW", "the norm of dC/dW", true, "log"],
  ["gradient/value", "dC/dW as logged", "the logged dC/dW", true, "log"],
  ["delta/rms", "RMS of delta", "the RMS of delta", true, "log"],
  ["weight/rms", "RMS of the weights", "the RMS of the weights", false, "log"],
  ["update_ratio", "update ÷ weights", "the update ratio", false, "log"],
  ["units/dead", "dead units", "dead units", false, "fraction"],
  ["units/saturated", "saturated units", "saturated units", false, "fraction"],
  ["gain/weight", "gain of the weights (ln)", "the weights", false, "signed"],
  ["gain/activation", "gain of f′ (ln)", "f′", false, "signed"],
  ["gain/norm", "gain of normalisation (ln)", "normalisation", false, "signed"],
  ["gain/skip", "gain of the skip connections (ln)", "the skip connections", false, "signed"],
  ["gain/dropout", "gain of dropout (ln)", "dropout", false, "signed"],
];

const BY_KEY = new Map(KNOWN.map(([key, label, noun, gradient, kind]) => [key, { key, label, noun, gradient, kind }]));

/**
 * @param {string} key
 * @returns {Quantity}
 */
export const quantity = (key) => BY_KEY.get(key) ?? { key, label: key, noun: key, gradient: false, kind: "log" };

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
