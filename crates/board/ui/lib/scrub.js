// The step that everything on the page is shown at.

import { computed, signal } from "./html.js";
import { parameter, setParameter } from "./route.js";
import { runs, shown } from "./runs.js";

/** In the address, this stands in place of a step to follow the newest one. */
const NEWEST = "newest";

/** The chosen step; null follows the newest. */
export const step = computed(() => {
  const text = parameter("step").value;
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
});

/**
 * Whether no step is chosen, neither a number nor the newest. Flow and Graph then show the whole training; the other pages
 * follow the newest step.
 */
export const whole = computed(() => step.value === null && parameter("step").value !== NEWEST);

/** Whether the steps go by on their own. */
export const playing = signal(false);

/** @param {number|null} value */
const put = (value) => setParameter("step", value === null ? NEWEST : String(Math.round(value)));

/** Goes to a step, and stays there. @param {number|null} value  Null follows the newest. */
export function setStep(value) {
  playing.value = false;
  put(value);
}

/** Goes back to the whole training. */
export function setWhole() {
  playing.value = false;
  setParameter("step", null);
}

/**
 * The last step that somebody has seen of a run. The catalogue is not fetched anew when a run only grows, so it may know an
 * earlier one.
 */
const reached = signal(/** @type {Map<string, {generation: number, step: number}>} */ (new Map()));

/**
 * Says how far a run has come, for the newest step to be followed.
 *
 * @param {string} run
 * @param {number} generation
 * @param {number} last  Its last step.
 */
export function reach(run, generation, last) {
  const known = reached.peek().get(run);
  if (!Number.isFinite(last) || (known?.generation === generation && known.step >= last)) return;
  reached.value = new Map(reached.peek()).set(run, { generation, step: last });
}

/** First and last step of the shown runs. */
export const range = computed(() => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const name of shown.value) {
    const run = runs.value.get(name);
    if (!run || run.values === 0) continue;
    low = Math.min(low, run.first_step);
    const seen = reached.value.get(name);
    high = Math.max(high, run.last_step, seen?.generation === run.generation ? seen.step : run.last_step);
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
});

/** The step as a number. */
export const at = computed(() => Math.min(Math.max(step.value ?? range.value.high, range.value.low), range.value.high));

/** How long it takes to play from the first step to the last, in seconds. */
const PLAY = 12;

let asked = 0;

/** Starts and stops playing; from the beginning, if the end is shown. */
export function togglePlaying() {
  cancelAnimationFrame(asked);
  playing.value = !playing.peek();
  if (!playing.peek()) return;
  const { low, high } = range.peek();
  if (at.peek() >= high) put(low);
  let [exact, last] = [at.peek(), performance.now()];
  /** @param {number} now */
  const frame = (now) => {
    if (!playing.peek()) return;
    const ends = range.peek();
    exact += ((ends.high - ends.low) * (now - last)) / (PLAY * 1000);
    last = now;
    if (exact >= ends.high) {
      setStep(null);
      return;
    }
    put(exact);
    asked = requestAnimationFrame(frame);
  };
  asked = requestAnimationFrame(frame);
}
