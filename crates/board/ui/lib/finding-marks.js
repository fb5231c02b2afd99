// Which layers and which charts a finding is drawn on.

import { badness, ruleWords, stepWords } from "./finding-words.js";

/** @typedef {import("./types.js").Diagnosis} Diagnosis */
/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./types.js").Severity} Severity */

/**
 * @typedef {object} Mark  A finding on an axis of steps, of one run or of several.
 * @property {string} rule
 * @property {Severity} severity
 * @property {string} cause
 * @property {string} run  The one that has it for the longest.
 * @property {number} runs
 * @property {number} from
 * @property {number} to
 * @property {string} said
 */

/**
 * The marks of a tag's chart: findings of one rule together, the worst first.
 *
 * @param {string} tag
 * @param {Diagnosis[]} diagnoses
 * @returns {Mark[]}
 */
export function chartMarks(tag, diagnoses) {
  /** @type {Map<string, Finding[]>} */
  const byRule = new Map();
  for (const { findings, marks } of diagnoses) {
    if (!Object.hasOwn(marks, tag)) continue;
    for (const index of marks[tag]) {
      const finding = findings[index];
      const key = `${finding.severity} ${finding.rule}`;
      byRule.set(key, [...(byRule.get(key) ?? []), finding]);
    }
  }
  const marks = [...byRule.values()].map((all) => {
    const longest = all.reduce((a, b) => (b.last_step - b.first_step > a.last_step - a.first_step ? b : a));
    const { rule, severity, cause, run, summary } = longest;
    const from = Math.min(...all.map(({ first_step }) => first_step));
    const to = Math.max(...all.map(({ last_step }) => last_step));
    const others = all.length > 1 ? ` and ${all.length - 1} more` : "";
    const said = `${severity}: ${ruleWords(rule)}, ${stepWords({ first_step: from, last_step: to })}. ${run}${others}: ${summary}`;
    return { rule, severity, cause, run, runs: all.length, from, to, said };
  });
  return marks.sort((a, b) => badness(b.severity) - badness(a.severity));
}

/**
 * Where a mark lies, in pixels; null if none of it is to be seen.
 *
 * @param {Mark} mark
 * @param {import("./plot.js").Plot} frame
 * @returns {{left: number, width: number}|null}
 */
export function extent({ from, to }, { box, x }) {
  // What has no place on a logarithmic axis, step 0, lies left of it.
  const place = (/** @type {number} */ step) => (Number.isNaN(x.place(step)) ? box.left : x.place(step));
  const [a, b] = [place(from), place(to)];
  if (b < box.left || a > box.right) return null;
  const left = Math.max(a, box.left);
  return { left, width: Math.max(Math.min(b, box.right) - left, 5) };
}

/**
 * @typedef {object} LayerMark  What the findings say of a layer.
 * @property {Severity} severity  The worst.
 * @property {string[]} said  "vanishing (error), steps 0 to 280", the worst first.
 */

/**
 * The layers that findings are about.
 *
 * @param {Diagnosis[]} diagnoses
 * @returns {Map<string, LayerMark>}
 */
export function layerMarks(diagnoses) {
  const findings = diagnoses.flatMap(({ findings }) => findings);
  findings.sort((a, b) => badness(b.severity) - badness(a.severity));
  /** @type {Map<string, LayerMark>} */
  const found = new Map();
  for (const finding of findings) {
    const said = `${ruleWords(finding.rule)} (${finding.severity}), ${stepWords(finding)}`;
    for (const layer of finding.layers) {
      const known = found.get(layer);
      if (!known) found.set(layer, { severity: finding.severity, said: [said] });
      else if (!known.said.includes(said)) known.said.push(said);
    }
  }
  return found;
}

/**
 * What is marked, in a sentence for those who do not see it: "Findings: layer1, layer2: vanishing (error), steps 0 to 9."
 *
 * @param {Map<string, LayerMark>} marks
 */
export function layerMarksSaid(marks) {
  /** @type {Map<string, string[]>} */
  const bySaid = new Map();
  for (const [layer, { said }] of marks) {
    for (const one of said) bySaid.set(one, [...(bySaid.get(one) ?? []), layer]);
  }
  if (bySaid.size === 0) return "";
  return ` Findings: ${[...bySaid].map(([said, layers]) => `${layers.join(", ")}: ${said}`).join("; ")}.`;
}
