// One finding: what, where, since when, how sure, why, and what to try.

import * as api from "../lib/api.js";
import { copy } from "../lib/copy.js";
import { capital, causeWords, command, ideaOf, ruleWords, sureWord, value } from "../lib/finding-words.js";
import { count } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/html.js";
import { link } from "../lib/route.js";
import { Shape } from "./finding-badge.js";
import { Why } from "./why.js";

/** @typedef {import("../lib/types.js").Finding} Finding */
/** @typedef {import("../lib/types.js").Diagnosis} Diagnosis */
/** @typedef {import("../lib/types.js").Fact} Fact */

/**
 * The text, with each step that it names turned into a link.
 *
 * @param {string} text
 * @param {(step: string) => string} to
 */
const stepped = (text, to) =>
  text
    .split(/\b(step \d[\d,]*\d|step \d)\b/)
    .map((part, i) =>
      i % 2 === 1
        ? html`<a href=${to(part.slice(5).replaceAll(",", ""))} title="See this step in Flow">${part}</a>`
        : part,
    );

/** So many numbers and layers are read before one asks for the others. */
const [FACTS, LAYERS] = [6, 12];

/**
 * @param {object} properties
 * @param {Finding} properties.finding
 * @param {Diagnosis} properties.diagnosis  What it is a part of.
 * @param {boolean} [properties.named]  Whether the run is named: where findings of several stand together.
 */
export function FindingItem({ finding, diagnosis, named = false }) {
  const { rule, run, severity, layers, first_step: first, last_step: last, confidence, cause, evidence } = finding;
  const [all, showAll] = useState(false);
  const flow = (/** @type {Record<string, string|null>} */ more) =>
    link("flow", { findings: null, solo: run, layer: null, step: String(first), ...more });
  const atStep = (/** @type {string} */ step, layer = layers[0] ?? null) => flow({ layer, step });
  const idea = ideaOf(rule, diagnosis);
  return html`
    <article class=${`finding of-${severity}`} aria-label=${`${severity}: ${ruleWords(rule)}`}>
      <h3><${Shape} severity=${severity} /> <span class="finding-severity">${severity}</span> ${ruleWords(rule)}${named && html` <span class="muted">${run}</span>`}</h3>
      <p class="finding-summary">${stepped(`${capital(finding.summary)}.`, atStep)}</p>
      <dl>
        <dt>Where</dt>
        <dd class="finding-places">
          ${layers.length === 0 ? "the whole network" : null}
          ${layers.slice(0, all ? undefined : LAYERS).map((layer) => html`<a class="place" href=${flow({ layer })} title=${`See ${layer} in Flow at step ${count(first)}`}>${layer}</a>`)}
          ${layers.length > LAYERS && !all && html`<button type="button" class="quiet" onClick=${() => showAll(true)}>and ${layers.length - LAYERS} more</button>`}
        </dd>
        <dt>Since</dt>
        <dd class="finding-places">
          <a class="place" href=${atStep(String(first))} title="See this step in Flow">step ${count(first)}</a>
          ${last !== first && html`<span>until</span> <a class="place" href=${atStep(String(last))} title="See this step in Flow">step ${count(last)}</a>`}
        </dd>
        ${
          finding.seen_live !== null &&
          html`<dt>Seen live</dt><dd class="finding-places"><a class="place" href=${atStep(String(finding.seen_live))} title="See this step in Flow">after step ${count(finding.seen_live)}</a></dd>`
        }
        <dt>How sure</dt>
        <dd><i class="finding-sure" style=${{ "--sure": `${100 * confidence}%` }}></i>${confidence.toFixed(2)} <span class="muted">${sureWord(confidence)}</span></dd>
        <dt>To blame</dt>
        <dd>${causeWords(cause)} ${idea && html`<${Why} of=${idea} about=${`${ruleWords(rule)}.`} />`}</dd>
      </dl>
      ${evidence.length > 0 && html`<${Facts} facts=${evidence} atStep=${atStep} />`}
      ${finding.remedies.length > 0 && html`<${Remedies} finding=${finding} />`}
      ${finding.explains.length > 0 && html`<p class="muted small">Explains what else was seen: ${finding.explains.map(ruleWords).join(", ")}.</p>`}
      <${Rule} name=${rule} />
    </article>
  `;
}

/**
 * What a run was told while it trained, and what its finished records do not show.
 *
 * @param {{live: import("../lib/types.js").LiveFinding, run: string}} properties
 */
export function LiveItem({ live, run }) {
  const { rule, severity, step, layers, evidence } = live;
  const atStep = (/** @type {string} */ at, layer = layers[0] ?? null) =>
    link("flow", { findings: null, solo: run, layer, step: at });
  return html`
    <article class=${`finding of-${severity}`} aria-label=${`seen live, ${severity}: ${ruleWords(rule)}`}>
      <h3><${Shape} severity=${severity} /> <span class="finding-severity">${severity}, seen live only</span> ${ruleWords(rule)}</h3>
      <p class="finding-summary">${stepped(`${capital(live.summary)}.`, atStep)}</p>
      <p class="muted small">The run was told after step ${count(step)}. Its finished records do not show it.</p>
      ${evidence.length > 0 && html`<${Facts} facts=${evidence} atStep=${atStep} />`}
    </article>
  `;
}

/**
 * The numbers behind it.
 *
 * @param {object} properties
 * @param {Fact[]} properties.facts
 * @param {(step: string, layer?: string|null) => string} properties.atStep  The address of a step in Flow.
 */
function Facts({ facts, atStep }) {
  const [open, setOpen] = useState(false);
  const has = (/** @type {"layer"|"step"|"threshold"} */ key) => facts.some((fact) => fact[key] !== null);
  const columns = /** @type {const} */ (["layer", "step", "threshold"]).filter(has);
  return html`
    <h4>Why</h4>
    <div class="finding-facts" tabindex="0" role="group" aria-label="Numbers behind it">
      <table>
        <thead><tr><th scope="col">measured</th>${has("layer") && html`<th scope="col">layer</th>`}${has("step") && html`<th scope="col">step</th>`}<th scope="col">value</th>${has("threshold") && html`<th scope="col" title="Where the rule begins to speak">threshold</th>`}</tr></thead>
        <tbody>
          ${facts.slice(0, open ? undefined : FACTS).map(
            (fact) => html`
            <tr>
              <td>${fact.what}</td>
              ${columns.includes("layer") && html`<td>${fact.layer ?? ""}</td>`}
              ${columns.includes("step") && html`<td>${fact.step === null ? "" : html`<a href=${atStep(String(fact.step), fact.layer ?? undefined)} title="See this step in Flow">${count(fact.step)}</a>`}</td>`}
              <td class="finding-value">${value(fact.value)}</td>
              ${columns.includes("threshold") && html`<td>${fact.threshold === null ? "" : value(fact.threshold)}</td>`}
            </tr>
          `,
          )}
        </tbody>
      </table>
    </div>
    ${facts.length > FACTS && html`<button type="button" class="quiet small" aria-expanded=${open} onClick=${() => setOpen(!open)}>${open ? "fewer" : `${facts.length - FACTS} more numbers`}</button>`}
  `;
}

/** What to try, the best first. @param {{finding: Finding}} properties */
const Remedies = ({ finding }) => html`
  <h4>What to try</h4>
  <ol class="finding-remedies">
    ${finding.remedies.map(
      ({ set, advice }) => html`
      <li>
        <span>${capital(advice)}</span>
        ${set !== null && html`<${Command} text=${command(set)} />`}
      </li>
    `,
    )}
  </ol>
`;

/** A piece of a command line, to be copied. @param {{text: string}} properties */
function Command({ text }) {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return undefined;
    const soon = setTimeout(() => say(""), 2000);
    return () => clearTimeout(soon);
  }, [said]);
  return html`
    <span class="finding-command">
      <code>${text}</code>
      <button type="button" class="quiet" aria-label=${`Copy ${text}`} onClick=${async () => say((await copy(text)) ? "copied" : "select it to copy it")}>Copy</button>
      <span class="muted small" role="status">${said}</span>
    </span>
  `;
}

/** What the rule sees, and why that is bad: its documentation. @param {{name: string}} properties */
function Rule({ name }) {
  const [open, setOpen] = useState(false);
  const [{ text, error }, set] = useState({ text: "", error: "" });
  useEffect(() => {
    if (!open || text !== "") return undefined;
    const controller = new AbortController();
    api.json("rule", { name }, controller.signal).then(
      (found) => set({ text: found.html, error: "" }),
      (problem) => controller.signal.aborted || set({ text: "", error: problem.message }),
    );
    return () => controller.abort();
  }, [open, name]);
  return html`
    <details class="finding-rule" data-lively onToggle=${(/** @type {Event} */ event) => setOpen(/** @type {HTMLDetailsElement} */ (event.target).open)}>
      <summary>What this rule sees, and why it is bad</summary>
      ${error && html`<p class="error" role="alert">${error}</p>`}
      ${text && html`<div class="idea" dangerouslySetInnerHTML=${{ __html: text }}></div>`}
    </details>
  `;
}
