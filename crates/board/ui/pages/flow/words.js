// What is seen, in a sentence.

import { fold, short } from "../../lib/format.js";

/** @typedef {import("../../lib/flow.js").Profile} Profile */
/** @typedef {import("./quantity.js").Quantity} Quantity */

/** Within this factor nothing is said to fall or to grow. */
const ALIKE = 1.25;

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
export function ends({ layers, values }) {
  const known = layers.map((_, i) => i).filter((i) => !Number.isNaN(values[i]));
  if (known.length < 2) return null;
  const [a, b] = [known[0], known[known.length - 1]];
  return { first: layers[a], last: layers[b], ratio: values[b] / values[a] };
}

/**
 * Names in a row: "layer1, layer2 and layer3"; of many, how many.
 *
 * @param {string[]} names
 * @param {number} all  How many there are.
 */
function list(names, all) {
  if (names.length === all) return all === 1 ? names[0] : `all ${all} layers`;
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
function fractions({ layers, values }, { noun }) {
  const what = noun.replace(/ units$/, "");
  const most = Math.max(...values.filter((value) => !Number.isNaN(value)));
  if (most === 0) return `no unit is ${what}`;
  const where = layers.filter((_, i) => values[i] === most);
  const others = layers.filter((_, i) => values[i] > 0 && values[i] < most);
  const rest = others.length === 0 && where.length < layers.length ? ", none elsewhere" : "";
  return `${others.length > 0 ? "up to " : ""}${percent(most)} of the units are ${what}, in ${list(where, layers.length)}${rest}`;
}

/**
 * Logarithms: their sum over the layers is the whole factor.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
function gains({ values }, { noun }) {
  const sum = values.filter((value) => !Number.isNaN(value)).reduce((total, value) => total + value, 0);
  const factor = Math.exp(sum);
  if (factor === 0) return `the ${noun} takes all of δ away on its way to the first layer`;
  if (factor <= ALIKE && factor >= 1 / ALIKE)
    return `the ${noun} leaves δ as it is: ×${rough(factor)} on its way to the first layer`;
  return `the ${noun} makes δ ${fold(factor > 1 ? factor : 1 / factor)} ${factor > 1 ? "larger" : "smaller"} on its way to the first layer`;
}

/**
 * Magnitudes: how they change on the gradient's way, from the last layer to the first.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
function magnitudes(profile, { noun, plural }) {
  const { layers, values } = profile;
  const [is, falls, grows] = plural ? ["are", "fall", "grow"] : ["is", "falls", "grows"];
  const zeros = layers.filter((_, i) => values[i] === 0);
  if (zeros.length === layers.length) return `the ${noun} ${is} zero in ${list(zeros, layers.length)}`;
  const infinite = layers.filter((_, i) => Math.abs(values[i]) === Number.POSITIVE_INFINITY);
  if (infinite.length > 0) return `the ${noun} ${is} infinite in ${list(infinite, layers.length)}`;
  const found = ends(profile);
  if (!found) {
    const i = values.findIndex((value) => !Number.isNaN(value));
    return `the ${noun} ${is} ${short(values[i])} in ${layers[i]}, the only layer with a number`;
  }
  const { first, last, ratio } = found;
  if (ratio === Number.POSITIVE_INFINITY) {
    const reached = layers.find((_, i) => values[i] > 0);
    return `no ${noun} ${plural ? "reach" : "reaches"} ${first}: zero in ${list(zeros, layers.length)}, and the first layer with any is ${reached}`;
  }
  const holes = zeros.length > 0 ? `; zero in ${list(zeros, layers.length)}` : "";
  if (ratio > ALIKE) return `the ${noun} ${falls} ${fold(ratio)} from ${last} to ${first}${holes}`;
  if (!(ratio > 0)) return `the ${noun} ${is} zero in ${list(zeros, layers.length)}`;
  if (ratio < 1 / ALIKE) return `the ${noun} ${grows} ${fold(1 / ratio)} from ${last} to ${first}${holes}`;
  const share = `${Number((1 / ratio).toPrecision(2))} of ${last}’s${holes}`;
  return plural ? `the ${noun} of ${first} are at ${share}` : `the ${noun} reaches ${first} at ${share}`;
}

/**
 * What a profile shows, without the run's name and without a full stop.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
export function sentence(profile, of) {
  const { layers, values } = profile;
  const lost = layers.filter((_, i) => Number.isNaN(values[i]));
  const is = of.plural ? "are" : "is";
  if (layers.length === 0) return `no ${of.noun} ${is} recorded`;
  if (lost.length === layers.length) return `the ${of.noun} ${is} not a number in ${list(lost, layers.length)}`;
  const kinds = { log: magnitudes, fraction: fractions, signed: gains };
  const said = kinds[of.kind](profile, of);
  // Of the gains it is normal that the last layer has none: nothing lies between it and the loss.
  return lost.length > 0 && of.kind !== "signed" ? `${said}; no number in ${list(lost, layers.length)}` : said;
}

/**
 * The ratio for a label: "36-fold", with "grows" for what grows; "" where there is none.
 *
 * @param {Profile} profile
 * @param {Quantity} of
 */
export function ratioLabel(profile, of) {
  const found = of.kind === "log" ? ends(profile) : null;
  if (!found || Number.isNaN(found.ratio)) return "";
  if (found.ratio === Number.POSITIVE_INFINITY) return "vanished";
  if (found.ratio === 0) return "";
  return found.ratio >= 1 ? fold(found.ratio) : `grows ${fold(1 / found.ratio)}`;
}
