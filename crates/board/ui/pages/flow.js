// Flow: does the gradient reach the first layers? The landing page for runs that recorded it.

import { factored } from "../components/factored.js";
import { FindingBadge } from "../components/finding-badge.js";
import { StepSlider } from "../components/step-slider.js";
import { Why } from "../components/why.js";
import { layerMarks, layerMarksSaid } from "../lib/finding-marks.js";
import { together } from "../lib/finding-words.js";
import { summaries, useDiagnoses } from "../lib/findings.js";
import { domain as domainOf, merge, profileAt, profileOver } from "../lib/flow.js";
import { html, useMemo, useRef, useValue, useVisible } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { groups as groupsSignal, shown } from "../lib/runs.js";
import { at, whole } from "../lib/scrub.js";
import { BlameBars, useBlame } from "./flow/blame.js";
import { keyOf, useFlows, useRemembered } from "./flow/data.js";
import { anchored, DELTA, EXPECTED, expectation } from "./flow/expected.js";
import { stepsOf } from "./flow/heat.js";
import { Heatmap, heightOf, MARK, sideOf } from "./flow/heatmap.js";
import { Legend } from "./flow/legend.js";
import { Missing } from "./flow/missing.js";
import { Profile } from "./flow/profile.js";
import { FIRST, offered, quantity } from "./flow/quantity.js";
import { reason } from "./flow/reason.js";
import { place, Said } from "./flow/said.js";
import { useSickestFirst } from "./flow/order.js";
import { badnessOf, sickestFirst } from "./flow/sickest.js";
import { ends, ratioLabel, sentence, when } from "./flow/words.js";

/** @typedef {import("../lib/flow.js").Flow} FlowOfRun */
/** @typedef {import("../lib/flow.js").Merged} Merged */
/** @typedef {import("../lib/flow.js").Profile} AlongLayers */
/** @typedef {import("../lib/types.js").Group} Group */
/** @typedef {import("./flow/quantity.js").Quantity} Quantity */
/** @typedef {{group: Group, data: Merged, over: AlongLayers, profile: AlongLayers, expected: number[]|null, said: string}} Seen  A group, its data, its profile over the whole training and at the chosen step, what theory expected, and the sentence. */

/** So many groups can be looked at; a filter finds the others. */
const GROUPS = 60;

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
  const found = useValue(summaries);
  const most = useMemo(
    () =>
      sickestFirst(
        every,
        (group) => badnessOf(group, found),
        () => 0,
      ).slice(0, GROUPS),
    [every, found],
  );
  const newest = useValue(at);
  const step = useValue(whole) ? null : newest;
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const [chosen, choose] = useParameter("q", "");
  const key = keys.includes(chosen) ? chosen : keys.includes(FIRST) ? FIRST : keys[0];
  const of = quantity(key);
  // Groups are sorted by the gradient, whatever quantity is shown.
  const ranking = keys.includes(FIRST) ? FIRST : (keys.find((one) => quantity(one).gradient) ?? null);
  const wanted = useMemo(() => {
    const quantities = new Set([key, ...(key === DELTA ? [EXPECTED] : []), ...(ranking === null ? [] : [ranking])]);
    return [...quantities].flatMap((quantity) => most.flatMap(({ runs }) => runs.map((run) => ({ run, quantity }))));
  }, [most.map(({ runs }) => runs.join("\t")).join("\n"), key, ranking]);
  const { flows, error } = useFlows(wanted, true);
  const ownOf = (/** @type {Group} */ { runs }, /** @type {string} */ quantity) =>
    runs.flatMap((run) => flows.get(keyOf({ run, quantity })) ?? []);
  const groups = useSickestFirst(most, found, fallsIn(most, flows, ranking));
  const blames = useBlame(groups, keys, step, visible);
  const logarithmic = of.axis === "log";
  const remembered = useRemembered();
  const seen = groups.flatMap((group) => {
    const own = ownOf(group, key);
    const data = remembered(group.key, own, () => merge(own, logarithmic));
    if (!data) return [];
    const over = profileOver(own);
    const profile = step === null ? over : profileAt(data, step);
    const theory = key === DELTA ? ownOf(group, EXPECTED) : [];
    const before = theory.length > 0 ? profileOver(theory) : null;
    const blame = blames.get(group.key);
    const parts = [
      sentence(profile, of),
      // At a step, only if both are from the same record: no gains are recorded where everything is NaN.
      of.gradient && blame?.blame.step === profile.step ? reason(blame.blame) : "",
      before ? expectation(before) : "",
    ];
    const said = parts.filter((part) => part !== "").join(". ");
    return [{ group, data, over, profile, expected: before ? anchored(profile, before) : null, said }];
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
      ${every.length > GROUPS && html`<p class="muted flow-note">${GROUPS} of ${every.length} are shown, the sickest first. A filter or a grouping on the left shows others.</p>`}
      <${BlameBars} blames=${[...blames.values()]} offered=${keys} />
      <${StepSlider} means />
    </div>
  `;
}

/**
 * How far the gradient falls in a group over the whole training.
 *
 * @param {Group[]} groups
 * @param {Map<string, FlowOfRun|null>} flows
 * @param {string|null} quantity
 * @returns {((group: Group) => number)|null}  Null until the flows of all groups are loaded.
 */
function fallsIn(groups, flows, quantity) {
  if (quantity === null) return () => Number.NaN;
  if (groups.some(({ runs }) => runs.some((run) => !flows.has(keyOf({ run, quantity }))))) return null;
  return ({ runs }) => {
    const own = runs.flatMap((run) => flows.get(keyOf({ run, quantity })) ?? []);
    return own.length > 0 ? (ends(profileOver(own))?.ratio ?? Number.NaN) : Number.NaN;
  };
}

/** Changes whenever there is something else to draw. @param {Seen[]} seen */
const key = (seen) => [seen.length, ...seen.flatMap(({ group, data }) => [group, data])];

/** @param {{seen: Seen[], of: Quantity, step: number|null, layer: string}} properties */
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
        of.axis,
        seen.map(({ over }) => over),
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
  const title = `${of.label} of each layer, ${place(step)}`;
  const label = `${title}. ${seen.map(({ group, said }) => `${group.label}: ${said}.`).join(" ")}`;
  return html`
    <div class="flow-lines">
      <p class="muted flow-caption">${title}</p>
      <${Profile} lines=${lines} layers=${layers} of=${of} domain=${axis} step=${step} layer=${layer} height=${290} label=${label} />
      ${lines.some(({ expected }) => expected) && html`<p class="muted flow-note">Dashed: what theory expected before the first step, from the last layer’s value on. <${Why} of="mean-field" about="What theory expects." /></p>`}
    </div>
  `;
}

/** "falls 36-fold from layer6 to layer1 at step 120". @param {AlongLayers} profile @param {Quantity} of */
function way(profile, of) {
  const [ratio, found] = [ratioLabel(profile, of), ends(profile)];
  return ratio && found ? `${ratio} from ${found.last} to ${found.first} ${when(profile)}` : "\u00a0";
}

/** @param {{seen: Seen[], of: Quantity, step: number|null, without: Group[], layer: string}} properties */
function Panels({ seen, of, step, without, layer }) {
  const all = seen.map(({ data }) => data);
  const colours = useMemo(() => domainOf(all, of.axis), [...key(seen), of.key]);
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
        <p class="muted">The last layer is on top: the gradient flows down. Click a step to see it.</p>
        ${colours && html`<${Legend} domain=${colours} of=${of} data=${all} />`}
      </header>
      <div class="flow-panels">
        ${seen.map(({ group, data, profile, said }, i) => {
          const where = when(profile);
          return html`
          <section class="flow-panel" key=${group.key} aria-label=${group.label}>
            <h3 title=${group.runs.join("\n")}>
              <i class="dot" style=${{ background: group.colour }}></i><span>${group.label}</span>
              ${data.runs > 1 && html`<span class="muted">${step === null ? "median" : "mean"} of ${data.runs}</span>`}
              <${FindingBadge} summary=${together(group.runs.flatMap((run) => found.get(run) ?? []))} of=${group.label} />
            </h3>
            ${of.axis === "log" && html`<p class="flow-product">${factored(way(profile, of))}</p>`}
            ${
              colours
                ? html`<${Heatmap} data=${data} of=${of} domain=${colours} axis=${axis} step=${step} side=${side} height=${height} marks=${marks[i]} layer=${layer} label=${`${group.label}, layers over steps; ${where || "over the whole training"}: ${said}.${layerMarksSaid(marks[i])}`} />`
                : html`<p class="muted">No number in any layer at any step.</p>`
            }
          </section>
        `;
        })}
      </div>
      ${derived && html`<p class="muted flow-note">These numbers were computed from the histograms: no scalar of them was recorded.</p>`}
      ${without.length > 0 && html`<p class="muted flow-note">Not recorded by ${without.map(({ label }) => label).join(", ")}.</p>`}
    </section>
  `;
}
