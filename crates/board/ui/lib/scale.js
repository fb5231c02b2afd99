// Axes: where a number stands on the screen, and at which numbers a tick is drawn.

/**
 * @typedef {object} Scale
 * @property {"linear"|"log"} kind
 * @property {number} low
 * @property {number} high
 * @property {(value: number) => number} place  Pixels; NaN for what has no place (zero on a logarithmic axis).
 * @property {(pixel: number) => number} value  The inverse of `place`.
 */

/** No place is further away, in pixels: what lies beyond is out of sight wherever it is, and infinity is no place. */
const FAR = 1e9;

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
  // From one end of all numbers to the other is further than any number: such ends are halved.
  const half = Number.isFinite(f(high) - f(low)) ? 1 : 0.5;
  const [a, b] = [f(low) * half, f(high) * half];
  const width = b - a || 1;
  return {
    kind,
    low,
    high,
    place: (value) => {
      const along = f(value);
      if (!Number.isFinite(along)) return Number.NaN;
      return Math.min(Math.max(from + ((along * half - a) / width) * (to - from), -FAR), FAR);
    },
    value: (pixel) => inverse((a + ((pixel - from) / (to - from || 1)) * width) / half),
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
    return all.filter((tick) => Number.isFinite(tick) && tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  }
  return multiples(low, high, wanted);
}

/** No axis has more ticks. */
const MOST = 1000;

/**
 * The multiples of a stride from one number to another.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} stride  Positive.
 * @returns {number[]}  Ascending, none twice.
 */
export function multiplesOf(low, high, stride) {
  const first = Math.ceil(low / stride - 1e-9);
  const count = Math.min(Math.floor(high / stride + 1e-9) - first + 1, MOST);
  /** @type {number[]} */
  const all = [];
  // Counted from the first: beyond 2^53 a number plus one is the same number.
  for (let i = 0; i < count; i += 1) {
    const tick = Number(((first + i) * stride).toPrecision(15)) || 0;
    if (Number.isFinite(tick) && tick !== all[all.length - 1]) all.push(tick);
  }
  return all;
}

/** @param {number} low @param {number} high @param {number} wanted */
function multiples(low, high, wanted) {
  // The difference of the two may be larger than any number.
  const rough = high / wanted - low / wanted;
  const power = Math.floor(Math.log10(rough));
  const sizes = [1, 2, 5, 10].map((factor) => Number(`${factor}e${power}`)).filter(Number.isFinite);
  const stride = sizes.find((size) => size >= rough * 0.999) ?? sizes[sizes.length - 1] ?? Number.NaN;
  return stride > 0 ? multiplesOf(low, high, stride) : [low];
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
