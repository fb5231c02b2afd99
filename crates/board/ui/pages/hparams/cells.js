// A metric over two parameters: the cells of a phase diagram.

import { distinct } from "./axis.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Value} Value */

/**
 * @typedef {object} Cell
 * @property {number} count  Runs with these two values.
 * @property {number} mean  Of the metric over those runs where it is finite; NaN if there are none.
 * @property {number} spread  Standard deviation (n - 1); NaN for fewer than two.
 * @property {number} bad  Runs whose metric is NaN or infinite.
 * @property {string[]} runs
 */

/**
 * @typedef {object} Grid
 * @property {Value[]} xs  In order: numbers by size.
 * @property {Value[]} ys
 * @property {(Cell|null)[][]} cells  [y][x]; null where no run was made.
 * @property {[number, number]|null} extent  Of the means.
 */

/**
 * @param {Row[]} rows
 * @param {string} x  Key of a column.
 * @param {string} y
 * @param {string} metric
 * @returns {Grid}
 */
export function grid(rows, x, y, metric) {
  const complete = rows.filter(({ values }) => (values[x] ?? null) !== null && (values[y] ?? null) !== null);
  const [xs, ys] = [x, y].map((key) => distinct(complete.map(({ values }) => values[key])));
  /** @type {Map<string, Row[]>} */
  const members = new Map();
  for (const row of complete) {
    const key = `${row.values[x]}\n${row.values[y]}`;
    const of = members.get(key);
    if (of) of.push(row);
    else members.set(key, [row]);
  }
  const cells = ys.map((b) => xs.map((a) => cell(members.get(`${a}\n${b}`) ?? [], metric)));
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of cells.flat()) {
    if (!one || Number.isNaN(one.mean)) continue;
    low = Math.min(low, one.mean);
    high = Math.max(high, one.mean);
  }
  return { xs, ys, cells, extent: low <= high ? [low, high] : null };
}

/** @param {Row[]} rows @param {string} metric @returns {Cell|null} */
function cell(rows, metric) {
  if (rows.length === 0) return null;
  const values = rows.map((row) => row.values[metric]).filter((value) => typeof value === "number");
  const finite = values.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const square = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    count: rows.length,
    mean,
    spread: finite.length > 1 ? Math.sqrt(square / (finite.length - 1)) : Number.NaN,
    bad: values.length - finite.length,
    runs: rows.map(({ run }) => run),
  };
}

/**
 * The two parameters to begin with: numbers before texts, seeds last, and of those the ones with most values.
 *
 * @param {import("./rows.js").Column[]} params
 * @param {import("./rows.js").Row[]} rows
 */
export function axesByDefault(params, rows) {
  const weight = (/** @type {import("./rows.js").Column} */ { key, name, numeric }) => {
    const values = new Set(rows.flatMap((row) => row.values[key] ?? [])).size;
    if (values < 2) return -2000;
    return (
      (/seed/i.test(name) ? -1000 : 0) +
      (numeric ? 100 : 0) +
      (values > rows.length / 2 && rows.length > 8 ? 0 : Math.min(values, 50))
    );
  };
  const best = [...params].sort((a, b) => weight(b) - weight(a)).slice(0, 2);
  return [best[0]?.key ?? "", best[1]?.key ?? ""];
}

/**
 * Where a number stands on an axis of equal cells, in cells from the axis' begin: the middle of the cell of its value, and
 * between two cells in proportion. For lines that are drawn over the cells. NaN outside of the outermost cells' middles.
 *
 * @param {Value[]} values  Of the axis, in order.
 * @param {number} wanted
 */
export function placeOnCells(values, wanted) {
  for (let i = 0; i < values.length; i += 1) {
    const here = values[i];
    if (typeof here !== "number") return Number.NaN;
    if (here === wanted) return i + 0.5;
    const next = values[i + 1];
    if (typeof next === "number" && wanted > here && wanted < next) return i + 0.5 + (wanted - here) / (next - here);
  }
  return Number.NaN;
}
