// Images, sounds and texts, each as it was at the chosen step.

import { Choice, Empty } from "../components/card.js";
import { StepSlider } from "../components/step-slider.js";
import { html, useMemo, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { isMatching, matched, matcher, READ_AS_TEXT, reading } from "../lib/matching.js";
import { shown, tagsOf } from "../lib/runs.js";
import { Pictures } from "./media/pictures.js";
import { Sounds } from "./media/sounds.js";
import { Texts } from "./media/texts.js";

/** @typedef {{tag: string, name: string, description: string, runs: string[]}} Entry */

/** Tags of one kind that are shown until the reader asks for more. */
const TAGS = 24;

/** @type {{kind: "image"|"audio"|"text", title: string, Content: any}[]} */
const KINDS = [
  { kind: "image", title: "Images", Content: Pictures },
  { kind: "audio", title: "Sounds", Content: Sounds },
  { kind: "text", title: "Texts", Content: Texts },
];

export function View() {
  const names = useValue(shown);
  const all = useValue(catalogue);
  const answers = useValue(matched);
  const [filter, setFilter] = useParameter("tag", "");
  const asText = READ_AS_TEXT[reading(filter)];
  const [size, setSize] = useParameter("msize", "fit");
  const [smooth, setSmooth] = useParameter("msmooth", "");
  const [only, setOnly] = useParameter("mkind", "");
  const [raw, setRaw] = useParameter("mraw", "");
  const found = useMemo(() => KINDS.map(({ kind }) => entries(kind, filter)), [all, names, filter, answers]);
  const any = useMemo(() => KINDS.map(({ kind }) => entries(kind, "").length), [all, names]);
  const present = KINDS.filter((_, i) => any[i] > 0);
  if (present.length === 0) return html`<${NoMedia} any=${names.length > 0} />`;
  const wanted = present.some(({ kind }) => kind === only) ? only : "";
  const texts = any[2] > 0 && (wanted === "" || wanted === "text");
  const images = any[0] > 0 && (wanted === "" || wanted === "image");
  return html`
    <div class="media">
      <div class="toolbar">
        <label class="field"><span>Tags</span>
          <input type="search" id="tag-filter" placeholder="text or regex" value=${filter} onInput=${(/** @type {Event} */ event) => setFilter(/** @type {HTMLInputElement} */ (event.target).value)} />
        </label>
        ${asText && html`<p class="muted small">${asText}</p>`}
        ${present.length > 1 && html`<${Choice} label="Show" options=${[["", "All"], ...present.map(({ kind, title }) => [kind, title])]} value=${wanted} onChange=${setOnly} />`}
        ${images && html`<${Choice} label="Size" options=${[["fit", "Fit"], ["actual", "Actual"]]} value=${size} onChange=${setSize} />`}
        ${images && html`<${Choice} label="Enlarged" options=${[["", "Pixels"], ["1", "Smooth"]]} value=${smooth} onChange=${setSmooth} />`}
        ${texts && html`<${Choice} label="Texts" options=${[["", "Formatted"], ["1", "As logged"]]} value=${raw} onChange=${setRaw} />`}
      </div>
      ${KINDS.map(
        ({ kind, title, Content }, i) =>
          any[i] > 0 &&
          (wanted === "" || wanted === kind) &&
          html`
        <${Kind} key=${kind} kind=${kind} title=${title} found=${found[i]} filter=${filter}>
          ${(/** @type {Entry} */ entry) => html`<${Content} key=${entry.tag} entry=${entry} size=${size} smooth=${smooth === "1"} raw=${raw === "1"} />`}
        </${Kind}>
      `,
      )}
      <${StepSlider} />
    </div>
  `;
}

/**
 * The tags of a kind whose names pass the filter.
 *
 * @param {"image"|"audio"|"text"} kind
 * @param {string} filter
 * @returns {Entry[]}
 */
function entries(kind, filter) {
  const wanted = matcher(filter);
  return [...tagsOf(kind).values()]
    .map(({ tag, runs }) => ({ tag: tag.tag, name: tag.name || tag.tag, description: tag.description, runs }))
    .filter(({ tag, name }) => wanted(tag) || wanted(name));
}

/** @param {{kind: string, title: string, found: Entry[], filter: string, children?: any}} properties */
function Kind({ kind, title, found, filter, children }) {
  const [moreText, setMore] = useParameter(`m${kind}`, String(TAGS));
  const most = Number(moreText) || TAGS;
  const draw = Array.isArray(children) ? children[0] : children;
  return html`
    <section class="media-kind" aria-label=${title}>
      <h2>${title} <span class="muted small">${found.length} ${found.length === 1 ? "tag" : "tags"}</span></h2>
      ${found.length === 0 && !isMatching(filter) && html`<p class="muted">No tag matches "${filter}".</p>`}
      ${found.slice(0, most).map(draw)}
      ${found.length > most && html`<button type="button" onClick=${() => setMore(String(most + TAGS))}>Show ${Math.min(TAGS, found.length - most)} more of ${found.length}</button>`}
    </section>
  `;
}

/** @param {{any: boolean}} properties */
const NoMedia = ({ any }) => html`
  <${Empty} title=${any ? "None of the shown runs has images, sounds or texts" : "No run is shown"}>
    <p>Show a run that has them on the left, or record them. PyTorch:</p>
    <pre>${`writer.add_image("input", image, step)
writer.add_audio("speech", samples, step, sample_rate=16000)
writer.add_text("notes", "**Markdown**", step)`}</pre>
    <p>TensorFlow:</p>
    <pre>${`tf.summary.image("input", images, step)
tf.summary.audio("speech", samples, sample_rate, step)
tf.summary.text("notes", "**Markdown**", step)`}</pre>
  </${Empty}>
`;
