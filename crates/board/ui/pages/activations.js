// Activations: where on its curve each layer works.

import { Why } from "../components/why.js";
import * as api from "../lib/api.js";
import { Empty, Select } from "../components/card.js";
import { StepSlider } from "../components/step-slider.js";
import { histograms } from "../lib/bins.js";
import { html, useMemo, useRef, useValue, useVisible } from "../lib/html.js";
import { catalogue, useLive } from "../lib/live.js";
import { useParameter } from "../lib/route.js";
import { runs as runsSignal, shown, tagsOf } from "../lib/runs.js";
import { at } from "../lib/scrub.js";
import { activationOf, axisOf, curveRange, layerOf } from "./activations/curve.js";
import { Layer } from "./activations/panel.js";

/** @typedef {import("../lib/bins.js").Histograms} Histograms */
/** @typedef {import("./activations/curve.js").Curve} Curve */
/** @typedef {{layer: string, tag: string, data: Histograms}} Recorded */

/** What a layer's z are sorted into, and how many steps can be told apart. */
const [BINS, ROWS] = [120, 250];

/** How many points a curve has: enough that a kink looks like one. */
const POINTS = 801;

/** What can be chosen where the log does not say it. */
const CHOICES = [
  "relu",
  "leaky_relu(0.01)",
  "leaky_relu(0.2)",
  "elu",
  "selu",
  "gelu",
  "silu",
  "softplus",
  "sigmoid",
  "tanh",
  "hard_tanh",
  "softsign",
  "identity",
];

export function View() {
  const all = useValue(catalogue);
  const names = useValue(shown);
  const [wanted, choose] = useParameter("arun", "");
  // The layers of each shown run that has any.
  const byRun = useMemo(() => {
    /** @type {Map<string, {layer: string, tag: string}[]>} */
    const found = new Map();
    for (const { tag, runs } of tagsOf("histogram").values()) {
      const layer = layerOf(tag.tag);
      if (layer === null) continue;
      for (const run of runs) found.set(run, [...(found.get(run) ?? []), { layer, tag: tag.tag }]);
    }
    return found;
  }, [all, names]);
  const candidates = names.filter((name) => byRun.has(name));
  const run = candidates.includes(wanted) ? wanted : candidates[0];
  if (run === undefined) return html`<${Missing} none=${names.length === 0} />`;
  const options = /** @type {[string, string][]} */ (candidates.map((name) => [name, name]));
  return html`
    <div class="activations">
      <div class="toolbar">
        ${candidates.length > 1 ? html`<${Select} label="Run" options=${options} value=${run} onChange=${choose} />` : html`<h2>${run}</h2>`}
      </div>
      <${Network} key=${`${run} ${runsSignal.peek().get(run)?.generation}`} run=${run} layers=${byRun.get(run) ?? []} />
      <${StepSlider} />
    </div>
  `;
}

/** @param {{run: string, layers: {layer: string, tag: string}[]}} properties */
function Network({ run, layers }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const visible = useVisible(box);
  const step = useValue(at);
  const [chosen, choose] = useParameter("act", "");
  const config = useLive([], (signal) => configured(run, signal), [run], visible);
  const { data: recorded, error } = useLive(
    [run],
    (signal) =>
      Promise.all(
        layers.map(async ({ layer, tag }) => {
          const frame = await api.frame("histograms", { run, tag, bins: BINS, rows: ROWS, scale: "linear" }, signal);
          return { layer, tag, data: histograms(frame) };
        }),
      ),
    [layers.map(({ tag }) => tag)],
    visible,
  );
  const axis = useMemo(() => (recorded ? axisOf(recorded.map(({ data }) => data)) : null), [recorded]);
  const known = config.data?.activation;
  const activations = layers.map((_, i) => activationOf(i, layers.length, known) ?? (chosen || null));
  const curves = useLive(
    [],
    (signal) => load(activations, axis, signal),
    [activations, axis],
    visible && axis !== null,
  );
  const named = activations.every((name) => name !== null);
  const unknown = config.data !== null && (!named || (chosen !== "" && !known) || curves.data?.refused);
  const problem = error ?? curves.error;
  return html`
    <div ref=${box}>
      ${
        unknown &&
        html`
        <p class="activation-ask">
          <${Select} label="Activation of this network" options=${[["", "choose …"], ...CHOICES.map((name) => [name, name])]} value=${chosen} onChange=${choose} />
          <span class="muted">${curves.data?.refused ?? "The log does not say it. Choose it to see where on its curve the recorded z lie."}</span>
        </p>
      `
      }
      ${problem && html`<p class="error" role="alert">${problem.message}</p>`}
      <div class="activation-wall">
        ${
          recorded &&
          axis &&
          recorded.map(({ layer, tag, data }, i) => {
            const curve = curves.data?.curves.get(activations[i] ?? "");
            return curve
              ? html`<${Layer} key=${tag} layer=${layer} data=${data} curve=${curve} axis=${axis} step=${step} height=${heightOf(layers.length)} />`
              : null;
          })
        }
      </div>
${
  curves.data &&
  curves.data.curves.size > 0 &&
  html`<p class="muted activation-legend">
        <span><i class="activation-f"></i>f</span><span><i class="activation-df"></i>f′, the factor that the gradient gets</span>
        <span><i class="activation-z"></i>recorded z, lighter where |f′| is larger</span>
        <span><i class="activation-small"></i>where |f′| is below 5 % of its maximum: saturated or dead</span>
        <${Why} of="saturation" about="Saturated units." /> <${Why} of="dead-units" about="Dead units." />
      </p>`
}
    </div>
  `;
}

/** So high that all layers are on the screen, if there are not too many. @param {number} layers */
function heightOf(layers) {
  const lines = Math.ceil(layers / Math.max(1, Math.floor((innerWidth - 312) / 292)));
  return Math.round(Math.min(Math.max((innerHeight - 230) / lines - 76, 110), 260));
}

/**
 * What the run's configuration says; nothing, if it has none.
 *
 * @param {string} run
 * @param {AbortSignal} signal
 * @returns {Promise<{activation: unknown}>}
 */
async function configured(run, signal) {
  try {
    const { values } = await api.json("config", { run }, signal);
    return { activation: values?.["network.activation"] };
  } catch (error) {
    if (error instanceof api.ServerError && error.status === 404) return { activation: null };
    throw error;
  }
}

/**
 * The curves of some activations, each once.
 *
 * @param {(string|null)[]} names
 * @param {[number, number]|null} axis
 * @param {AbortSignal} signal
 * @returns {Promise<{curves: Map<string, Curve>, refused: string|null}>}  `refused`: why the server does not know one.
 */
async function load(names, axis, signal) {
  /** @type {Map<string, Curve>} */
  const curves = new Map();
  let refused = null;
  const wanted = new Set(names.filter((name) => name !== null));
  await Promise.all(
    [...wanted].map(async (name) => {
      try {
        const query = { name, ...curveRange(axis ?? [0, 0]), points: POINTS };
        curves.set(name, await api.json("activation", query, signal));
      } catch (error) {
        if (!(error instanceof api.ServerError && error.status === 400)) throw error;
        refused = error.message;
      }
    }),
  );
  return { curves, refused };
}

/** @param {{none: boolean}} properties */
const Missing = ({ none }) =>
  none
    ? html`<${Empty} title="No run is shown"><p>Choose runs on the left, or clear the filter.</p></${Empty}>`
    : html`
      <${Empty} title="The shown runs have no pre-activations">
        <p>A histogram of z, what a layer gives before its activation, shows where on its curve the layer works. Tags are called <code>preactivation/LAYER</code>.</p>
        <h3>Headwater</h3>
        <pre tabindex="0">headwater train --set record.histograms=true</pre>
        <h3>PyTorch</h3>
        <pre tabindex="0">${`for name, layer in model.named_modules():
    if isinstance(layer, torch.nn.Linear):
        layer.register_forward_hook(lambda _, __, z, name=name:
            writer.add_histogram(f"preactivation/{name}", z, step))`}</pre>
        <h3>Keras, with layers that have no activation of their own</h3>
        <pre tabindex="0">${`probe = keras.Model(model.inputs, [layer.output for layer in model.layers])
for layer, z in zip(model.layers, probe(x)):
    tf.summary.histogram(f"preactivation/{layer.name}", z, step)`}</pre>
      </${Empty}>
    `;
