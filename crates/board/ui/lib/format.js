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

/** Up to this factor, in either direction, a quantity counts as unchanged: the factor would read "1.0-fold". */
export const ALIKE = 1.05;

/**
 * Formats a factor of at least 1 as `headwater train` does, with two digits, or more if its integer part has more:
 * "9.1-fold", "27-fold", "5,876-fold", "1.2e19-fold".
 *
 * @param {number} ratio
 */
export const fold = (ratio) => factorInWords(Math.log(ratio), 1);

/**
 * The same with one more digit, for factors that a reader may multiply: "1.85-fold", "21.5-fold". It takes the natural
 * logarithm of the factor, because the product over a thousand layers can overflow.
 *
 * @param {number} ln
 */
export const preciseFoldOfLn = (ln) => factorInWords(ln, 2);

/** @param {number} ln @param {number} decimals  For factors below 10. */
function factorInWords(ln, decimals) {
  if (!Number.isFinite(ln)) return "infinitely";
  const ratio = Math.exp(ln);
  const below = (/** @type {number} */ limit, /** @type {number} */ digits) => ratio < limit - 0.5 * 10 ** -digits;
  if (below(10, decimals)) return `${ratio.toFixed(decimals)}-fold`;
  if (below(100, decimals - 1)) return `${ratio.toFixed(decimals - 1)}-fold`;
  if (ratio < 999_999.5) return `${COUNT.format(Math.round(ratio))}-fold`;
  const power = ln / Math.LN10;
  let exponent = Math.floor(power);
  let mantissa = 10 ** (power - exponent);
  if (mantissa >= 10 - 0.5 * 10 ** -decimals) [exponent, mantissa] = [exponent + 1, 1];
  return `${mantissa.toFixed(decimals)}e${exponent}-fold`;
}

/**
 * A span of time: "340 ms", "12 s", "3 min", "2.5 h".
 *
 * @param {number} seconds
 */
export function span(seconds) {
  if (!Number.isFinite(seconds)) return "an unknown time";
  const magnitude = Math.abs(seconds);
  if (magnitude < 1) return `${Math.round(seconds * 1000)} ms`;
  if (magnitude < 120) return `${Number(seconds.toPrecision(3))} s`;
  if (magnitude < 7200) return `${Number((seconds / 60).toPrecision(3))} min`;
  return `${Number((seconds / 3600).toPrecision(3))} h`;
}

/**
 * A moment in the reader's time zone.
 *
 * @param {number|string} seconds  Since 1970, as it came as JSON.
 */
export function moment(seconds) {
  const date = new Date(number(seconds) * 1000);
  // Not every number is a time, and no calendar has all that are.
  if (Number.isNaN(date.getTime())) return "at an unknown time";
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

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
