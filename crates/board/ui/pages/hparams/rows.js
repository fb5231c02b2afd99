// Configurations and results as rows and columns: what is compared on this page.

import { number } from "../../lib/format.js";

/** @typedef {import("../../lib/types.js").Session} Session */
/** @typedef {import("../../lib/types.js").HParams} HParams */
/** @typedef {string|number|boolean|null} Value */

/**
 * @typedef {object} Column  A parameter or a metric.
 * @property {string} key  "p:name" or "m:tag": a parameter and a metric may have the same name.
 * @property {string} name
 * @property {"param"|"metric"} kind
 * @property {boolean} numeric  Whether all its values are numbers.
 * @property {boolean} differs  Whether the runs differ in it.
 */

/**
 * @typedef {object} Row
 * @property {string} run
 * @property {string} status
 * @property {Record<string, Value>} values  By column key. Metrics are numbers, NaN and infinite ones too; null if not recorded.
 */

/**
 * @param {HParams} answer
 * @param {Set<string>} runs  Those that are wanted.
 * @returns {{rows: Row[], columns: Column[]}}
 */
export function tabulate({ params, metrics, sessions }, runs) {
  const rows = sessions.filter(({ run }) => runs.has(run)).map((session) => row(session, params, metrics));
  const columns = [
    ...params.map((name) => column(`p:${name}`, name, "param", rows)),
    ...metrics.map((name) => column(`m:${name}`, name, "metric", rows)),
  ];
  return { rows, columns: columns.filter(({ key }) => rows.some(({ values }) => values[key] !== null)) };
}

/**
 * @param {Session} session
 * @param {string[]} params
 * @param {string[]} metrics
 * @returns {Row}
 */
function row({ run, status, params: given, metrics: reached }, params, metrics) {
  /** @type {Record<string, Value>} */
  const values = {};
  for (const name of params) values[`p:${name}`] = given[name] ?? null;
  for (const name of metrics) {
    const value = reached[name];
    values[`m:${name}`] = value === undefined || value === null ? null : number(value);
  }
  return { run, status, values };
}

/**
 * @param {string} key
 * @param {string} name
 * @param {"param"|"metric"} kind
 * @param {Row[]} rows
 * @returns {Column}
 */
function column(key, name, kind, rows) {
  const values = rows.map((one) => one.values[key]);
  const present = values.filter((value) => value !== null);
  return {
    key,
    name,
    kind,
    numeric: present.length > 0 && present.every((value) => typeof value === "number"),
    differs: new Set(values.map(String)).size > 1,
  };
}

/**
 * The columns that are shown until the reader chooses: parameters in which runs differ, and the metrics. If the runs differ
 * in nothing, all.
 *
 * @param {Column[]} columns
 */
export function byDefault(columns) {
  const chosen = columns.filter(({ kind, differs }) => differs || kind === "metric");
  return chosen.some(({ kind }) => kind === "param") ? chosen : columns;
}

const ORDER = new Intl.Collator("en", { numeric: true });

/**
 * Negative if `a` comes first: numbers by size, then NaN, then texts in natural order, then what is not recorded.
 *
 * @param {Value} a
 * @param {Value} b
 */
export function compareValues(a, b) {
  const rank = (/** @type {Value} */ value) =>
    value === null ? 3 : typeof value !== "number" ? 2 : Number.isNaN(value) ? 1 : 0;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === "number" && typeof b === "number") return Number.isNaN(a) || a === b ? 0 : a < b ? -1 : 1;
  return ORDER.compare(String(a), String(b));
}

/**
 * Rows sorted by a column. What is not recorded, and NaN, is last in both directions.
 *
 * @param {Row[]} rows
 * @param {string} key  A column's key, or "run".
 * @param {boolean} descending
 * @returns {Row[]}
 */
export function sorted(rows, key, descending) {
  const of = (/** @type {Row} */ one) => (key === "run" ? one.run : (one.values[key] ?? null));
  const missing = (/** @type {Value} */ value) => value === null || Number.isNaN(value);
  return [...rows].sort((one, other) => {
    const [a, b] = [of(one), of(other)];
    const order = compareValues(a, b);
    const way = descending && !missing(a) && !missing(b) ? -order : order;
    return way || ORDER.compare(one.run, other.run);
  });
}

/**
 * The sort after a click on a column: ascending, then descending, then ascending again; metrics begin descending.
 *
 * @param {string} current  "key" ascending, "-key" descending.
 * @param {Column|null} clicked  Null for the run.
 */
export function nextSort(current, clicked) {
  const key = clicked?.key ?? "run";
  if (current === key) return `-${key}`;
  if (current === `-${key}`) return key;
  return clicked?.kind === "metric" ? `-${key}` : key;
}

/**
 * The table as rows of a CSV file.
 *
 * @param {Row[]} rows
 * @param {Column[]} columns
 * @returns {(string|number)[][]}
 */
export const csvRows = (rows, columns) => [
  ["run", "status", ...columns.map(({ name }) => name)],
  ...rows.map(({ run, status, values }) => [
    run,
    status,
    ...columns.map(({ key }) => {
      const value = values[key];
      return value === null ? "" : typeof value === "boolean" ? String(value) : value;
    }),
  ]),
];
