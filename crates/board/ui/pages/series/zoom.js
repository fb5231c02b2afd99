// Which part of its x axis each chart shows, or all together. It stands in the address once the hand rests.

import { computed, signal } from "../../lib/html.js";
import { parameter, setParameter } from "../../lib/route.js";

/** @typedef {[number, number]} Range */

/** The zoom of all charts, if they have the same x. */
const ALL = "*";

/** @param {string|null} text  "tag:low:high,..." @returns {Map<string, Range>} */
export function parseZooms(text) {
  const found = new Map();
  for (const part of (text ?? "").split(",")) {
    const [name, low, high] = part.split(":");
    const range = /** @type {Range} */ ([Number(low), Number(high)]);
    if (high !== undefined && range.every(Number.isFinite) && range[0] < range[1]) found.set(unescaped(name), range);
  }
  return found;
}

/** @param {string} text */
function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {Map<string, Range>} zooms */
export const writeZooms = (zooms) =>
  [...zooms]
    .map(([name, range]) => `${encodeURIComponent(name)}:${range.map((end) => shortened(end, range)).join(":")}`)
    .join(",");

/** An end of a range with the digits that tell a thousandth of the range. @param {number} end @param {Range} range */
function shortened(end, [low, high]) {
  const digits = Math.log10(Math.max(Math.abs(low), Math.abs(high))) - Math.log10(high - low) + 4;
  const found = Number(end.toPrecision(Math.min(Math.max(Math.ceil(digits), 9), 17)));
  return Number.isFinite(found) ? found : end;
}

/** While the hand moves, what it has moved to. */
const moving = signal(/** @type {Map<string, Range>|null} */ (null));
const written = computed(() => parseZooms(parameter("zoom").value));
const zooms = computed(() => moving.value ?? written.value);

/** @type {ReturnType<typeof setTimeout>|undefined} */
let timer;

/** @type {Map<string, import("../../vendor/signals.js").ReadonlySignal<Range|null>>} */
const signals = new Map();

/**
 * The zoom of one chart, as a signal.
 *
 * @param {string} tag
 * @param {boolean} together  Whether all charts have the same x.
 */
export function zoomOf(tag, together) {
  const name = together ? ALL : tag;
  let found = signals.get(name);
  if (!found) {
    found = computed(() => zooms.value.get(name) ?? null);
    signals.set(name, found);
  }
  return found;
}

/**
 * @param {string} tag
 * @param {boolean} together
 * @param {Range|null} range
 */
export function setZoom(tag, together, range) {
  const next = new Map(zooms.peek());
  if (range) next.set(together ? ALL : tag, range);
  else next.delete(together ? ALL : tag);
  moving.value = next;
  clearTimeout(timer);
  timer = setTimeout(settle, 250);
}

/** Writes the address. */
function settle() {
  const now = moving.peek();
  if (!now) return;
  setParameter("zoom", now.size > 0 ? writeZooms(now) : null);
  moving.value = null;
}

/** Shows everything: another kind of x has other numbers. */
export function clearZooms() {
  clearTimeout(timer);
  moving.value = null;
  setParameter("zoom", null);
}
