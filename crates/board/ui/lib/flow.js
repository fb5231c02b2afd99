// A quantity along the layers and over the steps: of one run, and of several as one.

import { indexAt } from "./bounds.js";
import { number } from "./format.js";
import { FrameError } from "./frame.js";

/**
 * @typedef {object} Whole  One layer, over the whole training.
 * @property {number} mean  Over the recorded steps: geometric for delta, arithmetic for all other quantities.
 * @property {number} records  Number of recorded steps.
 * @property {number} zeros  Number of recorded steps that are 0.
 * @property {number} lost  Number of recorded steps that are not a number.
 */

/**
 * @typedef {object} Flow  Of one run.
 * @property {ArrayLike<number>} steps  Ascending.
 * @property {string[]} layers  In network order.
 * @property {ArrayLike<number>[]} values  [layers][steps]; NaN: not a number, or not recorded.
 * @property {Whole[]} whole  [layers]
 * @property {boolean} derived  Computed from histograms, because no scalar was recorded.
 * @property {number} generation  Of the run.
 */

/**
 * @typedef {object} Merged  Of the runs of a group.
 * @property {ArrayLike<number>} steps
 * @property {string[]} layers
 * @property {ArrayLike<number>[]} mean  [layers][steps]
 * @property {ArrayLike<number>[]} low  [layers][steps], the smallest of the runs.
 * @property {ArrayLike<number>[]} high
 * @property {number} runs
 * @property {boolean} derived
 */

/** @param {{mean: number|string, records: number, zeros: number, lost: number}} whole  As it comes in JSON. @returns {Whole} */
const wholeOf = (whole) => ({ ...whole, mean: number(whole.mean) });

/**
 * The server's answer. A layer that is recorded more seldom than others keeps its value until the next one.
 *
 * @param {{header: any, arrays: import("./frame.js").Numbers[]}} frame
 * @returns {Flow}
 */
export function flow({ header, arrays }) {
  const [steps, ...values] = arrays;
  if (!Array.isArray(header.layers) || !steps) throw new FrameError("a flow came without layers or without steps");
  if (values.length !== header.layers.length || values.some(({ length }) => length !== steps.length)) {
    throw new FrameError(
      `a flow of ${header.layers.length} layers came with ${values.length} series of ${steps?.length}`,
    );
  }
  if (!header.layers.every((/** @type {any} */ layer) => typeof layer?.name === "string" && layer.whole)) {
    throw new FrameError("a layer of a flow came without its name or without its mean over the training");
  }
  return {
    steps,
    layers: header.layers.map((/** @type {{name: string}} */ { name }) => name),
    values: kept(values),
    whole: header.layers.map((/** @type {{whole: any}} */ { whole }) => wholeOf(whole)),
    derived: header.layers.some((/** @type {{derived: boolean}} */ { derived }) => derived),
    generation: header.generation,
  };
}

/**
 * Fills gaps of layers that are recorded more seldom. At a step where no layer has a number, and behind the last number
 * of a layer, NaN stays: there something was recorded that is not a number.
 *
 * @param {ArrayLike<number>[]} values  [layers][steps]
 * @returns {ArrayLike<number>[]}
 */
export function kept(values) {
  const length = values[0]?.length ?? 0;
  const none = Array.from({ length }, (_, i) => values.every((layer) => Number.isNaN(layer[i])));
  return values.map((layer) => {
    let end = length;
    while (end > 0 && Number.isNaN(layer[end - 1])) end -= 1;
    let last = Number.NaN;
    return Float64Array.from(layer, (value, i) => {
      if (!Number.isNaN(value)) last = value;
      return i < end && !none[i] ? last : value;
    });
  });
}

/**
 * The mean of what is a number: geometric for magnitudes, so zero if one is zero. NaN of nothing.
 *
 * @param {number[]} values
 * @param {boolean} logarithmic
 */
export function mean(values, logarithmic) {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return Number.NaN;
  if (!logarithmic) return known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.exp(known.reduce((sum, value) => sum + Math.log(value), 0) / known.length);
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const same = (a, b) => a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);

/** All steps of some runs, once each. @param {Flow[]} flows */
function union(flows) {
  if (flows.every(({ steps }) => same(steps, flows[0].steps))) return flows[0].steps;
  return Float64Array.from(new Set(flows.flatMap(({ steps }) => Array.from(steps)))).sort();
}

/**
 * The median. NaN values are ignored. Returns NaN if there are no other values.
 *
 * @param {number[]} values
 */
export function median(values) {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (known.length === 0) return Number.NaN;
  const [low, high] = [known[Math.floor((known.length - 1) / 2)], known[Math.ceil((known.length - 1) / 2)]];
  return low === high ? low : (low + high) / 2;
}

/** All layers of some runs: those of the deepest network, then layers of other runs that have other names. @param {Flow[]} flows */
function layersOf(flows) {
  const layers = [...flows].sort((a, b) => b.layers.length - a.layers.length)[0].layers.slice();
  for (const one of flows) layers.push(...one.layers.filter((name) => !layers.includes(name)));
  return layers;
}

/**
 * Several runs as one. A run counts from its first step to its last.
 *
 * @param {Flow[]} flows
 * @param {boolean} logarithmic  Whether the mean is taken of the logarithms.
 * @returns {Merged|null}  Null of nothing.
 */
export function merge(flows, logarithmic) {
  if (flows.length === 0) return null;
  const layers = layersOf(flows);
  const derived = flows.some((one) => one.derived);
  if (flows.length === 1) {
    const [{ steps, values }] = flows;
    return { steps, layers, mean: values, low: values, high: values, runs: 1, derived };
  }
  const steps = union(flows);
  const places = flows.map((one) =>
    Int32Array.from(steps, (step) =>
      step < one.steps[0] || step > one.steps[one.steps.length - 1] ? -1 : indexAt(one.steps, step),
    ),
  );
  const empty = () => layers.map(() => new Float64Array(steps.length));
  const [middle, low, high] = [empty(), empty(), empty()];
  for (const [l, name] of layers.entries()) {
    const of = flows.map((one) => one.values[one.layers.indexOf(name)]);
    for (let i = 0; i < steps.length; i += 1) {
      const values = of
        .map((layer, run) => (layer && places[run][i] >= 0 ? layer[places[run][i]] : Number.NaN))
        .filter((value) => !Number.isNaN(value));
      middle[l][i] = mean(values, logarithmic);
      low[l][i] = values.length > 0 ? Math.min(...values) : Number.NaN;
      high[l][i] = values.length > 0 ? Math.max(...values) : Number.NaN;
    }
  }
  return { steps, layers, mean: middle, low, high, runs: flows.length, derived };
}

/**
 * @typedef {object} Profile  Along the layers, at one step or over the whole training.
 * @property {number|null} step  The step of the record: the last one that is not after the requested step. NaN before the
 *   first record; null for the whole training.
 * @property {string[]} layers
 * @property {number[]} values
 * @property {number[]} low
 * @property {number[]} high
 * @property {number} [ratio]  The last layer divided by the first. Set only if it does not follow from `values`: of several
 *   runs it is the median of their ratios.
 * @property {Whole[]} [whole]  [layers], of all runs together. Set only for the whole training.
 */

/**
 * The indices of the first and the last layer that have a number.
 *
 * @param {number[]} values
 * @returns {[number, number]|null}  Null if fewer than two layers have one.
 */
export function endsOf(values) {
  const known = values.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
  return known.length < 2 ? null : [known[0], known[known.length - 1]];
}

/**
 * Some runs over the whole training: the means of one run, or the medians over several runs, as in the table of
 * `headwater train`.
 *
 * @param {Flow[]} flows  At least one.
 * @returns {Profile}
 */
export function profileOver(flows) {
  const layers = layersOf(flows);
  const of = layers.map((name) => flows.flatMap((one) => one.whole[one.layers.indexOf(name)] ?? []));
  const means = of.map((all) => all.map(({ mean }) => mean).filter((value) => !Number.isNaN(value)));
  const add = (/** @type {Whole[]} */ all, /** @type {"records"|"zeros"|"lost"} */ key) =>
    all.reduce((sum, one) => sum + one[key], 0);
  const whole = of.map((all, i) => ({
    mean: median(means[i]),
    records: add(all, "records"),
    zeros: add(all, "zeros"),
    lost: add(all, "lost"),
  }));
  const values = whole.map(({ mean }) => mean);
  const found = endsOf(values);
  const ratios = flows.map((one) => {
    const at = (/** @type {number} */ i) => one.whole[one.layers.indexOf(layers[i])]?.mean ?? Number.NaN;
    return found ? at(found[1]) / at(found[0]) : Number.NaN;
  });
  return {
    step: null,
    layers,
    values,
    low: means.map((all) => (all.length > 0 ? Math.min(...all) : Number.NaN)),
    high: means.map((all) => (all.length > 0 ? Math.max(...all) : Number.NaN)),
    ...(flows.length > 1 ? { ratio: median(ratios) } : {}),
    whole,
  };
}

/**
 * @param {Merged} of
 * @param {number} step
 * @returns {Profile}
 */
export function profileAt({ steps, layers, mean: middle, low, high }, step) {
  const i = indexAt(steps, step);
  // Before its first record a run has no numbers.
  const begun = steps.length > 0 && steps[i] <= step;
  const at = (/** @type {ArrayLike<number>[]} */ all) => all.map((layer) => (begun ? layer[i] : Number.NaN));
  return { step: begun ? steps[i] : Number.NaN, layers, values: at(middle), low: at(low), high: at(high) };
}

/**
 * What an axis or a scale of colours has to show of some groups, over all steps: the smallest and the largest.
 *
 * @param {Merged[]} all
 * @param {import("../pages/flow/quantity.js").Quantity["axis"]} kind
 * @param {Profile[]} [profiles]  These must fit, too: a mean over many zeros is smaller than every record.
 * @returns {[number, number]|null}
 */
export function domain(all, kind, profiles = []) {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of [...all, ...profiles.map(({ low, high }) => ({ low: [low], high: [high] }))]) {
    for (const series of [...one.low, ...one.high]) {
      for (let i = 0; i < series.length; i += 1) {
        const value = series[i];
        if (!Number.isFinite(value) || (kind === "log" && value <= 0)) continue;
        if (value < least) least = value;
        if (value > most) most = value;
      }
    }
  }
  if (least > most) return null;
  if (kind === "share") return [0, Math.min(1, Math.max(most, 0.1))];
  if (kind === "ln_factor") {
    const end = Math.max(-least, most, 0.1);
    return [-end, end];
  }
  // Less than half a power of ten looks like next to nothing, as it is.
  const middle = Math.sqrt(least * most);
  return most / least < 3 ? [middle / Math.sqrt(3), middle * Math.sqrt(3)] : [least, most];
}
