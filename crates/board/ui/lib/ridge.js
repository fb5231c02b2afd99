// Histograms as lines: one behind the other (ridges), or all over each other.

/** @typedef {import("./bins.js").Histograms} Histograms */

/**
 * Lines in pixels. They share the horizontal places of the bins' middles; each stands on its own base and rises upwards.
 *
 * @typedef {object} Ridges
 * @property {Float64Array} x  [bins + 2]: the first edge, the middle of every bin, the last edge.
 * @property {Float64Array} plateau  [bins], how far left and right of its middle a bin is level: 0, but for bins that are much wider than most.
 * @property {Float64Array} base  [rows], where each line stands.
 * @property {Float64Array} rise  [rows, bins], how far it rises over its base.
 * @property {number} bins
 */

/** A bin this many times as wide as the average is drawn level, and lower in proportion: its area says how much it holds. */
const WIDE = 3;

/** Lines that can be compared may rise over their room to this many times their median peak: one spike would flatten all others. */
const CUT = 3;

/**
 * @param {Histograms} all
 * @param {(value: number) => number} place  The horizontal axis.
 * @param {object} room
 * @param {number} room.top  The base of the first row.
 * @param {number} room.bottom  The base of the last row.
 * @param {number} room.height  How far the highest point rises.
 * @param {boolean} room.alike  Whether every row rises so far: shapes can be compared then, but not heights.
 * @returns {Ridges}
 */
export function ridges(all, place, { top, bottom, height, alike }) {
  const { rows, bins, edges } = all;
  const x = new Float64Array(bins + 2);
  x[0] = place(edges[0]);
  x[bins + 1] = place(edges[bins]);
  const plateau = new Float64Array(bins);
  const weight = new Float64Array(bins).fill(1);
  const average = (x[bins + 1] - x[0]) / bins;
  for (let bin = 0; bin < bins; bin += 1) {
    const [left, right] = [place(edges[bin]), place(edges[bin + 1])];
    x[bin + 1] = (left + right) / 2;
    if (right - left <= WIDE * average) continue;
    plateau[bin] = (right - left) / 2;
    weight[bin] = average / (right - left);
  }
  const base = Float64Array.from({ length: rows }, (_, row) =>
    rows > 1 ? top + (row / (rows - 1)) * (bottom - top) : bottom,
  );

  // Rows may sum different numbers of records: what can be compared is the share of the values, not their number.
  const rise = new Float64Array(rows * bins);
  const peaks = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const unit = all.sums[row] > 0 ? Math.min(1, all.peaks[row] / all.sums[row]) / 65535 : 0;
    for (let bin = 0; bin < bins; bin += 1) {
      const share = all.shares[row * bins + bin] * unit * weight[bin];
      rise[row * bins + bin] = share;
      peaks[row] = Math.max(peaks[row], share);
    }
  }
  const sorted = peaks.slice().sort();
  const common = Math.min(sorted[rows - 1] ?? 0, CUT * (sorted[rows >> 1] ?? 0));
  for (let i = 0; i < rise.length; i += 1) {
    const highest = alike ? peaks[Math.floor(i / bins)] : common;
    rise[i] = highest > 0 ? (rise[i] / highest) * height : 0;
  }
  return { x, plateau, base, rise, bins };
}

/**
 * The bin that a horizontal place lies in.
 *
 * @param {ArrayLike<number>} edges
 * @param {number} value
 * @returns {number} -1 outside.
 */
export function binAt(edges, value) {
  const bins = edges.length - 1;
  if (!(value >= edges[0] && value <= edges[bins])) return -1;
  let [low, high] = [0, bins - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The row whose line passes nearest to a place, in one bin. Of lines that lie together, the one in front.
 *
 * @param {Ridges} lines
 * @param {number} bin
 * @param {number} y
 */
export function nearestRow({ base, rise, bins }, bin, y) {
  let [nearest, distance] = [0, Number.POSITIVE_INFINITY];
  for (let row = 0; row < base.length; row += 1) {
    const far = Math.abs(base[row] - rise[row * bins + bin] - y);
    if (far <= distance) [nearest, distance] = [row, far];
  }
  return nearest;
}
