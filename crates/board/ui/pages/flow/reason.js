// Why delta falls or grows: the effect of each part of the network, as factors whose product is the total change.

import { ALIKE, preciseFoldOfLn } from "../../lib/format.js";
import { partsOfNetwork, totals } from "./gains.js";

const SAME = Math.log(ALIKE);

/** Up to this factor, a part counts as leaving delta unchanged: its factor would read "1.00-fold". */
const NOTHING = Math.log(1.005);

/**
 * "falls 21.5-fold".
 *
 * @param {number} ln  Natural logarithm of the last layer's value divided by the first layer's.
 */
export function changeOfLn(ln) {
  if (Math.abs(ln) <= SAME) return "neither falls nor grows";
  return `${ln > 0 ? "falls" : "grows"} ${preciseFoldOfLn(Math.abs(ln))}`;
}

/**
 * "f′ shrinks it 5,876-fold".
 *
 * @param {{noun: string, plural: boolean}} part
 * @param {number} gain
 * @param {string} [it]
 */
export function does({ noun, plural }, gain, it = "it") {
  const s = plural ? "" : "s";
  if (gain === Number.NEGATIVE_INFINITY) return `${noun} make${s} ${it} 0`;
  if (Math.abs(gain) <= NOTHING) return `${noun} leave${s} ${it} as it is`;
  return `${noun} ${gain < 0 ? "shrink" : "enlarge"}${s} ${it} ${preciseFoldOfLn(Math.abs(gain))}`;
}

/**
 * "delta falls 21.6-fold: f′ shrinks it 5,876-fold, the weights enlarge it 273-fold"; "" if nothing was recorded.
 *
 * @param {import("./gains.js").Blame} blame
 */
export function reason(blame) {
  const { parts, sum } = totals(blame);
  const known = partsOfNetwork().flatMap((part, i) => (Number.isNaN(parts[i]) ? [] : [{ part, gain: parts[i] }]));
  if (known.length === 0) return "";
  const lost = known.filter(({ gain }) => gain === Number.NEGATIVE_INFINITY);
  if (lost.length > 0) {
    const when = blame.whole ? " at some recorded steps" : "";
    return `delta does not reach ${blame.layers[0]}${when}: ${lost.map(({ part, gain }) => does(part, gain)).join(", ")}`;
  }
  return `delta ${changeOfLn(-sum)}: ${known.map(({ part, gain }) => does(part, gain)).join(", ")}`;
}
