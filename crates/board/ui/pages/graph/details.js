// What is known of one node or scope, beside the graph.

import { html, useMemo } from "../../lib/html.js";
import { shapeText, target } from "./network.js";

/** @typedef {import("./network.js").GraphNode} GraphNode */
/** @typedef {import("./scopes.js").Scope} Scope */

/** Longer lists are cut. */
const LISTED = 40;

/**
 * @param {object} properties
 * @param {GraphNode[]} properties.nodes
 * @param {Scope} properties.root
 * @param {string} properties.name
 * @param {(name: string) => void} properties.onReveal
 * @param {() => void} properties.onClose
 */
export function Details({ nodes, name, onReveal, onClose }) {
  const node = useMemo(() => nodes.find((one) => one.name === name), [nodes, name]);
  const consumers = useMemo(
    () => nodes.filter((one) => one.inputs.some((text) => target(text) === name)).map((one) => one.name),
    [nodes, name],
  );
  if (!node) return null;
  const attributes = Object.entries(node.attrs);
  return html`
    <aside class="card details" aria-label=${`Details of ${name}`}>
      <header class="card-head"><h3 title=${name}>${name}</h3><button type="button" class="quiet" data-lively onClick=${onClose}>Close</button></header>
      <table class="facts">
        <tbody>
          <tr><th scope="row">operation</th><td>${node.op}</td></tr>
          ${node.device && html`<tr><th scope="row">device</th><td>${node.device}</td></tr>`}
          ${node.shapes.length > 0 && html`<tr><th scope="row">output</th><td>${node.shapes.map(shapeText).join(", ")}</td></tr>`}
          ${attributes.map(([key, text]) => html`<tr key=${key}><th scope="row">${key}</th><td><span class="attribute">${text}</span></td></tr>`)}
        </tbody>
      </table>
      <${Names} title="Inputs" names=${node.inputs} onReveal=${onReveal} />
      <${Names} title="Goes to" names=${consumers} onReveal=${onReveal} />
    </aside>
  `;
}

/** @param {{title: string, names: string[], onReveal: (name: string) => void}} properties */
const Names = ({ title, names, onReveal }) => html`
  <h4>${title} <span class="muted">${names.length}</span></h4>
  <ul class="names">
    ${names.slice(0, LISTED).map((text) => html`<li><button type="button" class="quiet" data-kept onClick=${() => onReveal(target(text))}>${text}</button></li>`)}
    ${names.length > LISTED && html`<li class="muted">and ${names.length - LISTED} more</li>`}
  </ul>
`;
