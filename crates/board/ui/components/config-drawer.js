// The configuration of one run, as its records tell it.

import * as api from "../lib/api.js";
import { moment, number, span } from "../lib/format.js";
import { html, useValue } from "../lib/html.js";
import { useLive } from "../lib/live.js";
import { runs } from "../lib/runs.js";
import { Drawer } from "./drawer.js";

/** @param {{run: string, onClose: () => void}} properties */
export function ConfigDrawer({ run, onClose }) {
  const all = useValue(runs);
  const { data, error } = useLive([run], (signal) => api.json("config", { run }, signal), [run]);
  const about = all.get(run);
  const values = Object.entries(data?.values ?? {});
  return html`
    <${Drawer} title=${run} onClose=${onClose}>
      ${
        about &&
        html`
        <p class="muted">
          ${about.status}; begun ${moment(about.started)}, ${span(number(about.updated) - number(about.started))} recorded, steps
          ${" "}${about.first_step} to ${about.last_step}
        </p>
      `
      }
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      ${
        data &&
        values.length === 0 &&
        data.text === null &&
        html`
        <p>This run recorded no configuration. Write hyperparameters (<code>SummaryWriter.add_hparams</code>, <code>tensorboard.plugins.hparams</code>) or a text under the tag <code>config</code> and they stand here.</p>
      `
      }
      ${
        values.length > 0 &&
        html`
        <table class="facts">
          <tbody>${values.map(([key, value]) => html`<tr><th scope="row">${key}</th><td>${String(value)}</td></tr>`)}</tbody>
        </table>
      `
      }
      ${data?.text && html`<h3>As text</h3><pre tabindex="0">${data.text}</pre>`}
    </${Drawer}>
  `;
}
