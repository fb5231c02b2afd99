// Runs of a group as one line: their mean, and the band in which nine of ten of them lie.

/**
 * A series whose x go up.
 *
 * @typedef {object} Ascending
 * @property {Float64Array} xs
 * @property {Float64Array} ys
 */

/**
 * @typedef {object} Band
 * @property {Float64Array} xs  The common grid.
 * @property {Float64Array} mean
 * @property {Float64Array} low  5 %
 * @property {Float64Array} high  95 %
 * @property {Uint32Array} counts  How many runs have a value there.
 */

/** Above so many points the grid is thinned out evenly. */
const GRID = 50_000;

/**
 * The points of a series as the newest attempts have them: where a training was begun anew, what the older attempt had
 * from there on is left out. Infinities and NaN stay.
 *
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {number} length
 * @returns {Ascending}
 */
export function newest(xs, ys, length) {
  const keptX = new Float64Array(length);
  const keptY = new Float64Array(length);
  let first = length;
  let limit = Infinity;
  for (let i = length - 1; i >= 0; i -= 1) {
    if (xs[i] >= limit) continue;
    limit = xs[i];
    first -= 1;
    keptX[first] = xs[i];
    keptY[first] = ys[i];
  }
  return { xs: keptX.subarray(first), ys: keptY.subarray(first) };
}

/**
 * All x that any of the series has, ascending, at most `most` of them.
 *
 * @param {Ascending[]} series
 * @param {number} [most]
 * @returns {Float64Array}
 */
export function grid(series, most = GRID) {
  const all = new Float64Array(series.reduce((sum, { xs }) => sum + xs.length, 0));
  let length = 0;
  for (const { xs } of series) {
    all.set(xs, length);
    length += xs.length;
  }
  all.sort();
  let kept = 0;
  for (let i = 0; i < length; i += 1) {
    if (kept === 0 || all[i] !== all[kept - 1]) {
      all[kept] = all[i];
      kept += 1;
    }
  }
  if (kept <= most) return all.slice(0, kept);
  return Float64Array.from({ length: most }, (_, i) => all[Math.round((i * (kept - 1)) / (most - 1))]);
}

/**
 * A quantile of sorted numbers, interpolated between neighbours (Hyndman and Fan's type 7, as NumPy's).
 *
 * @param {ArrayLike<number>} sorted  At least one.
 * @param {number} length
 * @param {number} share
 */
export function quantile(sorted, length, share) {
  const place = share * (length - 1);
  const i = Math.min(Math.floor(place), length - 1);
  const next = Math.min(i + 1, length - 1);
  return sorted[i] + (place - i) * (sorted[next] - sorted[i]);
}

/**
 * Mean and band over series on the grid of all their x. Between two of its points a series has the value of the earlier
 * one; before its first and behind its last point it has none. Values that are not finite do not count; where no series
 * has a finite one, mean and band are NaN.
 *
 * @param {Ascending[]} series
 * @param {number} [most]  Points of the grid.
 * @returns {Band}
 */
export function band(series, most = GRID) {
  const xs = grid(series, most);
  const [mean, low, high] = [0, 1, 2].map(() => new Float64Array(xs.length).fill(Number.NaN));
  const counts = new Uint32Array(xs.length);
  const at = new Uint32Array(series.length);
  const found = new Float64Array(series.length);
  for (let i = 0; i < xs.length; i += 1) {
    let length = 0;
    let sum = 0;
    for (let k = 0; k < series.length; k += 1) {
      const one = series[k];
      const last = one.xs.length - 1;
      if (last < 0 || xs[i] < one.xs[0] || xs[i] > one.xs[last]) continue;
      while (at[k] < last && one.xs[at[k] + 1] <= xs[i]) at[k] += 1;
      const value = one.ys[at[k]];
      if (!Number.isFinite(value)) continue;
      found[length] = value;
      length += 1;
      sum += value;
    }
    counts[i] = length;
    if (length === 0) continue;
    const sorted = found.subarray(0, length).sort();
    mean[i] = sum / length;
    low[i] = quantile(sorted, length, 0.05);
    high[i] = quantile(sorted, length, 0.95);
  }
  return { xs, mean, low, high, counts };
}
