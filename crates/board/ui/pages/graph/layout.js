// Where the boxes of a folded graph stand. Each open scope is laid out by itself and is one box in the scope around it.

import * as dagre from "../../vendor/dagre.js";

/** @typedef {import("./scopes.js").Item} Item */
/** @typedef {import("./scopes.js").Link} Link */
/** @typedef {{x: number, y: number, width: number, height: number}} Box  x and y: its left upper corner. */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{boxes: Map<string, Box>, paths: Map<Link, Point[]>, width: number, height: number}} Layout */

const HEIGHT = 30;
const GAP = 22;
const RANK = 38;
/** Room around what is in an open scope, and for its title. */
const MARGIN = 16;
const TITLE = 26;

/** dagre's work grows fast with the nodes and the ranks that edges cross; above this the quick layout is used. */
const DAGRE_LIMIT = 500;

/** The letters that fit in a box. */
export const LETTERS = 26;

/** The room that a number takes behind a label. @param {number} count */
const digits = (count) => count.toLocaleString("en").length * 7;

/** @param {Item} item @returns {{width: number, height: number}} */
const own = (item) => ({
  width: Math.max(
    64,
    Math.min(item.label.length, LETTERS) * 7.4 + (item.kind === "scope" ? 36 + digits(item.count) : 26),
  ),
  height: item.kind === "scope" ? HEIGHT + 4 : HEIGHT,
});

/** Width by height of a screen, about. */
const SCREEN = 1.5;

/** More boxes than this are laid out once, downwards. */
const TWICE = 200;

/**
 * From above to below, or from left to right if more of it can be read then.
 *
 * @param {Item[]} items
 * @param {Link[]} links
 * @returns {Layout}
 */
export function layout(items, links) {
  const down = directed(items, links, false);
  if (items.length > TWICE || down.height * SCREEN < 1.5 * down.width) return down;
  const across = directed(items, links, true);
  const fit = (/** @type {Layout} */ { width, height }) => Math.min(SCREEN / width, 1 / height);
  return fit(across) > 1.1 * fit(down) ? across : down;
}

/**
 * @param {Item[]} items
 * @param {Link[]} links
 * @param {boolean} across  From left to right.
 * @returns {Layout}
 */
function directed(items, links, across) {
  const byId = new Map(items.map((item) => [item.id, item]));
  /** @type {Map<string, Item[]>} */
  const children = new Map();
  for (const item of items) {
    const of = children.get(item.parent);
    if (of) of.push(item);
    else children.set(item.parent, [item]);
  }
  const levels = lift(byId, links);
  /** @type {Map<string, Box>} */
  const boxes = new Map();
  /** @type {Map<Link, Point[]>} */
  const paths = new Map();

  /** Lays out a scope, and gives its size. @param {string} id @returns {{width: number, height: number, place: (x: number, y: number) => void}} */
  const level = (id) => {
    const members = children.get(id) ?? [];
    const inner = new Map(
      members.map((item) => [item.id, item.open ? level(item.id) : { ...own(item), place: () => {} }]),
    );
    const flat = arrange(
      members.map((item) => ({ id: item.id, ...size(inner.get(item.id)) })),
      levels.get(id) ?? [],
      across,
    );
    const [left, top] = id === "" ? [0, 0] : [MARGIN, TITLE + MARGIN / 2];
    return {
      width: flat.width + 2 * left,
      height: flat.height + top + (id === "" ? 0 : MARGIN),
      place: (x, y) => {
        for (const [one, at] of flat.places) {
          boxes.set(one, { x: x + left + at.x, y: y + top + at.y, ...size(inner.get(one)) });
          inner.get(one)?.place(x + left + at.x, y + top + at.y);
        }
        for (const [link, points] of flat.paths) {
          paths.set(
            link,
            points.map((point) => ({ x: x + left + point.x, y: y + top + point.y })),
          );
        }
      },
    };
  };
  const whole = level("");
  whole.place(0, 0);
  for (const link of links) {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
    if (!paths.has(link) && from && to) paths.set(link, straight(from, to, across));
  }
  return { boxes, paths, width: whole.width, height: whole.height };
}

/** @param {{width: number, height: number}|undefined} of */
const size = (of) => ({ width: of?.width ?? 0, height: of?.height ?? 0 });

/**
 * From the edge at which one box gives on to the edge at which another takes.
 *
 * @param {Box} from
 * @param {Box} to
 * @param {boolean} across
 * @returns {Point[]}
 */
const straight = (from, to, across) =>
  across
    ? [
        { x: from.x + from.width, y: from.y + from.height / 2 },
        { x: to.x, y: to.y + to.height / 2 },
      ]
    : [
        { x: from.x + from.width / 2, y: from.y + from.height },
        { x: to.x + to.width / 2, y: to.y },
      ];

/**
 * @typedef {object} Lifted  An edge between two members of one scope.
 * @property {string} from
 * @property {string} to
 * @property {number} weight
 * @property {Link|null} link  The edge that it is, or null if it stands for edges of what is inside.
 */

/**
 * The edges by the scope in which their ends lie apart.
 *
 * @param {Map<string, Item>} byId
 * @param {Link[]} links
 * @returns {Map<string, Lifted[]>}
 */
function lift(byId, links) {
  const chain = (/** @type {string} */ id) => {
    const found = [id];
    for (let item = byId.get(id); item && item.parent !== ""; item = byId.get(item.parent)) found.push(item.parent);
    return found.reverse();
  };
  /** @type {Map<string, Map<string, Lifted>>} */
  const levels = new Map();
  for (const link of links) {
    const [a, b] = [chain(link.from), chain(link.to)];
    let depth = 0;
    while (depth < a.length - 1 && depth < b.length - 1 && a[depth] === b[depth]) depth += 1;
    if (a[depth] === b[depth]) continue;
    const id = depth === 0 ? "" : a[depth - 1];
    const of = levels.get(id) ?? new Map();
    levels.set(id, of);
    const key = `${a[depth]}\n${b[depth]}`;
    const known = of.get(key);
    const exact = a.length - 1 === depth && b.length - 1 === depth ? link : null;
    if (known) {
      known.weight += link.count;
      known.link ??= exact;
    } else of.set(key, { from: a[depth], to: b[depth], weight: link.count, link: exact });
  }
  return new Map([...levels].map(([id, of]) => [id, [...of.values()]]));
}

/** @typedef {{id: string, width: number, height: number}} Sized */
/** @typedef {{places: Map<string, Point>, paths: Map<Link, Point[]>, width: number, height: number}} Arranged */

/**
 * @param {Sized[]} members
 * @param {Lifted[]} edges
 * @param {boolean} across
 * @returns {Arranged}
 */
function arrange(members, edges, across) {
  const rank = ranks(
    members.map(({ id }) => id),
    edges,
  );
  const crossed = edges.reduce((sum, { from, to }) => sum + Math.abs((rank.get(to) ?? 0) - (rank.get(from) ?? 0)), 0);
  return members.length + crossed > DAGRE_LIMIT ? quick(members, edges, rank) : careful(members, edges, across);
}

/**
 * @param {Sized[]} members
 * @param {Lifted[]} edges
 * @param {boolean} across
 * @returns {Arranged}
 */
function careful(members, edges, across) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: across ? "LR" : "TB", nodesep: GAP, ranksep: RANK, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of members) graph.setNode(id, { width, height });
  for (const { from, to, weight } of edges) graph.setEdge(from, to, { weight: Math.min(weight, 8) });
  dagre.layout(graph);
  const places = new Map(
    members.map(({ id, width, height }) => {
      const { x, y } = graph.node(id);
      return [id, { x: x - width / 2, y: y - height / 2 }];
    }),
  );
  /** @type {Map<Link, Point[]>} */
  const paths = new Map();
  for (const { from, to, link } of edges) if (link) paths.set(link, graph.edge(from, to).points);
  const { width = 0, height = 0 } = graph.graph();
  return { places, paths, width: Math.max(width, 0), height: Math.max(height, 0) };
}

/**
 * The rank of every node: one more than the highest of its sources. An edge that closes a circle does not count.
 *
 * @param {string[]} ids
 * @param {{from: string, to: string}[]} edges
 * @returns {Map<string, number>}
 */
export function ranks(ids, edges) {
  /** @type {Map<string, string[]>} */
  const next = new Map(ids.map((id) => [id, []]));
  const waiting = new Map(ids.map((id) => [id, 0]));
  for (const { from, to } of edges) {
    next.get(from)?.push(to);
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
  }
  const rank = new Map(ids.map((id) => [id, 0]));
  const done = new Set();
  const ready = ids.filter((id) => waiting.get(id) === 0);
  let from = 0;
  for (;;) {
    for (let i = 0; i < ready.length; i += 1) {
      const id = ready[i];
      if (done.has(id)) continue;
      done.add(id);
      for (const to of next.get(id) ?? []) {
        if (done.has(to)) continue;
        rank.set(to, Math.max(rank.get(to) ?? 0, (rank.get(id) ?? 0) + 1));
        waiting.set(to, (waiting.get(to) ?? 0) - 1);
        if (waiting.get(to) === 0) ready.push(to);
      }
    }
    ready.length = 0;
    while (from < ids.length && done.has(ids[from])) from += 1;
    if (from === ids.length) return rank;
    ready.push(ids[from]);
  }
}

/** How many boxes stand side by side at most in the quick layout. */
const ABREAST = 24;

/**
 * Rank under rank, each in the order of its sources; for graphs that are too large for dagre.
 *
 * @param {Sized[]} members
 * @param {Lifted[]} edges
 * @param {Map<string, number>} rank
 * @returns {Arranged}
 */
function quick(members, edges, rank) {
  /** @type {Sized[][]} */
  const rows = [];
  for (const one of members) {
    const of = rank.get(one.id) ?? 0;
    rows[of] ??= [];
    rows[of].push(one);
  }
  /** @type {Map<string, string[]>} */
  const sources = new Map();
  for (const { from, to } of edges) sources.set(to, [...(sources.get(to) ?? []), from]);
  /** @type {Map<string, Point>} */
  const places = new Map();
  /** @type {Map<string, number>} */
  const middles = new Map();
  let [y, widest] = [0, 0];
  for (const row of rows.filter(Boolean)) {
    const weight = new Map(
      row.map(({ id }) => {
        const known = (sources.get(id) ?? []).map((from) => middles.get(from)).filter((x) => x !== undefined);
        return [id, known.length > 0 ? known.reduce((sum, x) => sum + x, 0) / known.length : 0];
      }),
    );
    row.sort((a, b) => (weight.get(a.id) ?? 0) - (weight.get(b.id) ?? 0));
    for (let start = 0; start < row.length; start += ABREAST) {
      const line = row.slice(start, start + ABREAST);
      const width = line.reduce((sum, one) => sum + one.width + GAP, -GAP);
      let x = -width / 2;
      for (const one of line) {
        places.set(one.id, { x, y });
        middles.set(one.id, x + one.width / 2);
        x += one.width + GAP;
      }
      widest = Math.max(widest, width);
      y += Math.max(...line.map((one) => one.height)) + (start + ABREAST < row.length ? GAP : RANK);
    }
  }
  for (const place of places.values()) place.x += widest / 2;
  return { places, paths: new Map(), width: widest, height: Math.max(0, y - RANK) };
}

/**
 * A smooth line through some points, as an SVG path.
 *
 * @param {Point[]} points
 */
export function curve(points) {
  const [first, ...rest] = points;
  if (rest.length === 1) {
    const [to] = rest;
    const [dx, dy] = [to.x - first.x, to.y - first.y];
    if (dx > 0 && dx > Math.abs(dy))
      return `M${first.x} ${first.y}C${first.x + dx / 2} ${first.y} ${to.x - dx / 2} ${to.y} ${to.x} ${to.y}`;
    const bend = Math.max(16, Math.abs(dy) / 2);
    return `M${first.x} ${first.y}C${first.x} ${first.y + bend} ${to.x} ${to.y - bend} ${to.x} ${to.y}`;
  }
  let text = `M${first.x} ${first.y}`;
  for (let i = 0; i < rest.length - 1; i += 1) {
    const [control, next] = [rest[i], rest[i + 1]];
    const end = i === rest.length - 2 ? next : { x: (control.x + next.x) / 2, y: (control.y + next.y) / 2 };
    text += `Q${control.x} ${control.y} ${end.x} ${end.y}`;
  }
  return text;
}
