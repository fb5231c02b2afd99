// The graph as a nested list: the same boxes for those who read rather than look.

import { html, useState } from "../../lib/html.js";

/** @typedef {import("./scopes.js").Scope} Scope */

/** So many members of one scope are listed; the search finds the others. */
const LISTED = 300;

/** @param {{root: Scope, onReveal: (name: string) => void}} properties */
export function Outline({ root, onReveal }) {
  const [open, setOpen] = useState(false);
  return html`
    <button type="button" class="quiet table-toggle" aria-expanded=${open} onClick=${() => setOpen(!open)}>${open ? "Hide list" : "List of nodes"}</button>
    ${open && html`<div class="card outline" role="region" tabindex="0" aria-label="Nodes by scope"><${Members} scope=${root} onReveal=${onReveal} /></div>`}
  `;
}

/** @param {{scope: Scope, onReveal: (name: string) => void}} properties */
function Members({ scope, onReveal }) {
  const scopes = [...scope.scopes.values()];
  const nodes = scope.nodes.slice(0, LISTED);
  return html`
    <ul>
      ${scopes.slice(0, LISTED).map((child) => html`<${Branch} key=${child.path} scope=${child} onReveal=${onReveal} />`)}
      ${nodes.map(
        (node) => html`
        <li key=${node.name}>
          <button type="button" class="quiet" onClick=${() => onReveal(node.name)}>${node.name.slice(node.name.lastIndexOf("/") + 1)}</button>
          <span class="muted"> ${node.op}${node.shapes[0] ? ` [${node.shapes[0].join(", ")}]` : ""}${node.inputs.length > 0 ? ` of ${node.inputs.slice(0, 4).join(", ")}${node.inputs.length > 4 ? ", …" : ""}` : ""}</span>
        </li>
      `,
      )}
      ${scope.nodes.length > LISTED && html`<li class="muted">and ${scope.nodes.length - LISTED} more</li>`}
    </ul>
  `;
}

/** @param {{scope: Scope, onReveal: (name: string) => void}} properties */
function Branch({ scope, onReveal }) {
  const [open, setOpen] = useState(false);
  return html`
    <li>
      <button type="button" class="quiet" aria-expanded=${open} onClick=${() => setOpen(!open)}>${open ? "▾" : "▸"} ${scope.label} <span class="muted">${scope.count} nodes</span></button>
      ${open && html`<${Members} scope=${scope} onReveal=${onReveal} />`}
    </li>
  `;
}
