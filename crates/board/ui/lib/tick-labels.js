// What stands at the ticks of an axis: as many digits as tell the ticks apart, in one unit for all of them.

/** A label may be off by this share of the distance to the nearest tick. */
const OFF = 1e-3;

/** A tick that stands alone may be off by this share of itself. */
const OFF_ALONE = 1e-6;

/** More digits than this a number of double precision does not have. */
const DIGITS = 17;

/** Ticks of fewer powers of ten than this have one unit; on a longer, logarithmic axis each has its own. */
const TOGETHER = 100;

/**
 * A number with as few digits as tell it from its neighbours.
 *
 * @param {number} tick
 * @param {number} gap  To the nearest other tick.
 */
function rounded(tick, gap) {
  const room = Number.isFinite(gap) ? OFF * gap : OFF_ALONE * Math.abs(tick);
  for (let digits = 1; digits < DIGITS; digits += 1) {
    const found = Number(tick.toPrecision(digits));
    if (Math.abs(found - tick) <= room && Number.isFinite(found)) return found;
  }
  return tick;
}

/** @typedef {"plain"|"k"|"M"|"power"} Style */

/** The style in which a number of a size is usually written. @param {number} size @returns {Style} */
const usual = (size) => (size >= 1e9 || size < 1e-3 ? "power" : size >= 1e6 ? "M" : size >= 1e4 ? "k" : "plain");

/** Whether JavaScript writes a number of a size without a power of ten. @param {number} size */
const isPlain = (size) => size >= 1e-6 && size < 1e21;

/** @param {number} value @param {Style} style */
function written(value, style) {
  if (value === 0) return "0";
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e");
  // Moving the point in the text keeps every digit; a division would not.
  const moved = (/** @type {number} */ places) => String(Number(`${mantissa}e${Number(exponent) - places}`));
  const text =
    style === "power"
      ? `${mantissa}e${exponent.replace("+", "").replace("-", "−")}`
      : style === "M"
        ? `${moved(6)}M`
        : style === "k"
          ? `${moved(3)}k`
          : String(Math.abs(value)).replace("e+", "e").replace("e-", "e−");
  return value < 0 ? `−${text}` : text;
}

/**
 * The labels of the ticks of one axis: "0", "0.25", "2e−4", "15k", "1.2M", "100.0015". Different ticks have different labels.
 *
 * @param {number[]} ticks  Finite, ascending or descending.
 * @returns {string[]}
 */
export function tickLabels(ticks) {
  const values = ticks.map((tick, i) => {
    const away = (/** @type {number|undefined} */ other) =>
      other === undefined || other === tick ? Number.POSITIVE_INFINITY : Math.abs(other - tick);
    return rounded(tick, Math.min(away(ticks[i - 1]), away(ticks[i + 1])));
  });
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const largest = Math.max(0, ...sizes);
  const together = largest <= TOGETHER * Math.min(largest, ...sizes);
  const labels = values.map((value) => written(value, usual(together ? largest : Math.abs(value))));
  if (!sizes.every(isPlain)) return labels;
  // Where the digits are many, the unit only adds to them: 12345 and not 12.345k.
  const plain = values.map((value) => written(value, "plain"));
  const longest = (/** @type {string[]} */ texts) => Math.max(0, ...texts.map(({ length }) => length));
  return longest(plain) < longest(labels) ? plain : labels;
}
