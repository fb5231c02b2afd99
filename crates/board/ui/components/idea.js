// Ideas: why something is seen, with its formula, its source and a command that shows it.

import * as api from "../lib/api.js";
import { html, useEffect, useState } from "../lib/html.js";
import { idea } from "../lib/idea.js";
import { Drawer } from "./drawer.js";

/** @typedef {{title?: string, html?: string, ideas?: {name: string, title: string}[]}} Answer */

const show = (/** @type {string|null} */ name) => {
  idea.value = name;
};

/** @param {{name: string}} properties  "" for the list of all. */
export function Idea({ name }) {
  const [{ of, data, error }, set] = useState({
    of: name,
    data: /** @type {Answer|null} */ (null),
    error: /** @type {Error|null} */ (null),
  });
  useEffect(() => {
    const controller = new AbortController();
    api.json("idea", name === "" ? {} : { name }, controller.signal).then(
      (found) => set({ of: name, data: found, error: null }),
      (problem) => controller.signal.aborted || set({ of: name, data: null, error: problem }),
    );
    return () => controller.abort();
  }, [name]);
  // What was asked for before is not what the title says now.
  const now = of === name ? data : null;
  const title = name === "" ? "Ideas" : (now?.title ?? "…");
  return html`
    <${Drawer} title=${title} onClose=${() => show(null)}>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      ${now?.ideas && html`<ul class="ideas">${now.ideas.map((one) => html`<li><button type="button" class="quiet" onClick=${() => show(one.name)}>${one.title}</button></li>`)}</ul>`}
      ${now?.html && html`<div class="idea" dangerouslySetInnerHTML=${{ __html: now.html }}></div>`}
      ${name !== "" && html`<p><button type="button" class="quiet" onClick=${() => show("")}>All ideas</button></p>`}
    </${Drawer}>
  `;
}
