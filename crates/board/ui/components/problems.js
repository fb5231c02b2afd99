// What the store could not read.

import * as api from "../lib/api.js";
import { count } from "../lib/format.js";
import { html, useEffect, useState, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { Drawer } from "./drawer.js";

/** @param {{onClose: () => void}} properties */
export function Problems({ onClose }) {
  const known = useValue(catalogue)?.problems ?? 0;
  const [answer, setAnswer] = useState(
    /** @type {{total: number, problems: {path: string, offset: number|null, skipped: number, message: string}[]}|null} */ (
      null
    ),
  );
  const [error, setError] = useState(/** @type {string|null} */ (null));
  useEffect(() => {
    api.json("problems").then(setAnswer, (reason) => setError(String(reason.message)));
  }, [known]);
  return html`
    <${Drawer} title="Problems" onClose=${onClose}>
      <p class="muted">What could not be read. Everything else of the files was, and is shown.</p>
      ${error && html`<p class="error" role="alert">${error}</p>`}
      ${answer && answer.total === 0 && html`<p>There are none.</p>`}
      <ul class="problems">
        ${answer?.problems.map(
          (problem) => html`
          <li>
            <code>${problem.path}</code>
            <p>
              ${problem.offset !== null && `At byte ${count(problem.offset)}: `}${problem.message}
              ${problem.skipped > 0 && ` (${count(problem.skipped)} bytes skipped)`}
            </p>
          </li>
        `,
        )}
      </ul>
      ${answer && answer.total > answer.problems.length && html`<p class="muted">${count(answer.total - answer.problems.length)} more. <code>headwater inspect</code> lists all of them.</p>`}
    </${Drawer}>
  `;
}
