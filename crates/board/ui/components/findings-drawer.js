// The findings of a run, or which runs have any: over the page, and in its address.

import { badgeWords, orderWords, total, worstFirst } from "../lib/finding-words.js";
import { complete, openFindings, summaries, useDiagnosis } from "../lib/findings.js";
import { count } from "../lib/format.js";
import { html, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { route } from "../lib/route.js";
import { Drawer } from "./drawer.js";
import { FindingItem, LiveItem } from "./finding.js";
import { Healthy, Shape, Unseen } from "./finding-badge.js";

/** @typedef {import("../lib/types.js").Diagnosis} Diagnosis */
/** @typedef {import("../lib/types.js").Summary} Summary */

/** So many runs are listed. */
const LISTED = 200;

const close = () => openFindings(null);

/** @param {{run: string}} properties  "" for all runs. */
export const FindingsDrawer = ({ run }) => html`
  <${Drawer} title=${run === "" ? "Findings" : `Findings: ${run}`} onClose=${close}>
    ${run === "" ? html`<${Overview} />` : html`<${OfRun} key=${run} run=${run} />`}
  </${Drawer}>
`;

/** @param {{run: string}} properties */
function OfRun({ run }) {
  const { data, error } = useDiagnosis(run);
  useValue(route);
  return html`
    <p><button type="button" class="quiet" onClick=${() => openFindings("")}>◂ All runs</button></p>
    ${error && html`<p class="error" role="alert">${error.message}</p>`}
    ${data && html`<${Whole} diagnosis=${data} />`}
    ${data?.findings.map((finding) => html`<${FindingItem} key=${finding.rule} finding=${finding} diagnosis=${data} />`)}
    ${data?.only_live.map((live) => html`<${LiveItem} key=${`${live.rule} ${live.step}`} live=${live} run=${run} />`)}
    ${data && html`<${Looked} diagnosis=${data} />`}
  `;
}

/** What is to be said before all findings. @param {{diagnosis: Diagnosis}} properties */
function Whole({ diagnosis: { findings, looked } }) {
  if (findings.length > 0) return null;
  return looked
    ? html`<p class="finding-whole"><${Healthy} /> Nothing is wrong, as far as the records tell.</p>`
    : html`<p class="finding-whole"><${Unseen} /> Nothing could be judged: there is no evidence, which is not to say that nothing is wrong.</p>`;
}

/** No findings are not the same as nothing to find them in. @param {{diagnosis: Diagnosis}} properties */
export function Looked({ diagnosis: { layers, order, notes = [], not_judged: missing, looked } }) {
  const names = layers.length > 12 ? [...layers.slice(0, 6), "…", ...layers.slice(-6)] : layers;
  return html`
    <section class="finding-looked">
      <h3>What was looked at</h3>
      <p>
        ${!looked && "Nothing."}
        ${looked && layers.length === 0 && "How loss and accuracy go; no layers were recorded."}
        ${looked && layers.length > 0 && html`${count(layers.length)} ${layers.length === 1 ? "layer" : "layers"}, from the input to the output${orderWords(order)}: <span class="finding-names">${names.join(", ")}</span>.`}
      </p>
      ${
        notes.length > 0 &&
        html`
        <h3>What was not looked at</h3>
        <ul>${notes.map((what) => html`<li>${what[0].toUpperCase() + what.slice(1)}.</li>`)}</ul>
      `
      }
      ${
        missing.length > 0 &&
        html`
        <h3>What could not be judged</h3>
        <ul>${missing.map((what) => html`<li>${what[0].toUpperCase() + what.slice(1)}.</li>`)}</ul>
      `
      }
    </section>
  `;
}

function Overview() {
  const found = useValue(summaries);
  const whole = useValue(complete);
  const runs = useValue(catalogue)?.runs ?? [];
  const known = runs.flatMap(({ name }) => found.get(name) ?? []);
  const bad = worstFirst(known.filter((summary) => total(summary) > 0));
  const healthy = known.filter((summary) => summary.looked && total(summary) === 0);
  const unseen = known.filter(({ looked }) => !looked);
  const waiting = runs.length - known.length;
  return html`
    <p class="muted" role="status">
      ${count(bad.length)} of ${count(runs.length)} ${runs.length === 1 ? "run" : "runs"} with findings${whole ? "" : waiting > 0 ? `; ${count(waiting)} still to be looked at` : ""}.
    </p>
    <${Runs} title="" of=${bad} />
    <${Runs} title="No findings" of=${healthy} />
    <${Runs} title="Nothing to judge" of=${unseen} />
    ${bad.length === 0 && known.length === 0 && !whole && html`<p>The runs are being looked at.</p>`}
    <p class="muted small"><code>headwater diagnose</code> says the same on a terminal; <code>headwater diagnose --rules</code> what is looked for.</p>
  `;
}

/** @param {{title: string, of: Summary[]}} properties */
function Runs({ title, of }) {
  if (of.length === 0) return null;
  return html`
    <section>
      ${title && html`<h3>${title} <span class="muted">${count(of.length)}</span></h3>`}
      <ul class="finding-runs">
        ${of.slice(0, LISTED).map(
          (summary) => html`
          <li key=${summary.run}>
            <button type="button" class="quiet" onClick=${() => openFindings(summary.run)}>
              ${summary.worst ? html`<${Shape} severity=${summary.worst.severity} />` : html`<${summary.looked ? Healthy : Unseen} />`}
              <b>${summary.run}</b> ${summary.worst && html`<span class="muted">${badgeWords(summary)}</span>`}
            </button>
          </li>
        `,
        )}
      </ul>
      ${of.length > LISTED && html`<p class="muted small">And ${count(of.length - LISTED)} more.</p>`}
    </section>
  `;
}
