// Ticks of time, in words that fit under an axis.

import { short } from "./format.js";
import { multiplesOf } from "./scale.js";

const SECOND = [1, 2, 5, 10, 15, 30];
const STRIDES = [
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  ...SECOND,
  ...SECOND.map((n) => n * 60),
  3600,
  7200,
  10800,
  21600,
  43200,
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * 86400),
];

/**
 * Ticks of a span of seconds at full seconds, minutes, hours or days.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} wanted  About so many.
 * @param {number} [shift]  What is added before rounding: the zone's offset, so that days begin at midnight.
 * @returns {{ticks: number[], stride: number}}
 */
export function timeTicks(low, high, wanted, shift = 0) {
  if (!(high > low)) return { ticks: [low], stride: 1 };
  const rough = (high - low) / Math.max(1, wanted);
  const stride = STRIDES.find((one) => one >= rough) ?? Math.ceil(rough / (365 * 86400)) * 365 * 86400;
  const found = multiplesOf(low + shift, high + shift, stride);
  return { ticks: found.map((tick) => Number((tick - shift).toPrecision(15))), stride };
}

/**
 * A span of time in the unit of the ticks' distance: "0", "90 s", "5 min", "2 h", "3 d".
 *
 * @param {number} seconds
 * @param {number} stride
 */
export function spanLabel(seconds, stride) {
  if (seconds === 0) return "0";
  const [unit, size] =
    stride >= 86400 ? ["d", 86400] : stride >= 3600 ? ["h", 3600] : stride >= 60 ? ["min", 60] : ["s", 1];
  return `${Number((seconds / size).toPrecision(12))} ${unit}`;
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/** @param {Date} date @param {number} stride */
function clock(date, stride) {
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (stride >= 60) return minutes;
  const exact = stride < 1 ? `.${String(date.getMilliseconds()).padStart(3, "0")}` : "";
  return `${minutes}:${two(date.getSeconds())}${exact}`;
}

/** @param {Date} date @param {"numeric"|undefined} year */
const day = (date, year) => date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });

/**
 * Moments: "14:05:30", "14:05", or "24 Nov" where days are told apart; with the day or the year where one of them would
 * stand there twice.
 *
 * @param {number[]} moments  Seconds since 1970.
 * @param {number} stride
 * @returns {string[]}
 */
export function momentLabels(moments, stride) {
  const isDays = stride >= 86400;
  for (const write of [
    (/** @type {Date} */ date) => (isDays ? day(date, undefined) : clock(date, stride)),
    (/** @type {Date} */ date) => (isDays ? day(date, "numeric") : `${day(date, undefined)} ${clock(date, stride)}`),
  ]) {
    const found = moments.map((seconds) => {
      const date = new Date(seconds * 1000);
      // No calendar goes so far.
      return Number.isNaN(date.getTime()) ? `${short(seconds)} s` : write(date);
    });
    if (new Set(found).size === found.length) return found;
  }
  return moments.map((seconds) => {
    const date = new Date(seconds * 1000);
    return Number.isNaN(date.getTime()) ? `${seconds} s` : `${day(date, "numeric")} ${clock(date, stride)}`;
  });
}
