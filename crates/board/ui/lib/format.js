// Numbers as people read them.

/**
 * A number that came as JSON, which has no NaN and no infinities.
 *
 * @param {number|string|null|undefined} value
 */
export const number = (value) => (value === null || value === undefined ? Number.NaN : Number(value));

/**
 * Four significant digits, short: 0.3271, 8.07e-4, 12.6 k.
 *
 * @param {number} value
 */
export function short(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "−∞";
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const text =
    magnitude >= 1e6 || magnitude < 1e-3
      ? value.toExponential(2).replace("e+", "e")
      : String(Number(value.toPrecision(4)));
  return text
    .replace("-", "−")
    .replace("e−", "e-")
    .replace(/e-(\d)/, "e−$1");
}

/**
 * Everything that there is of a number, for tables and files.
 *
 * @param {number} value
 */
export const exact = (value) => (Number.isNaN(value) ? "NaN" : String(value));

const COUNT = new Intl.NumberFormat("en");

/** @param {number} value */
export const count = (value) => COUNT.format(value);

/**
 * How many times as large: "36-fold", "9.1-fold", "1.04-fold".
 *
 * @param {number} ratio
 */
export function fold(ratio) {
  if (!Number.isFinite(ratio)) return "infinitely";
  const digits = ratio >= 9.95 ? Math.max(2, Math.ceil(Math.log10(ratio + 1)) > 4 ? 3 : 2) : 2;
  const rounded = Number(ratio.toPrecision(digits));
  return `${rounded >= 1e6 ? rounded.toExponential(1).replace("e+", "e") : COUNT.format(rounded)}-fold`;
}

/**
 * A span of time: "340 ms", "12 s", "3 min", "2.5 h".
 *
 * @param {number} seconds
 */
export function span(seconds) {
  const magnitude = Math.abs(seconds);
  if (magnitude < 1) return `${Math.round(seconds * 1000)} ms`;
  if (magnitude < 120) return `${Number(seconds.toPrecision(3))} s`;
  if (magnitude < 7200) return `${Number((seconds / 60).toPrecision(3))} min`;
  return `${Number((seconds / 3600).toPrecision(3))} h`;
}

/**
 * A moment in the reader's time zone.
 *
 * @param {number} seconds  Since 1970.
 */
export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/**
 * One cell of a CSV file (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe.
 *
 * @param {string|number} value
 */
export function cell(value) {
  if (typeof value === "number") return exact(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * @param {(string|number)[][]} rows
 */
export const csv = (rows) => `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
