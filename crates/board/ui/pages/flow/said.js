// The sentences about the runs, the sickest first.

import { Select } from "../../components/card.js";
import { factored } from "../../components/factored.js";
import { Shape } from "../../components/finding-badge.js";
import { Why } from "../../components/why.js";
import { badness, ruleWords, stepWords } from "../../lib/finding-words.js";
import { useDiagnoses } from "../../lib/findings.js";
import { count } from "../../lib/format.js";
import { html, useState, useValue } from "../../lib/html.js";
import { link, route } from "../../lib/route.js";
import { quantity } from "./quantity.js";
import { when } from "./words.js";

/** @typedef {import("../flow.js").Seen} Seen */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("../../lib/types.js").Finding} Finding */

/** Sentences that are shown before the reader asks for the rest. */
const SENTENCES = 6;

/** "over the whole training", or "at step 120". @param {number|null} step  Null for the whole training. */
export const place = (step) => (step === null ? "over the whole training" : `at step ${count(step)}`);

/**
 * What a mean over the whole training covers: "mean of 50 recorded steps, 0 to 999"; "" at a step, or if the runs differ.
 *
 * @param {Seen[]} seen
 * @param {Quantity} of
 */
function records(seen, of) {
  const kind = of.geometric ? "geometric mean" : "mean";
  const said = new Set(
    seen.map(({ data: { steps, runs }, profile: { whole = [] } }) => {
      const most = Math.max(0, ...whole.map((one) => one.records)) / runs;
      if (!(most > 1 && Number.isInteger(most))) return "";
      // A column of several steps is labelled with its last step, so only single steps give the range.
      const range = most === steps.length ? `, ${count(steps[0])} to ${count(steps[steps.length - 1])}` : "";
      return `${kind} of ${count(most)} recorded steps${range}`;
    }),
  );
  const [means] = said.size === 1 ? said : [""];
  return means && seen.some(({ data }) => data.runs > 1) ? `${means}; of several runs the median` : means;
}

/**
 * @param {object} properties
 * @param {Seen[]} properties.seen
 * @param {Quantity} properties.of
 * @param {number|null} properties.step
 * @param {string[]} properties.keys
 * @param {(key: string) => void} properties.choose
 * @param {string} properties.layer  The one that is pointed out; "" for none.
 * @param {(layer: string) => void} properties.onLayer
 */
export function Said({ seen, of, step, keys, choose, layer, onLayer }) {
  const [open, setOpen] = useState(false);
  const diagnoses = useDiagnoses();
  const first = seen[0]?.profile.layers[0] ?? "";
  const options = /** @type {[string, string][]} */ (keys.map((key) => [key, quantity(key).label]));
  const where = place(step);
  const means = records(seen, of);
  return html`
    <div class="flow-said">
      <h2>Does the gradient reach ${first !== "" && first.length < 12 ? first : "the first layer"}? <${Why} of="vanishing" about="Vanishing gradients." /></h2>
      <p class="flow-when">
        <span data-lively><${Select} label=${`${where},`} options=${options} value=${of.key} onChange=${choose} /></span>
        ${layer !== "" && html`<button type="button" class="pill flow-layer" title="Point it out no more" aria-label=${`${layer} is pointed out; no more`} onClick=${() => onLayer("")}>${layer} <span aria-hidden="true">✕</span></button>`}
        <span class="flow-printed">${where}: ${of.label}</span>
        ${means && html`<span class="muted flow-records">${means}</span>`}
      </p>
      <ul>
        ${seen.slice(0, open ? undefined : SENTENCES).map(
          ({ group, profile, said }) => html`
          <li key=${group.key}><i style=${{ background: group.colour }}></i><span><b>${group.label}</b>${when(profile) && `, ${when(profile)}`}: ${factored(said, true)}.${" "}<${Worst} findings=${group.runs.flatMap((run) => diagnoses.get(run)?.findings ?? [])} /></span></li>
        `,
        )}
      </ul>
      ${seen.length > SENTENCES && html`<button type="button" class="quiet" aria-expanded=${open} onClick=${() => setOpen(!open)}>${open ? "fewer" : `and ${seen.length - SENTENCES} more`}</button>`}
    </div>
  `;
}

/** The worst finding, with a link to its first step. If several runs have it, the one that lasts longest is shown. @param {{findings: Finding[]}} properties */
function Worst({ findings }) {
  useValue(route);
  if (findings.length === 0) return null;
  const lasts = (/** @type {Finding} */ one) => one.last_step - one.first_step;
  const worst = findings.reduce((a, b) => {
    const worse = badness(b.severity) - badness(a.severity);
    return worse > 0 || (worse === 0 && b.rule === a.rule && lasts(b) > lasts(a)) ? b : a;
  });
  const { severity, rule, first_step: step, layers } = worst;
  const to = link("flow", { step: String(step), layer: layers[0] ?? null });
  return html`<a class="flow-finding" href=${to} title=${`See step ${count(step)}`}><${Shape} severity=${severity} /> <span>${severity}: ${ruleWords(rule)}, ${stepWords(worst)}</span></a>`;
}
