// The one stream that says what grew, and what follows from it.

import * as api from "./api.js";
import { batch, signal, useEffect, useRef, useState } from "./html.js";

/** @typedef {import("./types.js").Catalogue} Catalogue */

/** Everything that there is, or null before the first answer. */
export const catalogue = signal(/** @type {Catalogue|null} */ (null));

/** Whether the server can be reached: "connecting", "live", or "lost". */
export const connection = signal(/** @type {"connecting"|"live"|"lost"} */ ("connecting"));

/** What is wrong with the server, in its words, if anything is. */
export const failure = signal(/** @type {string|null} */ (null));

/** Grows when the findings should be asked for: at first when the catalogue is there. */
export const judged = signal(0);

/** @type {Set<(runs: Set<string>|null) => void>} */
const listeners = new Set();

/**
 * Calls back with the names of runs that grew, or null if all may have.
 *
 * @param {(runs: Set<string>|null) => void} listener
 */
export function onGrowth(listener) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** The server that sent the page its first answer. @type {string|null} */
let instance = null;

/**
 * Whether an answer comes from that server. If not, the page reloads, because its data may belong to another log directory.
 * No choice is lost: the address holds them all.
 *
 * @param {{instance: string}} answer
 */
function isOurs(answer) {
  instance ??= answer.instance;
  if (answer.instance !== instance) location.reload();
  return answer.instance === instance;
}

let asking = false;
let askAgain = false;

async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    do {
      askAgain = false;
      const now = await api.catalogue();
      if (!isOurs(now)) return;
      batch(() => {
        catalogue.value = now;
        failure.value = null;
      });
    } while (askAgain);
  } catch (error) {
    failure.value = error instanceof Error ? error.message : String(error);
    // A server that is back says by itself that all may have changed; one that was never away does not.
    if (connection.peek() !== "lost") refreshSoon();
  } finally {
    asking = false;
  }
}

/** How long the catalogue may lag behind runs that only grow: their last steps and statuses, in milliseconds. */
const LAG = 1000;

let due = false;

/** Fetches the catalogue soon, once for all that happens meanwhile. */
function refreshSoon() {
  if (due) return;
  due = true;
  setTimeout(() => {
    due = false;
    refresh();
  }, LAG);
}

/** When a stream is opened again that the server, or a proxy, refused, in milliseconds. */
const REOPEN = 5000;

/** Begins to listen. */
export function connect() {
  listen(refresh(), { greeted: false });
}

/**
 * Opens the stream of changes.
 *
 * @param {Promise<unknown>} first  The first catalogue.
 * @param {{greeted: boolean}} state  Whether any stream has begun to tell.
 */
function listen(first, state) {
  const stream = new EventSource("api/events");
  stream.addEventListener("changed", async (event) => {
    const change = JSON.parse(event.data);
    if (!isOurs(change)) return;
    connection.value = "live";
    if (!state.greeted) {
      // The stream begins with how things stand, which the first catalogue has told already unless it is older.
      state.greeted = true;
      await first;
      judged.value += 1;
      const known = catalogue.peek();
      if (known?.version === change.version && known?.loading === change.loading) return;
    } else if (change.findings) judged.value += 1;
    if (change.catalogue) refresh();
    const grown = change.runs === null ? null : new Set(/** @type {string[]} */ (change.runs));
    if (grown !== null && grown.size === 0) return;
    if (!change.catalogue) refreshSoon();
    for (const listener of listeners) listener(grown);
  });
  stream.addEventListener("open", () => {
    connection.value = "live";
  });
  stream.addEventListener("error", () => {
    connection.value = "lost";
    // The browser tries again by itself, but not after an answer that says no.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, REOPEN, first, state);
  });
}

/**
 * What `load` resolves to. It is loaded anew when `deps` change and when one of `runs` grows; not while it is not
 * `visible`; and never twice at a time: what changes meanwhile is loaded after.
 *
 * @template T
 * @param {string[]} runs
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {unknown[]} deps
 * @param {boolean} [visible]
 * @returns {{data: T|null, error: Error|null}}
 */
export function useLive(runs, load, deps, visible = true) {
  const [state, setState] = useState(/** @type {{data: T|null, error: Error|null}} */ ({ data: null, error: null }));
  const stale = useRef(true);
  const key = JSON.stringify([runs, deps]);
  const loaded = useRef("");
  useEffect(() => {
    if (loaded.current !== key) stale.current = true;
    const controller = new AbortController();
    let busy = false;
    const run = async () => {
      if (busy || !visible) return;
      busy = true;
      while (stale.current && !controller.signal.aborted) {
        stale.current = false;
        try {
          const data = await load(controller.signal);
          if (controller.signal.aborted) break;
          loaded.current = key;
          setState({ data, error: null });
        } catch (error) {
          if (controller.signal.aborted) break;
          // What is shown is no answer to anything that may be asked next.
          loaded.current = "";
          setState((old) => ({ data: old.data, error: error instanceof Error ? error : new Error(String(error)) }));
        }
      }
      busy = false;
    };
    const unlisten = onGrowth((grown) => {
      if (grown !== null && !runs.some((name) => grown.has(name))) return;
      stale.current = true;
      run();
    });
    run();
    return () => {
      if (busy) stale.current = true;
      controller.abort();
      unlisten();
    };
  }, [key, visible]);
  return state;
}
