// Which part of the network changes the delta by how much: natural logarithms that add up.

import { indexAt } from "../../lib/search.js";
import { merge } from "../../lib/flow.js";

/** @typedef {import("../../lib/flow.js").Flow} Flow */

/** What changes the delta on its way through a layer, with a colour from the palette. */
export const PARTS = [
  { quantity: "gain/weight", label: "weights", colour: "#0072b2" },
  { quantity: "gain/activation", label: "activation f′", colour: "#d55e00" },
  { quantity: "gain/norm", label: "normalisation", colour: "#009e73" },
  { quantity: "gain/skip", label: "skip", colour: "#cc79a7" },
  { quantity: "gain/dropout", label: "dropout", colour: "#b8860b" },
];

/**
 * @typedef {object} Blame  At one step.
 * @property {string[]} layers  In network order.
 * @property {(number[]|null)[]} parts  [PARTS][layers], NaN where there is none; null where nothing is recorded.
 * @property {number[]} sums  [layers], the log of the whole factor from the next layer's delta to this one's.
 */

/**
 * @param {Flow[][]} flows  [PARTS][runs of a group]
 * @param {number} step
 * @returns {Blame|null}
 */
export function blameAt(flows, step) {
  const merged = flows.map((of) => merge(of, false));
  const known = merged.filter((one) => one !== null);
  if (known.length === 0) return null;
  const layers = known.reduce((most, one) => (one.layers.length > most.length ? one.layers : most), known[0].layers);
  const parts = merged.map((one) => {
    if (!one || one.steps.length === 0) return null;
    const i = indexAt(one.steps, step);
    return layers.map((name) => one.mean[one.layers.indexOf(name)]?.[i] ?? Number.NaN);
  });
  const sums = layers.map((_, l) => {
    const of = parts.flatMap((part) => (part && !Number.isNaN(part[l]) ? [part[l]] : []));
    return of.length > 0 ? of.reduce((sum, value) => sum + value, 0) : Number.NaN;
  });
  return { layers, parts, sums };
}

/**
 * What each part does on the whole way, and all together; NaN where nothing is recorded.
 *
 * @param {Blame} blame
 */
export function totals({ parts, sums }) {
  const add = (/** @type {number[]} */ all) => {
    const known = all.filter((value) => !Number.isNaN(value));
    return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : Number.NaN;
  };
  return { parts: parts.map((part) => (part ? add(part) : Number.NaN)), sum: add(sums) };
}

/**
 * @typedef {object} Bar
 * @property {number} part  Index into PARTS.
 * @property {number} from
 * @property {number} to  Further from zero than `from`.
 */

/**
 * The bars of a layer, stacked away from zero: gains to the right, losses to the left. What is infinite ends at the edge.
 *
 * @param {Blame} blame
 * @param {number} layer
 * @param {number} edge
 * @returns {Bar[]}
 */
export function bars({ parts }, layer, edge) {
  let [left, right] = [0, 0];
  /** @type {Bar[]} */
  const found = [];
  for (const [part, values] of parts.entries()) {
    const value = Math.min(Math.max(values?.[layer] ?? Number.NaN, -2 * edge), 2 * edge);
    if (value > 0) {
      found.push({ part, from: right, to: right + value });
      right += value;
    } else if (value < 0) {
      found.push({ part, from: left, to: left + value });
      left += value;
    }
  }
  return found;
}

/**
 * How far the axis reaches to both sides, for some groups.
 *
 * @param {Blame[]} all
 */
export function edgeOf(all) {
  let most = 0;
  for (const blame of all) {
    for (const l of blame.layers.keys()) {
      for (const bar of bars(blame, l, Number.MAX_VALUE / 4)) {
        if (Math.abs(bar.to) < 1e6) most = Math.max(most, Math.abs(bar.to));
      }
    }
  }
  return Math.max(0.5, most * 1.05);
}
