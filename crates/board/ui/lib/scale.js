// Axes: where a number stands on the screen, and at which numbers a tick is drawn.

/**
 * @typedef {object} Scale
 * @property {"linear"|"log"} kind
 * @property {number} low
 * @property {number} high
 * @property {(value: number) => number} place  Pixels; NaN for what has no place (zero on a logarithmic axis).
 * @property {(pixel: number) => number} value  The inverse of `place`.
 */

/**
 * @param {"linear"|"log"} kind
 * @param {number} low
 * @param {number} high
 * @param {number} from  Pixel of `low`.
 * @param {number} to  Pixel of `high`.
 * @returns {Scale}
 */
export function scale(kind, low, high, from, to) {
  const f = kind === "log" ? Math.log10 : (/** @type {number} */ x) => x;
  const inverse = kind === "log" ? (/** @type {number} */ x) => 10 ** x : (/** @type {number} */ x) => x;
  const [a, b] = [f(low), f(high)];
  const width = b - a || 1;
  return {
    kind,
    low,
    high,
    place: (value) => {
      const share = (f(value) - a) / width;
      return Number.isFinite(share) ? from + share * (to - from) : Number.NaN;
    },
    value: (pixel) => inverse(a + ((pixel - from) / (to - from || 1)) * width),
  };
}

/**
 * Ticks at 1, 2 or 5 times a power of ten, about `wanted` of them; on a logarithmic axis at powers of ten, and at 2 and 5
 * between them if there is room.
 *
 * @param {"linear"|"log"} kind
 * @param {number} low
 * @param {number} high
 * @param {number} wanted
 * @returns {number[]}
 */
export function ticks(kind, low, high, wanted) {
  if (!(Number.isFinite(low) && Number.isFinite(high)) || low > high || wanted < 1) return [];
  if (low === high) return [low];
  if (kind === "log") {
    const [a, b] = [Math.log10(low), Math.log10(high)];
    if (!(Number.isFinite(a) && Number.isFinite(b))) return [];
    if (b - a < 1) return ticks("linear", low, high, wanted).filter((tick) => tick > 0);
    const every = Math.max(1, Math.ceil((b - a) / wanted));
    const factors = every === 1 && (b - a) * 3 <= wanted ? [1, 2, 5] : [1];
    const all = [];
    for (let power = Math.floor(a); power <= Math.ceil(b); power += 1) {
      if (power % every !== 0) continue;
      for (const factor of factors) all.push(factor * 10 ** power);
    }
    return all.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  }
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const all = [];
  for (let i = first; i <= last; i += 1) all.push(Number((i * step).toPrecision(12)));
  return all;
}

/**
 * Smallest and largest of the numbers that an axis can show.
 *
 * @param {Iterable<number>} values
 * @param {"linear"|"log"} [kind]  On a logarithmic axis only positive numbers count.
 * @returns {[number, number]|null}
 */
export function extent(values, kind = "linear") {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value) || (kind === "log" && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}
