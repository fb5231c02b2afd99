// Flow: does the gradient reach the first layers? The first page that is seen.

import { Select } from "../components/card.js";
import { FindingBadge } from "../components/finding-badge.js";
import { Why } from "../components/why.js";
import { StepSlider } from "../components/step-slider.js";
import { layerMarks, layerMarksSaid } from "../lib/finding-marks.js";
import { together } from "../lib/finding-words.js";
import { summaries, useDiagnoses } from "../lib/findings.js";
import { domain as domainOf, merge, profileAt } from "../lib/flow.js";
import { html, useMemo, useRef, useState, useValue, useVisible } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { groups as groupsSignal, shown } from "../lib/runs.js";
import { at } from "../lib/scrub.js";
import { BlameBars } from "./flow/blame.js";
import { keyOf, useFlows, useRemembered } from "./flow/data.js";
import { anchored, DELTA, EXPECTED, expectation } from "./flow/expected.js";
import { stepsOf } from "./flow/heat.js";
import { Heatmap, heightOf, MARK, sideOf } from "./flow/heatmap.js";
import { Legend } from "./flow/legend.js";
import { Missing } from "./flow/missing.js";
import { Profile } from "./flow/profile.js";
import { FIRST, offered, quantity } from "./flow/quantity.js";
import { ends, ratioLabel, sentence } from "./flow/words.js";

/** @typedef {import("../lib/flow.js").Merged} Merged */
/** @typedef {import("../lib/flow.js").Profile} AtStep */
/** @typedef {import("../lib/types.js").Group} Group */
/** @typedef {import("./flow/quantity.js").Quantity} Quantity */
/** @typedef {{group: Group, data: Merged, profile: AtStep, expected: number[]|null, said: string}} Seen  A group, what is seen of it, and what theory expected. */

/** So many groups can be looked at; a filter finds the others. */
const GROUPS = 60;

/** So many sentences are read before one asks for the others. */
const SENTENCES = 6;

export function View() {
  const all = useValue(catalogue);
  const names = useValue(shown);
  const keys = useMemo(() => (all ? offered(all, names) : []), [all, names]);
  if (keys.length === 0) return html`<${Missing} none=${names.length === 0} />`;
  return html`<${Flow} keys=${keys} />`;
}

/** @param {{keys: string[]}} properties  The quantities that the shown runs offer. */
function Flow({ keys }) {
  const every = useValue(groupsSignal);
  const groups = useMemo(() => every.slice(0, GROUPS), [every]);
  const step = useValue(at);
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const [chosen, choose] = useParameter("q", "");
  const key = keys.includes(chosen) ? chosen : keys.includes(FIRST) ? FIRST : keys[0];
  const of = quantity(key);
  const wanted = useMemo(
    () =>
      groups.flatMap(({ runs }) =>
        (key === DELTA ? [key, EXPECTED] : [key]).flatMap((quantity) => runs.map((run) => ({ run, quantity }))),
      ),
    [groups, key],
  );
  const { flows, error } = useFlows(wanted, true);
  const logarithmic = of.kind === "log";
  const remembered = useRemembered();
  const merged = useMemo(
    () =>
      groups.flatMap((group) => {
        const own = group.runs.flatMap((run) => flows.get(keyOf({ run, quantity: key })) ?? []);
        const data = remembered(group.key, own, () => merge(own, logarithmic));
        const expected = group.runs.flatMap((run) => flows.get(keyOf({ run, quantity: EXPECTED })) ?? []);
        const theory =
          key === DELTA ? remembered(`${group.key}\n${EXPECTED}`, expected, () => merge(expected, false)) : null;
        return data ? [{ group, data, theory }] : [];
      }),
    [groups, flows, key],
  );
  const seen = merged.map(({ group, data, theory }) => {
    const profile = profileAt(data, step);
    const before = theory ? profileAt(theory, step) : null;
    const also = before ? expectation(before) : "";
    const said = also ? `${sentence(profile, of)}; ${also}` : sentence(profile, of);
    return { group, data, profile, expected: before ? anchored(profile, before) : null, said };
  });
  const [layer, setLayer] = useParameter("layer", "");
  const without = groups.filter(({ runs }) => runs.every((run) => flows.get(keyOf({ run, quantity: key })) === null));
  return html`
    <div class="flow" ref=${box}>
      <div class="flow-hero">
        <${Said} seen=${seen} of=${of} step=${step} keys=${keys} choose=${choose} layer=${layer} onLayer=${setLayer} />
        <${Lines} seen=${seen} of=${of} step=${step} layer=${layer} />
      </div>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      <${Panels} seen=${seen} of=${of} step=${step} without=${without} layer=${layer} />
      ${every.length > GROUPS && html`<p class="muted flow-note">The first ${GROUPS} of ${every.length} are shown. A filter or a grouping on the left shows others.</p>`}
      <${BlameBars} groups=${groups} offered=${keys} step=${step} visible=${visible} />
      <${StepSlider} />
    </div>
  `;
}

/** A sentence with its ratio in bold. @param {string} said */
const emphasised = (said) => said.split(/(\S+-fold)/).map((part, i) => (i % 2 === 1 ? html`<b>${part}</b>` : part));

/**
 * What is seen, in words; of many groups, the worst first.
 *
 * @param {object} properties
 * @param {Seen[]} properties.seen
 * @param {Quantity} properties.of
 * @param {number} properties.step
 * @param {string[]} properties.keys
 * @param {(key: string) => void} properties.choose
 * @param {string} properties.layer  The one that is pointed out; "" for none.
 * @param {(layer: string) => void} properties.onLayer
 */
function Said({ seen, of, step, keys, choose, layer, onLayer }) {
  const [open, setOpen] = useState(false);
  const severity = (/** @type {Seen} */ { profile }) => ends(profile)?.ratio ?? 0;
  const sorted = seen.length > SENTENCES ? [...seen].sort((a, b) => severity(b) - severity(a)) : seen;
  const first = seen[0]?.profile.layers[0] ?? "";
  const options = /** @type {[string, string][]} */ (keys.map((key) => [key, quantity(key).label]));
  return html`
    <div class="flow-said">
      <h2>Does the gradient reach ${first !== "" && first.length < 12 ? first : "the first layer"}? <${Why} of="vanishing" about="Vanishing gradients." /></h2>
      <p class="flow-when">
        <span data-lively><${Select} label="at step ${step.toLocaleString("en")}," options=${options} value=${of.key} onChange=${choose} /></span>
        ${layer !== "" && html`<button type="button" class="pill flow-layer" title="Point it out no more" aria-label=${`${layer} is pointed out; no more`} onClick=${() => onLayer("")}>${layer} <span aria-hidden="true">✕</span></button>`}
        <span class="flow-printed">at step ${step.toLocaleString("en")}: ${of.label}</span>
      </p>
      <ul>
        ${sorted.slice(0, open ? undefined : SENTENCES).map(
          ({ group, said }) => html`
          <li key=${group.key}><i style=${{ background: group.colour }}></i><span><b>${group.label}</b>: ${emphasised(said)}.</span></li>
        `,
        )}
      </ul>
      ${sorted.length > SENTENCES && html`<button type="button" class="quiet" aria-expanded=${open} onClick=${() => setOpen(!open)}>${open ? "fewer" : `and ${sorted.length - SENTENCES} more`}</button>`}
    </div>
  `;
}

/** @param {{seen: Seen[], of: Quantity, step: number, layer: string}} properties */
function Lines({ seen, of, step, layer }) {
  // A network's own layers: of several networks the deepest one's, and what others call otherwise behind.
  const layers = useMemo(() => {
    const sorted = [...seen].sort((a, b) => b.data.layers.length - a.data.layers.length);
    return [...new Set(sorted.flatMap(({ data }) => data.layers))];
  }, [seen.map(({ data }) => data.layers.join("\t")).join("\n")]);
  const axis = useMemo(
    () =>
      domainOf(
        seen.map(({ data }) => data),
        of.kind,
      ),
    [...key(seen), of.key],
  );
  const lines = useMemo(
    () =>
      seen.map(({ group, profile, expected }) => {
        const places = layers.map((name) => profile.layers.indexOf(name));
        const pick = (/** @type {number[]} */ all) => places.map((i) => (i < 0 ? Number.NaN : all[i]));
        const { values, low, high } = profile;
        return {
          name: group.label,
          note: ratioLabel(profile, of),
          colour: group.colour,
          values: pick(values),
          low: pick(low),
          high: pick(high),
          expected: expected ? pick(expected) : null,
        };
      }),
    [...key(seen), seen.map(({ expected }) => expected !== null).join(), step, of.key],
  );
  if (!axis) return html`<div class="flow-lines"></div>`;
  const label = `${of.label} along the layers at step ${step}. ${seen.map(({ group, said }) => `${group.label}: ${said}.`).join(" ")}`;
  return html`
    <div class="flow-lines">
      <${Profile} lines=${lines} layers=${layers} of=${of} domain=${axis} step=${step} layer=${layer} height=${290} label=${label} />
      ${lines.some(({ expected }) => expected) && html`<p class="muted flow-note">Dashed: what theory expected before the first step, from the last layer’s value on. <${Why} of="mean-field" about="What theory expects." /></p>`}
    </div>
  `;
}

/** What changes when there is something else to draw. @param {Seen[]} seen */
const key = (seen) => [seen.length, ...seen.flatMap(({ group, data }) => [group, data])];

/** @param {{seen: Seen[], of: Quantity, step: number, without: Group[], layer: string}} properties */
function Panels({ seen, of, step, without, layer }) {
  const all = seen.map(({ data }) => data);
  const colours = useMemo(() => domainOf(all, of.kind), [...key(seen), of.key]);
  const axis = useMemo(() => stepsOf(all), key(seen));
  const found = useValue(summaries);
  const diagnoses = useDiagnoses();
  const marks = useMemo(
    () => seen.map(({ group }) => layerMarks(group.runs.flatMap((run) => diagnoses.get(run) ?? []))),
    [diagnoses, ...key(seen)],
  );
  if (seen.length === 0) return null;
  const marked = marks.some(({ size }) => size > 0);
  const side = Math.max(...all.map(({ layers }) => sideOf(layers))) + (marked ? MARK : 0);
  const height = heightOf(Math.max(...all.map(({ layers }) => layers.length)));
  const derived = all.some((one) => one.derived);
  return html`
    <section class="flow-heats" aria-labelledby="flow-heats-title">
      <header class="flow-head">
        <h2 id="flow-heats-title">Over the steps</h2>
        <p class="muted">The last layer is on top: the gradient flows down.</p>
        ${colours && html`<${Legend} domain=${colours} of=${of} data=${all} />`}
      </header>
      <div class="flow-panels">
        ${seen.map(
          ({ group, data, profile, said }, i) => html`
          <section class="flow-panel" key=${group.key} aria-label=${group.label}>
            <h3 title=${group.runs.join("\n")}>
              <i class="dot" style=${{ background: group.colour }}></i><span>${group.label}</span>
              ${data.runs > 1 && html`<span class="muted">mean of ${data.runs}</span>`}
              <${FindingBadge} summary=${together(group.runs.flatMap((run) => found.get(run) ?? []))} of=${group.label} />
              <b>${ratioLabel(profile, of)}</b>
            </h3>
            ${
              colours
                ? html`<${Heatmap} data=${data} of=${of} domain=${colours} axis=${axis} step=${step} side=${side} height=${height} marks=${marks[i]} layer=${layer} label=${`${group.label}, layers over steps; at step ${step}: ${said}.${layerMarksSaid(marks[i])}`} />`
                : html`<p class="muted">No number in any layer at any step.</p>`
            }
          </section>
        `,
        )}
      </div>
      ${derived && html`<p class="muted flow-note">These numbers were computed from the histograms: no scalar of them was recorded.</p>`}
      ${without.length > 0 && html`<p class="muted flow-note">Not recorded by ${without.map(({ label }) => label).join(", ")}.</p>`}
    </section>
  `;
}
