// What a histogram says, in words.

import { count } from "../../lib/format.js";

/** @typedef {import("../../lib/bins.js").Facts} Facts */

/**
 * Three significant digits: what fits under a small picture.
 *
 * @param {number} value
 */
export function brief(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text =
    size >= 1e5 || size < 1e-3
      ? size.toExponential(1).replace(".0e", "e").replace("e+", "e").replace("e-", "e−")
      : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}

/**
 * A share of a whole. "100 %" and "0 %" are only said if they are exactly true.
 *
 * @param {number} share  From 0 to 1.
 */
export function percent(share) {
  if (Number.isNaN(share)) return "NaN";
  if (share === 0 || share === 1) return `${share * 100} %`;
  const value = share * 100;
  if (value < 0.1) return "< 0.1 %";
  if (value > 99.9) return "> 99.9 %";
  return `${Number(value.toFixed(value < 10 || value > 90 ? 1 : 0))} %`;
}

/**
 * How many of the values lie within -1 and 1.
 *
 * @param {Facts} facts
 */
export function within({ inside, exact }) {
  if (inside === 1) return "all within ±1";
  if (inside === 0) return "none within ±1";
  return `${exact ? "" : "about "}${percent(inside)} within ±1`;
}

/**
 * The median. One that is tiny beside the range is where the middle of a bucket around zero happens to lie.
 *
 * @param {Facts} facts
 */
function middle({ low, median, high }) {
  const size = Math.max(Math.abs(low), Math.abs(high));
  return median !== 0 && Math.abs(median) < 1e-6 * size ? "about 0" : brief(median);
}

/**
 * What stands under a picture, in parts that may be put on several lines: the range, what lies within -1 and 1, the median.
 *
 * @param {Facts|null} facts
 * @returns {string[]}
 */
export function caption(facts) {
  if (!facts) return [];
  if (!(facts.count > 0)) return ["no values"];
  if (facts.low === facts.high) return [`all are ${brief(facts.low)}`];
  return [`${brief(facts.low)} to ${brief(facts.high)}`, within(facts), `median ${middle(facts)}`];
}

/**
 * One histogram in a sentence: "layer4: all 100 weights lie between −0.83 and 0.91, half of them below 0.02."
 *
 * @param {string} layer
 * @param {string} noun  What was counted, in the plural.
 * @param {Facts|null} facts
 */
export function sentence(layer, noun, facts) {
  if (!facts) return `${layer}: not read yet`;
  const at = `at step ${count(facts.step)}`;
  if (!(facts.count > 0)) return `${layer}: no values ${at}.`;
  const number = count(Math.round(facts.count));
  if (facts.low === facts.high)
    return `${layer}: ${facts.count > 1 ? "all " : ""}${number} ${noun} are ${brief(facts.low)} ${at}.`;
  const beyond = facts.inside === 1 ? "" : `; ${within(facts)}`;
  return `${layer}: all ${number} ${noun} lie between ${brief(facts.low)} and ${brief(facts.high)} ${at}, half of them below ${middle(facts)}${beyond}.`;
}
