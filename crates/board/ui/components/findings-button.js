// The way to the findings of all runs, with the worst of them; and what it opens, which is loaded when it is first asked for.

import { badgeWords, together, total } from "../lib/finding-words.js";
import { openFindings, opened, summaries } from "../lib/findings.js";
import { count } from "../lib/format.js";
import { html, useEffect, useState, useValue } from "../lib/html.js";
import { styled } from "../lib/styled.js";
import { Shape } from "./finding-badge.js";

export function FindingsButton() {
  const all = [...useValue(summaries).values()];
  const bad = all.filter((summary) => total(summary) > 0);
  const worst = together(bad);
  const said = worst
    ? `${count(bad.length)} of ${count(all.length)} runs: ${badgeWords(worst)}`
    : "What is wrong with the runs";
  return html`
    <button
      type="button" class="quiet findings-button" aria-haspopup="dialog"
      aria-label=${worst ? `Findings: ${said}` : "Findings"} title=${`${said} (w)`} onClick=${() => openFindings("")}
    >${worst?.worst && html`<${Shape} severity=${worst.worst.severity} />`} Findings</button>
  `;
}

/** @type {typeof import("./findings-drawer.js")|null} */
let drawer = null;

export function OpenedFindings() {
  const run = useValue(opened);
  const [failed, setFailed] = useState("");
  const [, rerender] = useState(0);
  useEffect(() => {
    if (run === null || drawer) return;
    styled("components/findings", import("./findings-drawer.js")).then(
      (module) => {
        drawer = module;
        rerender((n) => n + 1);
      },
      (error) => setFailed(`The findings cannot be shown: ${error.message}`),
    );
  }, [run]);
  if (run === null) return null;
  if (failed) return html`<p class="banner" role="alert">${failed}</p>`;
  return drawer ? html`<${drawer.FindingsDrawer} run=${run} />` : null;
}
