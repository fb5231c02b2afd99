// The flows that the page shows, loaded once, and again when their run grows.

import * as api from "../../lib/api.js";
import { flow } from "../../lib/flow.js";
import { useEffect, useRef, useState } from "../../lib/html.js";
import { catalogue, onGrowth } from "../../lib/live.js";
import { reach } from "../../lib/scrub.js";

/** @typedef {import("../../lib/flow.js").Flow} Flow */
/** @typedef {{run: string, quantity: string}} Wanted */

/** More columns than the pixels of a panel. */
const COLUMNS = 1000;

/** @param {Wanted} wanted */
export const keyOf = ({ run, quantity }) => `${run}\n${quantity}`;

/** Whether the run has the quantity, as far as the catalogue knows: a run that has just begun may not. @param {Wanted} wanted */
function isOffered({ run, quantity }) {
  const all = catalogue.peek();
  const found = all?.runs.find(({ name }) => name === run);
  return found !== undefined && (all?.sets[found.set].flow.some((one) => one.quantity === quantity) ?? false);
}

/**
 * Of each run only what has grown is loaded anew, and what has come is shown with the next frame.
 *
 * @param {Wanted[]} wanted
 * @param {boolean} visible
 * @returns {{flows: Map<string, Flow|null>, error: Error|null}}  By `keyOf`. Null: the run has no such quantity.
 */
export function useFlows(wanted, visible) {
  const flows = useRef(/** @type {Map<string, Flow|null>} */ (new Map()));
  const stale = useRef(/** @type {Set<string>} */ (new Set()));
  const [state, show] = useState({ flows: flows.current, error: /** @type {Error|null} */ (null) });
  const keys = wanted.map(keyOf).join("\n\n");
  useEffect(() => {
    const controller = new AbortController();
    /** @type {Set<string>} */
    const busy = new Set();
    let frame = 0;
    let error = /** @type {Error|null} */ (null);
    const later = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        show({ flows: new Map(flows.current), error });
      });
    };
    const load = async (/** @type {Wanted} */ one) => {
      const key = keyOf(one);
      if (busy.has(key)) return;
      busy.add(key);
      do {
        stale.current.delete(key);
        try {
          const query = { run: one.run, quantity: one.quantity, columns: COLUMNS };
          const found = flow(await api.frame("flow", query, controller.signal));
          flows.current.set(key, found);
          reach(one.run, found.generation, found.steps[found.steps.length - 1]);
          error = null;
        } catch (problem) {
          if (controller.signal.aborted) break;
          if (problem instanceof api.ServerError && problem.status === 404) flows.current.set(key, null);
          else error = problem instanceof Error ? problem : new Error(String(problem));
        }
        later();
      } while (stale.current.has(key) && !controller.signal.aborted);
      busy.delete(key);
      if (controller.signal.aborted) stale.current.add(key);
    };
    const refresh = () => {
      if (!visible) return;
      for (const one of wanted) {
        const key = keyOf(one);
        if (isOffered(one)) {
          if (stale.current.has(key) || !flows.current.get(key)) load(one);
        } else if (flows.current.get(key) !== null) {
          flows.current.set(key, null);
          later();
        }
      }
    };
    const unlisten = onGrowth((grown) => {
      for (const key of flows.current.keys()) {
        if (grown === null || grown.has(key.slice(0, key.lastIndexOf("\n")))) stale.current.add(key);
      }
      for (const one of wanted) if (grown === null || grown.has(one.run)) stale.current.add(keyOf(one));
      refresh();
    });
    // Calls back at once, and again when a run has something new to offer.
    const unfollow = catalogue.subscribe(refresh);
    return () => {
      unfollow();
      controller.abort();
      cancelAnimationFrame(frame);
      unlisten();
      // What came and was not shown yet.
      if (frame) show({ flows: new Map(flows.current), error });
    };
  }, [keys, visible]);
  return state;
}

/**
 * Remembers what was made of some inputs, so that what is drawn of a group changes only when one of its runs does.
 *
 * @template T
 * @returns {(id: string, inputs: unknown[], make: () => T) => T}  The same result for an id until an input is another.
 */
export function useRemembered() {
  const known = useRef(/** @type {Map<string, {inputs: unknown[], made: T}>} */ (new Map()));
  return (id, inputs, make) => {
    const old = known.current.get(id);
    if (old?.inputs.length === inputs.length && inputs.every((input, i) => input === old.inputs[i])) return old.made;
    const made = make();
    known.current.set(id, { inputs, made });
    return made;
  };
}
