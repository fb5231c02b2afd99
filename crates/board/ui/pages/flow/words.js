// What is seen, in a sentence.

import { ALIKE, count, fold, short } from "../../lib/format.js";
import { endsOf } from "../../lib/flow.js";
import { does } from "./reason.js";

/** @typedef {import("../../lib/flow.js").Profile} Profile */
/** @typedef {import("./quantity.js").Quantity} Quantity */

/**
 * @typedef {object} Ends  The layers at the ends that have a number.
 * @property {string} first
 * @property {string} last
 * @property {number} ratio  What the last layer has over what the first has.
 */

/**
 * How much larger the quantity is in the last layer than in the first: the experiment's ratio.
 *
 * @param {Profile} profile
 * @returns {Ends|null}  Null unless two layers have a number.
 */
export function ends({ layers, values, ratio }) {
  const found = endsOf(values);
  if (!found) return null;
  const [a, b] = found;
  return { first: layers[a], last: layers[b], ratio: ratio ?? values[b] / values[a] };
}

/**
 * "at step 120"; "" over the whole training, and before the first record.
 *
 * @param {{step: number|null}} of
 */
export const when = ({ step }) => (step === null || Number.isNaN(step) ? "" : `at step ${count(step)}`);

/**
 * Names in a row: "layer1, layer2 and layer3"; of many, how many.
 *
 * @param {string[]} names
 * @param {number} all  How many there are.
 */
function list(names, all) {
  if (names.length === all && all > 1) return all === 2 ? "both layers" : `all ${all} layers`;
  if (names.length > 4) return `${names.length} of ${all} layers`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/**
 * Two significant digits: 7.7, 0.078, 1.9e−4.
 *
 * @param {number} value
 */
export function rough(value) {
  const two = Number(value.toPrecision(2));
  const magnitude = Math.abs(two);
  if (magnitude === 0 || !Number.isFinite(two) || (magnitude >= 1e-3 && magnitude < 1e6)) return short(two);
  return two
    .toExponential(two.toExponential(1).includes(".0e") ? 0 : 1)
    .replace("e+", "e")
    .replaceAll("-", "−");
}

/** @param {number} share */
const percent = (share) => `${Number((share * 100).toPrecision(share < 0.0995 ? 2 : 3))} %`;

/**
 * Shares of the units, from 0 to 1: where there is the most.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
function shares({ layers, values, step }, { noun }) {
  const what = noun.replace(/ units$/, "");
  const mean = step === null ? " on average" : "";
  const most = Math.max(...values.filter((value) => !Number.isNaN(value)));
  if (most === 0) return `no unit is ${what}`;
  const where = layers.filter((_, i) => values[i] === most);
  const others = layers.filter((_, i) => values[i] > 0 && values[i] < most);
  const rest = others.length === 0 && where.length < layers.length ? ", none elsewhere" : "";
  return `${others.length > 0 ? "up to " : ""}${percent(most)} of the units are ${what}${mean}, in ${list(where, layers.length)}${rest}`;
}

/**
 * Logarithms: their sum over the layers is the whole factor.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
function gains({ values }, of) {
  const sum = values.filter((value) => !Number.isNaN(value)).reduce((total, value) => total + value, 0);
  return `${does(of, sum, "delta")} on its way to the first layer`;
}

/**
 * Magnitudes: how they change on the gradient's way, from the last layer to the first.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
function magnitudes(profile, { noun, gradient }) {
  const { layers, values } = profile;
  const zeros = layers.filter((_, i) => values[i] === 0);
  if (zeros.length === layers.length) return `${noun} is 0 in ${list(zeros, layers.length)}`;
  const infinite = layers.filter((_, i) => Math.abs(values[i]) === Number.POSITIVE_INFINITY);
  if (infinite.length > 0) return `${noun} is infinite in ${list(infinite, layers.length)}`;
  const found = ends(profile);
  if (!found) {
    const i = values.findIndex((value) => !Number.isNaN(value));
    return `${noun} is ${short(values[i])} in ${layers[i]}, the only layer with a number`;
  }
  const { first, last, ratio } = found;
  if (ratio === Number.POSITIVE_INFINITY) {
    const reached = layers.find((_, i) => values[i] > 0);
    const none = gradient ? `no gradient reaches ${first}: ` : "";
    return `${none}${noun} is 0 in ${list(zeros, layers.length)}, and ${reached} is the first layer with any`;
  }
  const holes = zeros.length > 0 ? `; it is 0 in ${list(zeros, layers.length)}` : "";
  if (ratio > ALIKE) return `${noun} falls ${fold(ratio)} from ${last} to ${first}${holes}`;
  if (!(ratio > 0)) return `${noun} is 0 in ${list(zeros, layers.length)}`;
  if (ratio < 1 / ALIKE) return `${noun} grows ${fold(1 / ratio)} from ${last} to ${first}${holes}`;
  return `${noun} neither falls nor grows from ${last} to ${first}${holes}`;
}

/**
 * The steps that a mean over the whole training leaves out: "; not a number in all 6 layers at 2 of 50 recorded steps".
 *
 * @param {Profile} profile
 */
function leftOut({ layers, values, whole = [] }) {
  const words = /** @type {const} */ ([
    ["zeros", "0"],
    ["lost", "not a number"],
  ]);
  return words
    .map(([key, what]) => {
      const some = whole.flatMap((one, i) => (one[key] > 0 && one[key] < one.records && values[i] !== 0 ? [i] : []));
      if (some.length === 0) return "";
      const most = some.reduce((a, b) => (whole[b][key] > whole[a][key] ? b : a));
      const upTo = some.some((i) => whole[i][key] < whole[most][key]) ? "up to " : "";
      const where = list(
        some.map((i) => layers[i]),
        layers.length,
      );
      return `; ${what} in ${where} at ${upTo}${count(whole[most][key])} of ${count(whole[most].records)} recorded steps`;
    })
    .join("");
}

/**
 * What a profile shows, in a sentence without the run's name, the step and the full stop.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
export function sentence(profile, of) {
  const { layers, values, step } = profile;
  const lost = layers.filter((_, i) => Number.isNaN(values[i]));
  if (layers.length === 0) return `${of.label} is not recorded`;
  if (Number.isNaN(step)) return "nothing is recorded yet at this step";
  if (lost.length === layers.length) {
    return of.axis === "share"
      ? `the share of ${of.noun} is not a number in ${list(lost, layers.length)}`
      : `${of.axis === "ln_factor" ? of.label : of.noun} is not a number in ${list(lost, layers.length)}`;
  }
  const kinds = { log: magnitudes, share: shares, ln_factor: gains };
  const said = kinds[of.axis](profile, of);
  // For shares and logarithms, 0 means that nothing is wrong.
  const out = of.axis === "log" ? leftOut(profile) : "";
  // Of the gains it is normal that the last layer has none: nothing lies between it and the loss.
  return lost.length > 0 && of.axis !== "ln_factor"
    ? `${said}; no number in ${list(lost, layers.length)}${out}`
    : `${said}${out}`;
}

/**
 * The ratio for a label: "falls 27-fold"; "" if there is none.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
export function ratioLabel(profile, of) {
  const found = of.axis === "log" ? ends(profile) : null;
  if (!found || Number.isNaN(found.ratio) || found.ratio === 0) return "";
  if (found.ratio === Number.POSITIVE_INFINITY) return "vanished";
  if (found.ratio > ALIKE) return `falls ${fold(found.ratio)}`;
  return found.ratio < 1 / ALIKE ? `grows ${fold(1 / found.ratio)}` : "no change";
}
