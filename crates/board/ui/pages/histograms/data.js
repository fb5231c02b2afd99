// What a picture of histograms is made of: a series, and the numbers of the record at the scrubbed step.

import * as api from "../../lib/api.js";
import { histograms, recordAt, recordFacts, rowAt, rowFacts } from "../../lib/bins.js";
import { signal, useEffect, useMemo, useRef, useState, useValue } from "../../lib/html.js";
import { useLive } from "../../lib/live.js";
import { at } from "../../lib/scrub.js";

/** @typedef {import("../../lib/bins.js").Histograms} Histograms */
/** @typedef {import("../../lib/bins.js").Facts} Facts */
/** @typedef {"linear"|"log"} Bins  How the edges of the bins are spread. */

/**
 * A series of histograms, kept up to date while it is visible.
 *
 * @param {{run: string, tag: string, bins: number, rows: number, scale: Bins}} question
 * @param {boolean} visible
 * @returns {{data: Histograms|null, error: Error|null}}
 */
export function useHistograms({ run, tag, bins, rows, scale }, visible) {
  const last = useRef(/** @type {{key: string, data: Histograms}|null} */ (null));
  return useLive(
    [run],
    async (signal) => {
      const data = histograms(await api.frame("histograms", { run, tag, bins, rows, scale }, signal));
      const key = [run, tag, bins, rows, scale, data.generation, data.total].join("\n");
      // The run grew, but not in this series: the same object again, so that nothing is drawn anew.
      if (last.current?.key !== key) last.current = { key, data };
      return last.current.data;
    },
    [tag, bins, rows, scale],
    visible,
  );
}

const resting = signal(0);

/**
 * The scrubbed step while something is visible; the last one that was, while it is not: of a thousand pictures only those
 * on the screen follow the scrubber.
 *
 * @param {boolean} visible
 */
export function useStep(visible) {
  const now = useValue(visible ? at : resting);
  const kept = useRef(at.peek());
  if (visible) kept.current = now;
  return kept.current;
}

/** How long the step has to rest before the record itself is asked for, in milliseconds. */
const REST = 150;

/**
 * The record at a step in numbers. While the steps go by it is read off the series, which may sum several records in a row
 * and knows the shares of bins only; when they rest, off the record.
 *
 * @param {{run: string, tag: string}} of
 * @param {Histograms|null} data
 * @param {number} step
 * @param {boolean} visible
 * @returns {Facts|null}
 */
export function useFacts({ run, tag }, data, step, visible) {
  const [known, setKnown] = useState(/** @type {{key: string, facts: Facts}|null} */ (null));
  const some = data !== null && data.rows > 0;
  const row = some ? rowAt(data.steps, step) : -1;
  const index = some ? recordAt(data, step) : -1;
  const quick = useMemo(() => (some ? rowFacts(data, row) : null), [data, row]);
  const key = [run, tag, data?.generation, index].join("\n");
  useEffect(() => {
    if (!visible || quick === null || quick.exact || known?.key === key) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const record = await api.json("histogram", { run, tag, index }, controller.signal);
        setKnown({ key, facts: recordFacts(record.step, record.buckets) });
      } catch {
        // What was read off the series stands, and says "about".
      }
    }, REST);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, visible, quick]);
  return known?.key === key ? known.facts : quick;
}
