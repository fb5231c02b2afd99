// The findings of the shown runs, as a part of a report.

import { total } from "../lib/finding-words.js";
import { shownDiagnoses, summaries } from "../lib/findings.js";
import { count } from "../lib/format.js";
import { html, render } from "../lib/html.js";
import { shown } from "../lib/runs.js";
import { FindingItem, LiveItem } from "./finding.js";
import { Looked } from "./findings-drawer.js";

/** So many runs' findings are written out. */
const RUNS = 24;

/** @returns {Promise<Element>} */
export async function reported() {
  const diagnoses = [...(await shownDiagnoses()).values()];
  const known = shown.peek().flatMap((run) => summaries.peek().get(run) ?? []);
  const healthy = known.filter((summary) => summary.looked && total(summary) === 0).map(({ run }) => run);
  const unseen = known.filter(({ looked }) => !looked).map(({ run }) => run);
  const waiting = shown.peek().length - known.length;
  const box = document.createElement("div");
  render(
    html`
    <section class="report-findings">
      <h2>Findings</h2>
      ${diagnoses.slice(0, RUNS).map(
        (diagnosis) => html`
        <section>
          <h3 class="report-run">${diagnosis.run}</h3>
          ${diagnosis.findings.map((finding) => html`<${FindingItem} finding=${finding} diagnosis=${diagnosis} />`)}
          ${diagnosis.only_live.map((live) => html`<${LiveItem} live=${live} run=${diagnosis.run} />`)}
          <${Looked} diagnosis=${diagnosis} />
        </section>
      `,
      )}
      ${diagnoses.length > RUNS && html`<p>And of ${count(diagnoses.length - RUNS)} more runs.</p>`}
      ${healthy.length > 0 && html`<p>No findings: ${healthy.join(", ")}.</p>`}
      ${unseen.length > 0 && html`<p>Nothing could be judged: ${unseen.join(", ")}.</p>`}
      ${waiting > 0 && html`<p>Not looked at yet: ${count(waiting)} of the shown runs.</p>`}
    </section>
  `,
    box,
  );
  return /** @type {Element} */ (box.firstElementChild);
}
