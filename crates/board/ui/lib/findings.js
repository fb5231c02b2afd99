// What is wrong with the runs, as far as the server has looked.

import * as api from "./api.js";
import { batch, computed, effect, signal, useEffect, useState, useValue } from "./html.js";
import { total } from "./finding-words.js";
import { judged } from "./live.js";
import { parameter, setParameter } from "./route.js";
import { runs, shown } from "./runs.js";

/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").Diagnosis} Diagnosis */

/** The findings of so many shown runs are drawn on charts and layers. */
const DRAWN = 60;

/** What the server said last, by run. */
const told = signal(/** @type {Map<string, Summary>} */ (new Map()));

/** What is known of the runs, by name. Of a run that is gone nothing is said any more. */
export const summaries = computed(() => new Map([...told.value].filter(([run]) => runs.value.has(run))));

/** Whether all runs have been looked at. */
export const complete = signal(false);

/** The run whose findings lie over the page, "" for those of all runs, null for none. */
export const opened = parameter("findings");

/** @param {string|null} run */
export const openFindings = (run) => setParameter("findings", run);

let asking = false;
let askAgain = false;

async function refresh() {
  askAgain = asking;
  if (asking) return;
  asking = true;
  try {
    do {
      askAgain = false;
      const found = await api.json("findings");
      batch(() => {
        told.value = new Map(found.runs.map((/** @type {Summary} */ one) => [one.run, one]));
        complete.value = found.complete;
      });
    } while (askAgain);
  } catch {
    // The page is whole without; the next message asks again.
  } finally {
    asking = false;
  }
}

effect(() => {
  if (judged.value > 0) refresh();
});

/** The diagnoses of shown runs with findings, once somebody draws them. */
const drawn = signal(/** @type {Map<string, {edition: number, diagnosis: Diagnosis}>} */ (new Map()));

/** The shown runs that have findings. */
const wanted = computed(() =>
  shown.value
    .flatMap((run) => summaries.value.get(run) ?? [])
    .filter((summary) => total(summary) > 0)
    .slice(0, DRAWN),
);

let loading = false;
let following = false;

/** Loads one after the other what is wanted and not there as it is now. */
async function load() {
  if (loading) return;
  loading = true;
  for (;;) {
    const known = drawn.peek();
    const next = wanted.peek().find(({ run, edition }) => known.get(run)?.edition !== edition);
    if (!next) break;
    try {
      const diagnosis = await api.json("findings", { run: next.run });
      drawn.value = new Map(drawn.peek()).set(next.run, { edition: next.edition, diagnosis });
    } catch {
      // It is gone, or the server is: the next summary says which.
      break;
    }
  }
  loading = false;
}

/**
 * The diagnoses of shown runs that have findings, by run.
 *
 * @returns {Map<string, Diagnosis>}
 */
export function useDiagnoses() {
  useEffect(() => {
    if (following) return;
    following = true;
    effect(() => {
      if (wanted.value.length > 0) load();
    });
  }, []);
  return useValue(diagnoses);
}

/** Of a run that has findings no more, none are drawn. */
const diagnoses = computed(
  () => new Map(wanted.value.flatMap(({ run }) => (drawn.value.has(run) ? [[run, of(run)]] : []))),
);

/** @param {string} run */
const of = (run) => /** @type {{diagnosis: Diagnosis}} */ (drawn.value.get(run)).diagnosis;

/** The same, for what is no component. @returns {Promise<Map<string, Diagnosis>>} */
export async function shownDiagnoses() {
  await load();
  return diagnoses.peek();
}

/**
 * The diagnosis of a run, again when something else is said of it.
 *
 * @param {string} run
 * @returns {{data: Diagnosis|null, error: Error|null}}
 */
export function useDiagnosis(run) {
  const edition = useValue(summaries).get(run)?.edition ?? 0;
  const [state, set] = useState(
    /** @type {{of: string, data: Diagnosis|null, error: Error|null}} */ ({ of: run, data: null, error: null }),
  );
  useEffect(() => {
    const controller = new AbortController();
    api.json("findings", { run }, controller.signal).then(
      (data) => set({ of: run, data, error: null }),
      (error) => controller.signal.aborted || set({ of: run, data: null, error }),
    );
    return () => controller.abort();
  }, [run, edition]);
  return state.of === run ? state : { data: null, error: null };
}
