// How thick an edge is for the gradient that came through it.

/** Pixels of the thickest and of the thinnest edge. */
export const THICK = 44;
export const THIN = 1.5;

/** At least so many powers of ten lie between thin and thick, so that small differences look small. */
const DECADES = 3;

/**
 * The ends of the scale for some magnitudes: the largest, and the smallest or a thousandth of the largest. Zeros (a
 * gradient that has died) do not stretch it.
 *
 * @param {Iterable<number>} values
 * @returns {{low: number, high: number}|null}
 */
export function ends(values) {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (!(value > 0 && Number.isFinite(value))) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > 0 ? { low: Math.min(low, high / 10 ** DECADES), high } : null;
}

/**
 * Pixels for a magnitude, by its logarithm.
 *
 * @param {number} value  Zero and NaN have no thickness.
 * @param {{low: number, high: number}} scale
 */
export function thickness(value, { low, high }) {
  if (!(value > 0)) return 0;
  if (!Number.isFinite(value)) return THICK;
  const share = Math.log(value / low) / Math.log(high / low);
  return THIN + Math.min(Math.max(share, 0), 1) * (THICK - THIN);
}

/** Height of an arrow's head. */
const HEAD = 9;

/**
 * An arrow that points up a column from one box to the next, and narrows or widens on its way.
 *
 * @param {number} x  Its middle.
 * @param {number} top
 * @param {number} bottom
 * @param {number} upper  Width under its head.
 * @param {number} lower  Width at its foot.
 */
export function arrow(x, top, bottom, upper, lower) {
  const neck = top + HEAD;
  const middle = (neck + bottom) / 2;
  const [a, b, head] = [upper / 2, lower / 2, Math.max(upper / 2 + 5, 6)];
  return (
    `M${x} ${top}L${x + head} ${neck}L${x + a} ${neck}C${x + a} ${middle} ${x + b} ${middle} ${x + b} ${bottom}` +
    `L${x - b} ${bottom}C${x - b} ${middle} ${x - a} ${middle} ${x - a} ${neck}L${x - head} ${neck}Z`
  );
}
