// How all charts of the page are drawn, as the reader has it; it stands in the address.

import { useMemo, useValue } from "../../lib/html.js";
import { parameter, setParameter } from "../../lib/route.js";
import { clearZooms } from "./zoom.js";

/** @typedef {import("../../lib/trace.js").XMode} XMode */
/**
 * @typedef {object} Settings
 * @property {number} weight  Of the smoothing, from 0 to 0.999.
 * @property {import("../../lib/plot.js").Options} options
 * @property {boolean} together  Whether all charts have the same x.
 */

const NAMES = { smooth: "smooth", mode: "xaxis", xKind: "xscale", yKind: "yscale", clip: "clip", together: "samex" };

/** @returns {Settings} */
export function useSettings() {
  const text = useValue(parameter(NAMES.smooth));
  const mode = useValue(parameter(NAMES.mode));
  const xKind = useValue(parameter(NAMES.xKind));
  const yKind = useValue(parameter(NAMES.yKind));
  const clip = useValue(parameter(NAMES.clip));
  const together = useValue(parameter(NAMES.together));
  return useMemo(
    () => ({
      weight: Math.min(Math.max(Number(text) || 0, 0), 0.999),
      options: {
        mode: mode === "relative" || mode === "wall" ? mode : "step",
        // A date has no logarithm that means anything.
        xKind: xKind === "log" && mode !== "wall" ? "log" : "linear",
        yKind: yKind === "log" ? "log" : "linear",
        clip: clip === "1",
      },
      together: together === "1",
    }),
    [text, mode, xKind, yKind, clip, together],
  );
}

/** @param {number} weight */
export const setWeight = (weight) => setParameter(NAMES.smooth, weight > 0 ? String(Math.min(weight, 0.999)) : null);

/** @param {string} mode */
export function setMode(mode) {
  setParameter(NAMES.mode, mode === "step" ? null : mode);
  clearZooms();
}

/** @param {"xKind"|"yKind"} axis @param {string} kind */
export const setKind = (axis, kind) => setParameter(NAMES[axis], kind === "log" ? "log" : null);

/** @param {"clip"|"together"} which @param {boolean} on */
export const toggle = (which, on) => setParameter(NAMES[which], on ? "1" : null);
