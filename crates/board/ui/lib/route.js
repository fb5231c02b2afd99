// The state of the page is in its address: `#/series?smooth=0.6&f=relu`. Whoever gets the link sees the same.

import { computed, signal, useValue } from "./html.js";

/** @param {string} hash */
function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { page: path, query: new URLSearchParams(query) };
}

/** Which page is shown, and its parameters. */
export const route = signal(parse(location.hash));

/** The page that is shown if the address names none. */
export const landing = signal("flow");

/** The page's name. */
export const page = computed(() => route.value.page || landing.value);

/** Stays on the page that is shown, even if the landing page changes later. */
export function stay() {
  if (route.peek().page !== "") return;
  route.value = { page: landing.peek(), query: route.peek().query };
  write();
}

/** The address as the page wrote or read it last. */
let known = location.hash;

addEventListener("hashchange", () => {
  known = location.hash;
  const text = textOf(route.peek());
  if (location.hash !== text) route.value = parse(location.hash);
});

/** @param {{page: string, query: URLSearchParams}} to */
function textOf({ page: name, query }) {
  const parameters = query.toString();
  return `#/${name}${parameters ? `?${parameters}` : ""}`;
}

/** @type {ReturnType<typeof setTimeout>|undefined} */
let pending;

/** Browsers refuse to be told the address a hundred times a second: so long it rests after it was written. */
const REST = 150;
let written = Number.NEGATIVE_INFINITY;

/** Writes the address now, or soon if it has just been written. */
function write() {
  pending ??= setTimeout(put, Math.max(0, written + REST - performance.now()));
}

function put() {
  clearTimeout(pending);
  pending = undefined;
  // The reader has gone elsewhere, and the event that says so is on its way: that address is not to be overwritten.
  if (location.hash !== known) return;
  written = performance.now();
  history.replaceState(null, "", textOf(route.peek()));
  known = location.hash;
}

addEventListener("pagehide", () => {
  if (pending !== undefined) put();
});

/**
 * The address of a page with the present parameters, and some changed.
 *
 * @param {string} name
 * @param {Record<string, string|null>} [changes]
 */
export function link(name, changes = {}) {
  const query = new URLSearchParams(route.value.query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) query.delete(key);
    else query.set(key, value);
  }
  return textOf({ page: name, query });
}

/**
 * Goes to a page, with an entry in the browser's history.
 *
 * @param {string} name
 * @param {Record<string, string|null>} [changes]
 */
export function go(name, changes = {}) {
  location.hash = link(name, changes);
}

/**
 * A parameter of the address as a signal of text; null if it is not there.
 *
 * @type {Map<string, import("../vendor/signals.js").ReadonlySignal<string|null>>}
 */
const parameters = new Map();

/** @param {string} name */
export function parameter(name) {
  let found = parameters.get(name);
  if (!found) {
    found = computed(() => route.value.query.get(name));
    parameters.set(name, found);
  }
  return found;
}

/**
 * Sets a parameter; null removes it.
 *
 * @param {string} name
 * @param {string|null} value
 */
export function setParameter(name, value) {
  const { page: current, query } = route.peek();
  if (query.get(name) === value) return;
  const next = new URLSearchParams(query);
  if (value === null) next.delete(name);
  else next.set(name, value);
  route.value = { page: current, query: next };
  write();
}

/**
 * A parameter of the address and its setter, as `useState`. The default is not written.
 *
 * @param {string} name
 * @param {string} fallback
 * @returns {[string, (value: string) => void]}
 */
export function useParameter(name, fallback) {
  const value = useValue(parameter(name)) ?? fallback;
  return [value, (next) => setParameter(name, next === fallback ? null : next)];
}
