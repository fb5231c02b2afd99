// Findings in words: what stands in a badge, a mark and the drawer.

import { count, number, short } from "./format.js";

/** @typedef {import("./types.js").Severity} Severity */
/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Diagnosis} Diagnosis */
/** @typedef {import("./types.js").Fact} Fact */

/** The worst first. @type {Severity[]} */
export const SEVERITIES = ["error", "warning", "note"];

/** How bad it is, for sorting: 3, 2, 1, and 0 if nothing is. @param {Severity|undefined} severity */
export const badness = (severity) => (severity ? SEVERITIES.length - SEVERITIES.indexOf(severity) : 0);

/** "dead_units" is "dead units". @param {string} rule */
export const ruleWords = (rule) => rule.replaceAll("_", " ");

/** @param {Summary} summary */
export const total = ({ errors, warnings, notes }) => errors + warnings + notes;

/**
 * What a badge says: "2 findings, worst: vanishing (error)".
 *
 * @param {Summary} summary
 */
export function badgeWords(summary) {
  const all = total(summary);
  if (!summary.worst) return summary.looked ? "no findings" : "nothing to judge in its records";
  const { rule, severity } = summary.worst;
  if (all === 1) return `1 finding: ${ruleWords(rule)} (${severity})`;
  return `${count(all)} findings, worst: ${ruleWords(rule)} (${severity})`;
}

/**
 * Several runs as one, with the run that is worst off.
 *
 * @param {Summary[]} summaries
 * @returns {Summary|null}  Null of none.
 */
export function together(summaries) {
  if (summaries.length === 0) return null;
  const sum = (/** @type {"errors"|"warnings"|"notes"} */ key) => summaries.reduce((all, one) => all + one[key], 0);
  const worst = summaries.reduce((a, b) => (badness(b.worst?.severity) > badness(a.worst?.severity) ? b : a));
  return {
    ...worst,
    errors: sum("errors"),
    warnings: sum("warnings"),
    notes: sum("notes"),
    looked: summaries.some(({ looked }) => looked),
  };
}

/**
 * Runs in the order in which they need help; those that are as badly off in their own.
 *
 * @param {Summary[]} summaries
 */
export const worstFirst = (summaries) =>
  [...summaries].sort(
    (a, b) => badness(b.worst?.severity) - badness(a.worst?.severity) || b.errors - a.errors || b.warnings - a.warnings,
  );

/** "steps 0 to 280", "step 40". @param {{first_step: number, last_step: number}} finding */
export const stepWords = ({ first_step: first, last_step: last }) =>
  first === last ? `step ${count(first)}` : `steps ${count(first)} to ${count(last)}`;

/** How sure, in a word. @param {number} confidence  From 0 to 1. */
export const sureWord = (confidence) =>
  confidence >= 0.9 ? "very sure" : confidence >= 0.7 ? "sure" : confidence >= 0.5 ? "likely" : "perhaps";

/** A factor as a sentence names it; one that this page does not know, as it is. @type {Record<string, string>} */
const CAUSES = {
  activation: "the activation’s slope f′",
  weights: "the weights",
  normalisation: "the normalisation",
  learning_rate: "the learning rate",
  data: "the data",
  loss: "the loss",
  capacity: "the network’s capacity",
  regularisation: "dropout or weight decay",
  unknown: "not known from these records",
};

/** @param {string} cause */
export const causeWords = (cause) => (Object.hasOwn(CAUSES, cause) ? CAUSES[cause] : ruleWords(cause));

/** How the order of layers is known. @type {Record<string, string>} */
const ORDERS = {
  names: "by their names",
  records: "by the order of their first records",
  graph: "by the graph that was recorded",
  network: "by the network record",
};

/** @param {string|undefined} order */
export const orderWords = (order) => (order && Object.hasOwn(ORDERS, order) ? `, ${ORDERS[order]}` : "");

/**
 * The idea that explains what a rule sees, if one does.
 *
 * @param {string} rule
 * @param {Diagnosis} diagnosis  What the rule's finding is a part of.
 */
export const ideaOf = (rule, { ideas }) => (Object.hasOwn(ideas, rule) ? ideas[rule] : null);

/** A number of JSON, which has none for NaN and infinities. @param {number|null} value */
export const value = (value) => (value === null ? "not finite" : short(number(value)));

/**
 * A setting as a shell takes it: `--set network.init=he_normal`, quoted where it must be.
 *
 * @param {string} set
 */
export function command(set) {
  const plain = /^[\w.=+:/@%^-]+$/.test(set);
  return `--set ${plain ? set : `'${set.replaceAll("'", `'\\''`)}'`}`;
}

/**
 * A sentence with a capital, unless it begins with a name such as `layer1`.
 *
 * @param {string} text
 */
export const capital = (text) => (/^[a-z]+ /.test(text) ? text[0].toUpperCase() + text.slice(1) : text);
