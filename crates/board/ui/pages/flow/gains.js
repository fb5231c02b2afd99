// Which part of the network changes the delta by how much: natural logarithms that add up.

import { indexAt } from "../../lib/bounds.js";
import { median, merge, profileOver } from "../../lib/flow.js";
import { gains } from "./quantity.js";

/** @typedef {import("../../lib/flow.js").Flow} Flow */

/** Colours that the colour-blind can tell apart, one for each part of a network, in the order of the gains. */
const COLOURS = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#b8860b"];

/** What changes the delta on its way through a layer, with a label for tables and a colour. */
export const partsOfNetwork = () =>
  gains().map((gain, i) => ({ ...gain, name: gain.noun.replace(/^the /, ""), colour: COLOURS[i % COLOURS.length] }));

/** @typedef {(import("../../lib/flow.js").Merged|null)[]} Parts  [parts]; null where nothing is recorded. */

/**
 * @typedef {object} Blame  At one step, or over the whole training.
 * @property {number|null} step  The step of the record: the last one that is not after the requested step. Null for the
 *   whole training.
 * @property {string[]} layers  In network order.
 * @property {(number[]|null)[]} parts  [parts][layers], NaN where there is none; null where nothing is recorded.
 * @property {number[]} sums  [layers], the log of the whole factor from the next layer's delta to this one's.
 * @property {number[]|null} whole  [parts], the total over all layers, as the median over the runs. Set only for the whole
 *   training; at a step it is null, and the total is the sum over the layers of `parts`.
 */

/** The sum over the parts, for each layer; NaN if a layer has no number. @param {string[]} layers @param {(number[]|null)[]} parts */
const sumsOf = (layers, parts) =>
  layers.map((_, l) => add(parts.flatMap((part) => (part && !Number.isNaN(part[l]) ? [part[l]] : []))));

/** The sum. NaN values are ignored; NaN if there are no other values. @param {number[]} all */
function add(all) {
  const known = all.filter((value) => !Number.isNaN(value));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : Number.NaN;
}

/**
 * The parts of a group, each of all its runs as one.
 *
 * @param {Flow[][]} flows  [parts][runs of a group]
 * @returns {Parts|null}  Null if no part is recorded.
 */
export function partsOf(flows) {
  const parts = flows.map((of) => merge(of, false));
  return parts.some((one) => one !== null) ? parts : null;
}

/**
 * @param {Parts} merged
 * @param {number} step
 * @returns {Blame}
 */
export function blameAt(merged, step) {
  const layers = merged.reduce(
    (most, one) => (one && one.layers.length > most.length ? one.layers : most),
    /** @type {string[]} */ ([]),
  );
  let own = Number.NaN;
  const parts = merged.map((one) => {
    if (!one || one.steps.length === 0 || one.steps[0] > step) return null;
    const i = indexAt(one.steps, step);
    own = one.steps[i];
    return layers.map((name) => one.mean[one.layers.indexOf(name)]?.[i] ?? Number.NaN);
  });
  return { step: own, layers, parts, sums: sumsOf(layers, parts), whole: null };
}

/**
 * The effect of the parts over the whole training: means over the recorded steps, or their medians over several runs.
 *
 * @param {Flow[][]} flows  [parts][runs of a group]
 * @returns {Blame}
 */
export function blameOver(flows) {
  const profiles = flows.map((of) => (of.length > 0 ? profileOver(of) : null));
  const layers = profiles.reduce(
    (most, one) => (one && one.layers.length > most.length ? one.layers : most),
    /** @type {string[]} */ ([]),
  );
  const parts = profiles.map((one) =>
    one ? layers.map((name) => one.values[one.layers.indexOf(name)] ?? Number.NaN) : null,
  );
  const whole = flows.map((of) => median(of.map((run) => add(run.whole.map(({ mean }) => mean)))));
  return { step: null, layers, parts, sums: sumsOf(layers, parts), whole };
}

/**
 * What each part does on the whole way, and all together; NaN where nothing is recorded.
 *
 * @param {Blame} blame
 */
export function totals({ parts, sums, whole }) {
  if (whole) return { parts: whole, sum: add(whole) };
  return { parts: parts.map((part) => (part ? add(part) : Number.NaN)), sum: add(sums) };
}

/**
 * @typedef {object} Bar
 * @property {number} part  Index into the parts.
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

/** At so many steps it is looked how far the bars reach. */
const LOOKS = 100;

/**
 * How far the axis reaches to both sides for some groups, over all steps, so that it stands still while they go by.
 *
 * @param {Parts[]} all
 */
export function edgeOf(all) {
  let most = 0;
  for (const merged of all) {
    const steps = merged.find((one) => one !== null)?.steps ?? [];
    const stride = Math.max(1, Math.floor(steps.length / LOOKS));
    for (let i = steps.length - 1; i >= 0; i -= stride) {
      const blame = blameAt(merged, steps[i]);
      for (const l of blame.layers.keys()) {
        for (const { to } of bars(blame, l, INFINITE)) {
          if (Math.abs(to) < INFINITE) most = Math.max(most, Math.abs(to));
        }
      }
    }
  }
  return Math.max(0.5, most * 1.05);
}

/** No factor that a number can hold has so large a logarithm. */
const INFINITE = 1e5;
