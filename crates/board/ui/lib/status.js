// Whether a run is live: what its times say, as long as they are times.

import { number } from "./format.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Status} Status */

/** So many seconds the clock of a writer may be ahead of the server's. */
export const AHEAD = 60;

/**
 * How a run does. A run whose last record is of a time that has not come, or of no time, may be live or not: nobody can
 * tell from its records.
 *
 * @param {{status: Status, updated: number|string}} run
 * @param {number} now  By the server's clock, in seconds since 1970.
 * @returns {Status}
 */
export function statusOf({ status, updated }, now) {
  if (status !== "live") return status;
  // Infinity and NaN are no times before now.
  return Number.isFinite(number(updated)) && number(updated) <= now + AHEAD ? "live" : "unknown";
}
