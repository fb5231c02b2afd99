// A graph of operations folded by name: "net/conv1/weight" lies in "conv1", which lies in "net". What is closed is one box.

import { target } from "./network.js";

/** @typedef {import("./network.js").GraphNode} GraphNode */

/**
 * @typedef {object} Scope
 * @property {string} path  "" for the whole graph.
 * @property {string} label
 * @property {Map<string, Scope>} scopes
 * @property {GraphNode[]} nodes  Those directly in it.
 * @property {number} count  How many nodes are in it and below.
 */

/**
 * @typedef {object} Item  A box on the screen.
 * @property {string} id  "scope:path" or "node:name".
 * @property {"scope"|"node"} kind
 * @property {string} label
 * @property {string} path  A scope's path or a node's name.
 * @property {string} parent  The id of the open scope that it lies in; "" for none.
 * @property {boolean} open
 * @property {number} count
 * @property {string} op  Of a node.
 */

/** @typedef {{from: string, to: string, count: number, control: boolean, shape: string}} Link */

/** Numbered siblings of one operation become one box when there are at least so many. */
const SERIES = 6;

/** @param {string} path @param {string} label @returns {Scope} */
const scope = (path, label) => ({ path, label, scopes: new Map(), nodes: [], count: 0 });

/**
 * The scopes of a graph. Many numbered nodes of one kind in one scope (`add_1` ... `add_40`) are gathered in a scope `add_*`.
 *
 * @param {GraphNode[]} nodes
 * @returns {Scope}
 */
export function scopeTree(nodes) {
  const root = scope("", "");
  const all = new Map([["", root]]);
  /** @param {string} path @returns {Scope} */
  const at = (path) => {
    const known = all.get(path);
    if (known) return known;
    const cut = path.lastIndexOf("/");
    const made = scope(path, path.slice(cut + 1));
    all.set(path, made);
    at(cut < 0 ? "" : path.slice(0, cut)).scopes.set(made.label, made);
    return made;
  };
  const parents = new Set();
  for (const { name } of nodes) {
    for (
      let cut = name.lastIndexOf("/");
      cut > 0 && !parents.has(name.slice(0, cut));
      cut = name.lastIndexOf("/", cut - 1)
    ) {
      parents.add(name.slice(0, cut));
    }
  }
  for (const node of nodes) {
    // TensorFlow names an operation like the scope of its parts: it lies in that scope.
    const cut = node.name.lastIndexOf("/");
    at(parents.has(node.name) ? node.name : cut < 0 ? "" : node.name.slice(0, cut)).nodes.push(node);
  }
  finish(root);
  return root;
}

/** @param {Scope} of */
function finish(of) {
  /** @type {Map<string, GraphNode[]>} */
  const series = new Map();
  for (const node of of.nodes) {
    const base = node.name.slice(node.name.lastIndexOf("/") + 1).replace(/[_.]?\d+$/, "");
    const key = `${base}\n${node.op}`;
    const members = series.get(key);
    if (members) members.push(node);
    else series.set(key, [node]);
  }
  if (series.size > 1 || of.path === "") {
    for (const [key, members] of series) {
      if (members.length < SERIES) continue;
      const label = `${key.split("\n")[0] || key.split("\n")[1]}_*`;
      if (of.scopes.has(label)) continue;
      const made = scope(of.path ? `${of.path}/${label}` : label, label);
      made.nodes = members;
      made.count = members.length;
      of.scopes.set(label, made);
      const moved = new Set(members);
      of.nodes = of.nodes.filter((node) => !moved.has(node));
    }
  }
  of.count = of.nodes.length;
  for (const child of of.scopes.values()) {
    if (child.count === 0) finish(child);
    of.count += child.count;
  }
}

/** Constants, and what passes on what it gets: they say little and clutter much. */
const NOISE = new Set([
  "Const",
  "Identity",
  "NoOp",
  "StopGradient",
  "ReadVariableOp",
  "prim::Constant",
  "prim::ListConstruct",
  "prim::TupleConstruct",
  "prim::TupleUnpack",
  "prim::ListUnpack",
  "aten::detach",
  "Constant",
]);

/** @param {GraphNode} node */
export const isNoise = (node) => NOISE.has(node.op);

/** At first boxes are opened until there are at least so many to see, */
const ENOUGH = 6;
/** and none that would bring more than so many. */
const TOO_MANY = 40;

/**
 * The scopes that are open at first: the largest of those that can be seen, again and again, until there is something to see.
 *
 * @param {Scope} root
 */
export function openAtFirst(root) {
  const open = new Set();
  const inside = (/** @type {Scope} */ of) => [...of.scopes.values()].filter((child) => !bare(child));
  const boxes = (/** @type {Scope} */ of) => inside(of).length + of.nodes.filter((node) => !isNoise(node)).length;
  let closed = inside(root);
  let seen = boxes(root);
  while (seen < ENOUGH) {
    const next = closed
      .filter((one) => lone(one) === null && boxes(one) <= TOO_MANY)
      .sort((a, b) => b.count - a.count)[0];
    if (!next) break;
    open.add(next.path);
    seen += boxes(next);
    closed = [...closed.filter((one) => one !== next), ...inside(next)];
  }
  return open;
}

/**
 * What is on the screen.
 *
 * @param {Scope} root
 * @param {Set<string>} open  Paths of open scopes.
 * @param {boolean} noise  Whether constants and the like are shown, and control dependencies.
 * @returns {{items: Item[], links: Link[]}}
 */
export function visible(root, open, noise) {
  /** @type {Item[]} */
  const items = [];
  /** The box that stands for a node. @type {Map<string, string>} */
  const boxes = new Map();
  /** @type {Map<string, GraphNode>} */
  const byName = new Map();

  const inside = (/** @type {Scope} */ of, /** @type {string} */ box) => {
    for (const node of of.nodes) {
      byName.set(node.name, node);
      if (noise || !isNoise(node)) boxes.set(node.name, box);
    }
    for (const child of of.scopes.values()) inside(child, box);
  };
  const show = (/** @type {GraphNode} */ node, /** @type {string} */ label, /** @type {string} */ parent) => {
    const id = `node:${node.name}`;
    items.push({ id, kind: "node", label, path: node.name, parent, open: false, count: 1, op: node.op });
    boxes.set(node.name, id);
  };
  const walk = (/** @type {Scope} */ of, /** @type {string} */ parent) => {
    for (const child of of.scopes.values()) {
      const id = `scope:${child.path}`;
      if (!noise && bare(child)) {
        inside(child, "");
        continue;
      }
      const only = noise ? null : lone(child);
      if (only) {
        inside(child, "");
        show(only, child.label, parent);
        continue;
      }
      const isOpen = open.has(child.path);
      items.push({
        id,
        kind: "scope",
        label: child.label,
        path: child.path,
        parent,
        open: isOpen,
        count: child.count,
        op: "",
      });
      if (isOpen) walk(child, id);
      else inside(child, id);
    }
    for (const node of of.nodes) {
      byName.set(node.name, node);
      if (!noise && isNoise(node)) continue;
      const last = node.name.slice(node.name.lastIndexOf("/") + 1);
      show(node, node.name === of.path ? `(${last})` : last, parent);
    }
  };
  walk(root, "");
  return { items, links: links(byName, boxes, noise) };
}

/**
 * The one node of a scope that is not noise, or null if there are several: a scope around a single node is shown as the node.
 *
 * @param {Scope} of
 * @returns {GraphNode|null}
 */
function lone(of) {
  const nodes = of.nodes.filter((node) => !isNoise(node));
  const scopes = [...of.scopes.values()].filter((child) => !bare(child));
  if (nodes.length === 1 && scopes.length === 0) return nodes[0];
  return nodes.length === 0 && scopes.length === 1 ? lone(scopes[0]) : null;
}

/** Whether a scope holds nothing but noise. @param {Scope} of @returns {boolean} */
const bare = (of) => of.nodes.every(isNoise) && [...of.scopes.values()].every(bare);

/**
 * The edges between boxes. What is hidden and passes on (Identity) is passed through.
 *
 * @param {Map<string, GraphNode>} byName
 * @param {Map<string, string>} boxes
 * @param {boolean} noise
 * @returns {Link[]}
 */
function links(byName, boxes, noise) {
  /** @type {Map<string, Link>} */
  const found = new Map();
  /** @type {Map<string, string[]>} */
  const memory = new Map();
  /** The nodes with a box that a node's value comes from. @param {string} name @returns {string[]} */
  const sources = (name) => {
    if (boxes.get(name)) return [name];
    const known = memory.get(name);
    if (known) return known;
    memory.set(name, []);
    const node = byName.get(name);
    const through = (node?.inputs ?? [])
      .filter((text) => !text.startsWith("^"))
      .flatMap((text) => sources(target(text)));
    memory.set(name, through);
    return through;
  };
  for (const node of byName.values()) {
    const to = boxes.get(node.name);
    if (!to) continue;
    for (const text of node.inputs) {
      const control = text.startsWith("^");
      if (control && !noise) continue;
      for (const name of sources(target(text))) {
        const from = boxes.get(name);
        if (!from || from === to) continue;
        const key = `${from}\n${to}`;
        const link = found.get(key);
        if (link) {
          link.count += 1;
          link.control &&= control;
        } else {
          const shape = byName.get(name)?.shapes[0];
          found.set(key, {
            from,
            to,
            count: 1,
            control,
            shape: shape ? shape.map((n) => (n < 0 ? "?" : n)).join("×") : "",
          });
        }
      }
    }
  }
  return [...found.values()];
}

/**
 * The paths of the scopes that a node or scope lies in, from the outermost.
 *
 * @param {Scope} root
 * @param {string} wanted  A node's name or a scope's path.
 * @returns {string[]}
 */
export function ancestors(root, wanted) {
  /** @param {Scope} of @param {string[]} above @returns {string[]|null} */
  const search = (of, above) => {
    if (of.nodes.some((node) => node.name === wanted)) return above;
    for (const child of of.scopes.values()) {
      if (child.path === wanted && child.path !== "") {
        const own = child.nodes.some((node) => node.name === wanted);
        return own ? [...above, child.path] : above;
      }
      // A gathered scope (`add_*`) is not a part of its nodes' names: it is looked into always.
      if (!child.label.endsWith("_*") && !wanted.startsWith(`${child.path}/`)) continue;
      const found = search(child, [...above, child.path]);
      if (found) return found;
    }
    return null;
  };
  return search(root, []) ?? [];
}
