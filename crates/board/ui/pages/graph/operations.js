// A graph of operations, folded by name: what is closed is one box; a box opens on click or Enter.

import { html, useMemo, useState } from "../../lib/html.js";
import { useParameter } from "../../lib/route.js";
import { Details } from "./details.js";
import { curve, LETTERS, layout } from "./layout.js";
import { Outline } from "./outline.js";
import { ancestors, isNoise, openAtFirst, scopeTree, visible } from "./scopes.js";
import { Viewport } from "./viewport.js";

/** @typedef {import("./network.js").GraphNode} GraphNode */
/** @typedef {import("./scopes.js").Item} Item */

/** Found nodes that are listed. */
const FOUND = 12;

/** @param {Set<string>} open */
const written = (open) => [...open].map(encodeURIComponent).join(",") || "-";

/** @param {{nodes: GraphNode[], run: string, choices: any}} properties */
export function Operations({ nodes, run, choices }) {
  const root = useMemo(() => scopeTree(nodes), [nodes]);
  const [openText, setOpenText] = useParameter("gopen", "");
  const [selected, setSelected] = useParameter("gnode", "");
  const [noiseText, setNoise] = useParameter("gnoise", "");
  const noise = noiseText === "1";
  const open = useMemo(
    () =>
      openText === ""
        ? openAtFirst(root)
        : new Set(
            openText
              .split(",")
              .filter((path) => path !== "-")
              .map(decodeURIComponent),
          ),
    [root, openText],
  );
  const seen = useMemo(() => visible(root, open, noise), [root, open, noise]);
  const placed = useMemo(() => layout(seen.items, seen.links), [seen]);
  const hidden = useMemo(() => nodes.filter(isNoise).length, [nodes]);
  const [sought, setSought] = useState("");
  const found = useMemo(() => search(nodes, sought), [nodes, sought]);
  const [goal, setGoal] = useState("");

  const toggle = (/** @type {string} */ path) => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpenText(written(next));
  };
  const reveal = (/** @type {string} */ name) => {
    setOpenText(written(new Set([...open, ...ancestors(root, name)])));
    const node = nodes.find((one) => one.name === name);
    if (node && isNoise(node)) setNoise("1");
    setSelected(name);
    setGoal(name);
  };
  const goalBox = goal ? (placed.boxes.get(`node:${goal}`) ?? placed.boxes.get(`scope:${goal}`) ?? null) : null;
  return html`
    <div class="toolbar" data-lively>
      ${choices}
      <label class="field">
        <span>Find</span>
        <input type="search" id="tag-filter" placeholder="part of a node's name or operation" value=${sought} onInput=${(/** @type {Event} */ event) => setSought(/** @type {HTMLInputElement} */ (event.target).value)} />
      </label>
      ${
        hidden > 0 &&
        html`
        <label class="field">
          <input type="checkbox" checked=${noise} onChange=${() => setNoise(noise ? "" : "1")} />
          <span>constants, identities and control edges (${hidden.toLocaleString("en")} nodes)</span>
        </label>
      `
      }
      ${openText !== "" && html`<button type="button" onClick=${() => setOpenText("")}>Fold all</button>`}
      <p class="muted small">${nodes.length.toLocaleString("en")} nodes, ${seen.items.length.toLocaleString("en")} boxes shown</p>
    </div>
    ${
      sought !== "" &&
      html`
      <ul class="found" aria-label="Found nodes">
        ${found.nodes.map((node) => html`<li key=${node.name}><button type="button" class="quiet" onClick=${() => reveal(node.name)}><b>${node.name}</b> ${node.op}</button></li>`)}
        ${found.total === 0 && html`<li class="muted">No node's name or operation has "${sought}" in it.</li>`}
        ${found.total > FOUND && html`<li class="muted">and ${(found.total - FOUND).toLocaleString("en")} more</li>`}
      </ul>
    `
    }
    <div class="operations">
      <${Viewport} drawing=${placed} goal=${goalBox} label=${`Graph of ${run}: ${seen.items.length} boxes, ${seen.links.length} edges.`}>
        <${Drawing} seen=${seen} placed=${placed} selected=${selected} onToggle=${(/** @type {string} */ path) => {
          setGoal(path);
          toggle(path);
        }} onSelect=${setSelected} />
      </${Viewport}>
      ${selected !== "" && html`<${Details} nodes=${nodes} root=${root} name=${selected} onReveal=${reveal} onClose=${() => setSelected("")} />`}
    </div>
    <${Outline} root=${root} onReveal=${reveal} />
  `;
}

/**
 * The nodes that have a text in their name or operation.
 *
 * @param {GraphNode[]} nodes
 * @param {string} text
 */
function search(nodes, text) {
  if (text === "") return { nodes: [], total: 0 };
  const low = text.toLowerCase();
  const found = nodes.filter(({ name, op }) => name.toLowerCase().includes(low) || op.toLowerCase().includes(low));
  return { nodes: found.slice(0, FOUND), total: found.length };
}

/**
 * @param {object} properties
 * @param {ReturnType<typeof visible>} properties.seen
 * @param {import("./layout.js").Layout} properties.placed
 * @param {string} properties.selected
 * @param {(path: string) => void} properties.onToggle
 * @param {(name: string) => void} properties.onSelect
 */
function Drawing({ seen, placed, selected, onToggle, onSelect }) {
  // Panning renders the viewport anew, not what is in it.
  const opened = seen.items.filter((item) => item.open);
  const picked = seen.items.find((item) => item.path === selected)?.id;
  return useMemo(
    () => html`
    <g>
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L8 4L0 8Z" class="arrow" /></marker>
      </defs>
      ${opened.map((item) => html`<${Ground} key=${item.id} box=${placed.boxes.get(item.id)} />`)}
      ${seen.links.map((link) => {
        const path = placed.paths.get(link);
        if (!path) return null;
        const near = picked !== undefined && (link.from === picked || link.to === picked);
        return html`<path class=${`link${link.control ? " control" : ""}${near ? " near" : ""}`} d=${curve(path)} marker-end="url(#arrow)" style=${{ strokeWidth: `${Math.min(1 + Math.log2(link.count), 5)}px` }}><title>${edgeWords(link)}</title></path>`;
      })}
      ${opened.map((item) => html`<${Title} key=${item.id} item=${item} box=${placed.boxes.get(item.id)} onToggle=${onToggle} />`)}
      ${seen.items.filter((item) => !item.open).map((item) => html`<${Box} key=${item.id} item=${item} box=${placed.boxes.get(item.id)} picked=${item.id === picked} onToggle=${onToggle} onSelect=${onSelect} />`)}
    </g>
  `,
    [seen, placed, picked],
  );
}

/** @param {import("./scopes.js").Link} link */
const edgeWords = ({ from, to, count, shape }) =>
  `${from.replace(/^\w+:/, "")} → ${to.replace(/^\w+:/, "")}${count > 1 ? `, ${count} edges` : shape ? `, ${shape}` : ""}`;

/** Enter and space do what a click does. @param {() => void} action */
const onEnter = (action) => (/** @type {KeyboardEvent} */ event) => {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  event.stopPropagation();
  action();
};

/** @param {string} label */
const cut = (label) => (label.length > LETTERS ? `${label.slice(0, LETTERS - 1)}…` : label);

/** @param {{item: Item, box: import("./layout.js").Box|undefined, picked: boolean, onToggle: (path: string) => void, onSelect: (name: string) => void}} properties */
function Box({ item, box, picked, onToggle, onSelect }) {
  if (!box) return null;
  const scope = item.kind === "scope";
  const act = () => (scope ? onToggle(item.path) : onSelect(item.path));
  return html`
    <g class=${`op-box ${item.kind}${picked ? " picked" : ""}`} transform=${`translate(${box.x} ${box.y})`} tabindex="0" role="button"
      onClick=${act} onKeyDown=${onEnter(act)}>
      <title>${scope ? `Open ${item.path}, ${item.count} nodes` : `${item.path}, ${item.op}`}</title>
      <rect width=${box.width} height=${box.height} rx=${scope ? 8 : box.height / 2} />
      <text x=${scope ? 12 : box.width / 2} y=${box.height / 2 + 4} text-anchor=${scope ? "start" : "middle"}>${cut(item.label)}</text>
      ${scope && html`<text class="op-count" aria-hidden="true" x=${box.width - 11} y=${box.height / 2 + 4} text-anchor="end">${item.count.toLocaleString("en")}</text>`}
    </g>
  `;
}

/** @param {{box: import("./layout.js").Box|undefined}} properties */
const Ground = ({ box }) =>
  box && html`<rect class="open-scope" x=${box.x} y=${box.y} width=${box.width} height=${box.height} rx="10" />`;

/** @param {{item: Item, box: import("./layout.js").Box|undefined, onToggle: (path: string) => void}} properties */
function Title({ item, box, onToggle }) {
  if (!box) return null;
  const act = () => onToggle(item.path);
  return html`
    <g class="open-title" transform=${`translate(${box.x} ${box.y})`} tabindex="0" role="button" aria-expanded="true" onClick=${act} onKeyDown=${onEnter(act)}>
      <title>${`Close ${item.path}`}</title>
      <rect width=${box.width} height="26" rx="10" />
      <text x="12" y="18"><tspan aria-hidden="true">▾ </tspan>${cut(item.label)}</text>
    </g>
  `;
}
