// Precision against recall, at the chosen step: one chart for each tag, with all shown runs that have it.

import { Empty } from "../components/card.js";
import { StepSlider } from "../components/step-slider.js";
import { html, useMemo, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { isMatching, matched, matcher, READ_AS_TEXT, reading } from "../lib/matching.js";
import { shown, tagsOf } from "../lib/runs.js";
import { Chart } from "./pr/chart.js";

/** Charts that are drawn until the reader asks for more. */
const CHARTS = 24;

export function View() {
  const names = useValue(shown);
  const all = useValue(catalogue);
  useValue(matched);
  const [filter, setFilter] = useParameter("tag", "");
  const [most, setMost] = useParameter("prmost", String(CHARTS));
  const entries = useMemo(() => [...tagsOf("pr_curve").values()], [all, names]);
  if (entries.length === 0) {
    return html`
      <${Empty} title=${names.length > 0 ? "None of the shown runs has PR curves" : "No run is shown"}>
        <p>Show a run that has them on the left, or record them. PyTorch:</p>
        <pre>writer.add_pr_curve("cats", labels, probabilities, step)</pre>
        <p>TensorBoard's plugin:</p>
        <pre>${`from tensorboard.plugins.pr_curve import summary
summary.pb("cats", labels, predictions, num_thresholds=127)`}</pre>
      </${Empty}>
    `;
  }
  const wanted = matcher(filter);
  const asText = READ_AS_TEXT[reading(filter)];
  const found = entries.filter(({ tag }) => wanted(tag.tag) || wanted(tag.name));
  const number = Number(most) || CHARTS;
  return html`
    <div class="pr">
      <div class="toolbar">
        <label class="field"><span>Tags</span>
          <input type="search" id="tag-filter" placeholder="text or regex" value=${filter} onInput=${(/** @type {Event} */ event) => setFilter(/** @type {HTMLInputElement} */ (event.target).value)} />
        </label>
        ${asText && html`<p class="muted small">${asText}</p>`}
        <p class="muted small">${found.length} ${found.length === 1 ? "tag" : "tags"}</p>
      </div>
      ${found.length === 0 && !isMatching(filter) && html`<p class="muted">No tag matches "${filter}".</p>`}
      <div class="cards">${found.slice(0, number).map(({ tag, runs }) => html`<${Chart} key=${tag.tag} tag=${tag} runs=${runs} />`)}</div>
      ${found.length > number && html`<button type="button" onClick=${() => setMost(String(number + CHARTS))}>More of ${found.length}</button>`}
      <${StepSlider} />
    </div>
  `;
}
