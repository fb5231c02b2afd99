// Filters: which names match a text or a regular expression that the reader wrote, or that stands in an address.
//
// A regular expression is matched in a worker, and given up after a while: the page never waits for one.

import { signal } from "./html.js";

/** How long an expression may take for the names that it is asked about at once, in milliseconds. */
export const DEADLINE = 1000;

/** Answers are kept for so many filters. */
const FILTERS = 20;

/** @typedef {"text"|"invalid"|"slow"|"pattern"} Reading  How a filter is read: all but a pattern are taken as text. */

/** What is known of one filter: whether names match, and the names that are asked about. */
class Judgement {
  /** @param {string} filter */
  constructor(filter) {
    this.filter = filter;
    /** @type {Map<string, boolean>} */
    this.known = new Map();
    /** @type {Set<string>} */
    this.wanted = new Set();
    this.slow = false;
  }
}

/** By filter; the one that was used last is the last. @type {Map<string, Judgement>} */
const judgements = new Map();

/** Grows when an answer has come: whoever used `matcher` uses it again. */
export const matched = signal(0);

/** @param {string} filter */
function expressionOf(filter) {
  try {
    return new RegExp(filter, "i");
  } catch {
    return null;
  }
}

/** Whether an expression has nothing in it that could be tried again: groups and repetitions. @param {string} filter */
const isSimple = (filter) => filter.length < 1000 && !/[*+?{(]/.test(filter);

/** @param {string} filter */
function judgementOf(filter) {
  const found = judgements.get(filter) ?? new Judgement(filter);
  judgements.delete(filter);
  judgements.set(filter, found);
  for (const oldest of judgements.keys()) {
    if (judgements.size <= FILTERS) break;
    judgements.delete(oldest);
  }
  return found;
}

/**
 * How a filter is read.
 *
 * @param {string} filter
 * @returns {Reading}
 */
export function reading(filter) {
  if (filter === "") return "text";
  if (!expressionOf(filter)) return "invalid";
  return judgements.get(filter)?.slow ? "slow" : "pattern";
}

/**
 * Whether a name matches a filter: a regular expression, or the text as it stands if it is none or takes too long. What is
 * not known yet does not match; `matched` says when it is.
 *
 * @param {string} filter
 * @returns {(name: string) => boolean}
 */
export function matcher(filter) {
  if (filter === "") return () => true;
  const expression = expressionOf(filter);
  if (expression && isSimple(filter)) return (name) => expression.test(name);
  const judgement = expression ? judgementOf(filter) : null;
  const text = filter.toLowerCase();
  return (name) => {
    if (!judgement || judgement.slow) return name.toLowerCase().includes(text);
    const known = judgement.known.get(name);
    if (known === undefined) ask(judgement, name);
    return known ?? false;
  };
}

/** @param {Judgement} judgement @param {string} name */
function ask(judgement, name) {
  // All names that are asked about in one go are matched together.
  if (judgement.wanted.size === 0) queueMicrotask(next);
  judgement.wanted.add(name);
}

/** @type {Worker|null} */
let worker = null;

/** What the worker is at. @type {Judgement|null} */
let current = null;

/** Whether it is not known yet which names match a filter. @param {string} filter */
export function isMatching(filter) {
  const judgement = judgements.get(filter);
  return judgement !== undefined && !judgement.slow && (judgement === current || judgement.wanted.size > 0);
}

/** Asks the worker about the names of the filter that was used last. */
function next() {
  if (current) return;
  const judgement = [...judgements.values()].reverse().find(({ wanted, slow }) => wanted.size > 0 && !slow);
  if (!judgement) return;
  current = judgement;
  const names = [...judgement.wanted];
  judgement.wanted.clear();
  const end = (/** @type {boolean[]|null} */ answer) => {
    clearTimeout(timer);
    if (answer) for (const [i, name] of names.entries()) judgement.known.set(name, answer[i]);
    else {
      // A worker cannot be interrupted, but it can be ended.
      worker?.terminate();
      worker = null;
      judgement.slow = true;
      judgement.known.clear();
    }
    // Some may have been asked about again meanwhile.
    for (const name of names) judgement.wanted.delete(name);
    current = null;
    matched.value += 1;
    next();
  };
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const send = () => {
    // Its time begins when it can begin: loading its code does not count.
    timer = setTimeout(end, DEADLINE, null);
    worker?.postMessage({ pattern: judgement.filter, names });
  };
  const isNew = worker === null;
  worker ??= new Worker(new URL("./match-worker.js", import.meta.url));
  worker.onmessage = ({ data }) => (data === "ready" ? send() : end(data));
  worker.onerror = () => end(null);
  if (!isNew) send();
}

/** What the reader is told of a filter that is not read as the expression that it looks like. @type {Partial<Record<Reading, string>>} */
export const READ_AS_TEXT = {
  invalid: "Not a regular expression: taken as text.",
  slow: "This expression takes too long: taken as text.",
};
