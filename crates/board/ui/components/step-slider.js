// One scrubber for the whole page: the step that everything is shown at.

import { html, useEffect, useValue } from "../lib/html.js";
import { at, playing, range, setStep, setWhole, step, togglePlaying, whole } from "../lib/scrub.js";

/** How many steps an arrow key moves: a two-hundredth of the way. @param {{low: number, high: number}} ends */
const stride = (ends) => Math.max(1, Math.round((ends.high - ends.low) / 200));

/** Moves the step by so many strides. @param {number} strides */
export function moveStep(strides) {
  const ends = range.peek();
  const next = at.peek() + strides * stride(ends);
  setStep(next >= ends.high ? null : Math.max(next, ends.low));
}

/** @param {{means?: boolean}} properties  `means`: whether the page can also show means over the whole training. */
export function StepSlider({ means = false }) {
  const ends = useValue(range);
  const value = useValue(at);
  const chosen = useValue(step);
  const plays = useValue(playing);
  const all = useValue(whole) && means;
  useEffect(
    () => () => {
      playing.value = false;
    },
    [],
  );
  const set = (/** @type {Event} */ event) => {
    const next = /** @type {HTMLInputElement} */ (event.target).valueAsNumber;
    // An emptied field names no step.
    if (Number.isNaN(next)) return;
    setStep(next >= ends.high ? null : next);
  };
  return html`
    <div class=${all ? "scrubber of-all" : "scrubber"}>
      <button type="button" class="round" aria-label=${plays ? "Pause" : "Play"} title="Play (space)" onClick=${togglePlaying}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          ${plays ? html`<path d="M4 3h3v10H4zM9 3h3v10H9z" />` : html`<path d="M4.5 2.5v11l9-5.5z" />`}
        </svg>
      </button>
      <label class="scrubber-track">
        <span class="hidden">Step</span>
        <input type="range" min=${ends.low} max=${ends.high} step="1" value=${value} onInput=${set} aria-valuetext=${all ? "the whole training" : `step ${value}`} />
      </label>
      <label class="scrubber-step">
        <span>step</span>
        <input type="number" min=${ends.low} max=${ends.high} value=${all ? "" : value} placeholder="all" onChange=${set} />
      </label>
      <button type="button" class=${chosen === null && !all ? "pill on" : "pill"} aria-pressed=${chosen === null && !all} title="Follow the newest step (End)" onClick=${() => setStep(null)}>
        newest
      </button>
      ${means && html`<button type="button" class=${all ? "pill on" : "pill"} aria-pressed=${all} title="The mean over the whole training (m)" onClick=${setWhole}>whole training</button>`}
    </div>
  `;
}
