// Ranges on axes that narrow the runs down. They stand in the address: "p:lr~0.001~0.1,m:loss~0~0.5".

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {{low: number, high: number}} Range  Of numbers; of indices on an axis in steps. */

/** An address that somebody wrote by hand may hold what is no encoding: it stands for itself. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {string} text
 * @returns {Map<string, Range>}
 */
export function readBrushes(text) {
  /** @type {Map<string, Range>} */
  const found = new Map();
  for (const part of text.split(",")) {
    const [key, low, high] = part.split("~");
    const range = { low: Number(low), high: Number(high) };
    if (key && low && high && range.low <= range.high) found.set(decoded(key), range);
  }
  return found;
}

/** @param {Map<string, Range>} brushes */
export const writeBrushes = (brushes) =>
  [...brushes].map(([key, { low, high }]) => `${encodeURIComponent(key)}~${low}~${high}`).join(",");

/**
 * Whether a row lies in all ranges. What is not recorded lies in none.
 *
 * @param {Row} row
 * @param {Map<string, Range>} brushes
 * @param {Map<string, Axis>} axes  By column key; a range without an axis does not count.
 */
export function inside(row, brushes, axes) {
  for (const [key, { low, high }] of brushes) {
    const axis = axes.get(key);
    if (!axis) continue;
    const value = row.values[key] ?? null;
    const place =
      axis.kind === "steps"
        ? axis.steps.findIndex((step) => String(step) === String(value))
        : typeof value === "number"
          ? value
          : Number.NaN;
    if (!(place >= low && place <= high) || (axis.kind === "steps" && place < 0)) return false;
  }
  return true;
}

/**
 * The range between two places on an axis, in either order; on an axis in steps, the steps between them. Numbers are cut
 * to four digits outwards, so that an address stays readable and what was inside stays inside.
 *
 * @param {Axis} axis
 * @param {number} one  From 0 to 1.
 * @param {number} other
 * @returns {Range|null}  Null if nothing lies between.
 */
export function rangeBetween(axis, one, other) {
  const [from, to] = [Math.max(Math.min(one, other), 0), Math.min(Math.max(one, other), 1)];
  if (axis.kind === "steps") {
    const last = axis.steps.length - 1;
    const [low, high] = last === 0 ? [0, 0] : [Math.ceil(from * last - 0.25), Math.floor(to * last + 0.25)];
    return low <= high ? { low, high } : null;
  }
  return { low: outwards(axis.value(from), Math.floor), high: outwards(axis.value(to), Math.ceil) };
}

/** @param {number} value @param {(value: number) => number} round */
function outwards(value, round) {
  if (value === 0 || !Number.isFinite(value)) return value;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  return Number((round(value / unit) * unit).toPrecision(4));
}
