// A series of histograms as the server bins it: one row for each record (or for some neighbouring ones, summed), all on the
// same edges.

import { counted, FrameError } from "./frame.js";

/** The fractions that the percentiles of a row stand at: the ends, one and a half, one and half a deviation of a normal, the median. */
export const FRACTIONS = [0, 0.0668, 0.1587, 0.3085, 0.5, 0.6915, 0.8413, 0.9332, 1];

const [LOWEST, MEDIAN, HIGHEST] = [0, 4, 8];

/**
 * @typedef {object} Histograms
 * @property {number} generation
 * @property {number} total  Records in the whole series.
 * @property {number} rows
 * @property {number} bins
 * @property {number} unreadable  Records that could not be read, and are left out.
 * @property {Float64Array} edges  [bins + 1], ascending.
 * @property {Uint32Array} index  [rows], the first record of each row.
 * @property {Float64Array} steps  [rows]
 * @property {Float64Array} peaks  [rows], the largest count of a bin.
 * @property {Uint16Array} shares  [rows, bins], counts as shares of the row's peak, which is 65535.
 * @property {Float64Array} sums  [rows], how many values were counted.
 * @property {Float32Array} percentiles  [rows, 9], at `FRACTIONS`.
 */

/**
 * One record, or one row of a series, in numbers.
 *
 * @typedef {object} Facts
 * @property {number} step
 * @property {number} count  How many values.
 * @property {number} low
 * @property {number} median
 * @property {number} high
 * @property {number} inside  The share of the values within -1 and 1.
 * @property {boolean} exact  False if bins or several records had to be taken for one.
 */

/**
 * @param {{header: any, arrays: import("./frame.js").Numbers[]}} frame
 * @returns {Histograms}
 */
export function histograms({ header, arrays }) {
  const [edges, index, steps, , peaks, shares, sums, percentiles] = arrays;
  const { generation, unreadable } = header;
  const [total, rows, bins] = ["total", "rows", "bins"].map((name) => counted(header[name], `${name} of histograms`));
  const lengths = [edges, index, steps, peaks, shares, sums, percentiles].map((array) => array?.length ?? "no");
  const wanted = [bins + 1, rows, rows, rows, rows * bins, rows, rows * FRACTIONS.length];
  // No rows, no axis.
  if (lengths.some((length, i) => length !== wanted[i] && !(rows === 0 && i === 0))) {
    throw new FrameError(
      `histograms of ${rows} rows and ${bins} bins came with arrays of ${lengths}; expected ${wanted}`,
    );
  }
  for (let i = 1; i < edges.length; i += 1) {
    if (!(edges[i] >= edges[i - 1]))
      throw new FrameError(`edge ${i} of ${bins} bins is ${edges[i]}, after ${edges[i - 1]}`);
  }
  for (let row = 0; row < rows; row += 1) {
    const sound = Number.isFinite(steps[row]) && peaks[row] >= 0 && sums[row] >= 0 && Number.isFinite(sums[row]);
    if (!sound) {
      throw new FrameError(
        `row ${row} of histograms is of step ${steps[row]}, ${sums[row]} values and a peak of ${peaks[row]}`,
      );
    }
  }
  for (let row = 0; row < rows; row += 1) {
    if (index[row] >= (row + 1 < rows ? index[row + 1] : total)) {
      throw new FrameError(`row ${row} of histograms begins at record ${index[row]}, behind the row after it`);
    }
  }
  return /** @type {Histograms} */ ({
    generation,
    total,
    rows,
    bins,
    unreadable,
    edges,
    index,
    steps,
    peaks,
    shares,
    sums,
    percentiles,
  });
}

/**
 * How many values of a row lie in a bin.
 *
 * @param {Histograms} all
 * @param {number} row
 * @param {number} bin
 */
export const binCount = (all, row, bin) => (all.shares[row * all.bins + bin] / 65535) * all.peaks[row];

/**
 * A percentile of a row.
 *
 * @param {Histograms} all
 * @param {number} row
 * @param {number} which  Index into `FRACTIONS`.
 */
export const percentile = (all, row, which) => all.percentiles[row * FRACTIONS.length + which];

/**
 * The last row that is not after a step; 0 if all are. Of a training that was begun anew, the newest attempt counts.
 *
 * @param {ArrayLike<number>} steps
 * @param {number} wanted
 */
export function rowAt(steps, wanted) {
  for (let i = steps.length - 1; i > 0; i -= 1) if (steps[i] <= wanted) return i;
  return 0;
}

/**
 * The record that is shown at a step. Of a row that sums several, the one in proportion to the way to the next row's step.
 *
 * @param {Histograms} all
 * @param {number} wanted  A step.
 */
export function recordAt(all, wanted) {
  const row = rowAt(all.steps, wanted);
  const last = row + 1 < all.rows ? all.index[row + 1] - 1 : all.total - 1;
  const records = last - all.index[row];
  if (records <= 0) return all.index[row];
  if (row + 1 === all.rows) return last;
  const way = (wanted - all.steps[row]) / (all.steps[row + 1] - all.steps[row] || 1);
  return all.index[row] + Math.min(records, Math.max(0, Math.floor(way * (records + 1))));
}

/**
 * How many of the values of a bin lie within two limits, if they are spread evenly over it.
 *
 * @param {number} left
 * @param {number} right
 * @param {number} low
 * @param {number} high
 * @returns {number} A share from 0 to 1.
 */
function overlap(left, right, low, high) {
  if (left >= right) return left >= low && left <= high ? 1 : 0;
  return Math.max(0, Math.min(right, high) - Math.max(left, low)) / (right - left);
}

/**
 * A row in numbers.
 *
 * @param {Histograms} all
 * @param {number} row
 * @returns {Facts}
 */
export function rowFacts(all, row) {
  const [low, median, high] = [LOWEST, MEDIAN, HIGHEST].map((which) => percentile(all, row, which));
  const last = row + 1 < all.rows ? all.index[row + 1] : all.total;
  const records = Math.max(1, last - all.index[row]);
  let inside = 0;
  let counted = 0;
  for (let bin = 0; bin < all.bins; bin += 1) {
    const count = binCount(all, row, bin);
    counted += count;
    inside += count * overlap(all.edges[bin], all.edges[bin + 1], -1, 1);
  }
  const within = low >= -1 && high <= 1;
  return {
    step: all.steps[row],
    count: all.sums[row] / records,
    low,
    median,
    high,
    inside: within ? 1 : counted > 0 ? inside / counted : Number.NaN,
    exact: records === 1 && within,
  };
}

/**
 * A record in numbers.
 *
 * @param {number} step
 * @param {number[][]} buckets  Left, right, count of each; empty ones do not matter.
 * @returns {Facts}
 */
export function recordFacts(step, buckets) {
  const filled = buckets.filter(([, , count]) => count > 0);
  const count = filled.reduce((sum, bucket) => sum + bucket[2], 0);
  const none = {
    step,
    count: 0,
    low: Number.NaN,
    median: Number.NaN,
    high: Number.NaN,
    inside: Number.NaN,
    exact: true,
  };
  if (count === 0) return none;
  let inside = 0;
  let below = 0;
  let median = Number.NaN;
  for (const [left, right, values] of filled) {
    inside += values * overlap(left, right, -1, 1);
    if (Number.isNaN(median) && below + values >= count / 2)
      median = left + ((count / 2 - below) / values) * (right - left);
    below += values;
  }
  const [low, high] = [filled[0][0], filled[filled.length - 1][1]];
  return { step, count, low, median, high, inside: low >= -1 && high <= 1 ? 1 : inside / count, exact: true };
}
