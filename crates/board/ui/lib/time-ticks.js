// Ticks of time and of large numbers, in words that fit under an axis.

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
  const found = [];
  const first = Math.ceil((low + shift) / stride - 1e-9);
  const last = Math.floor((high + shift) / stride + 1e-9);
  for (let i = first; i <= last; i += 1) found.push(Number((i * stride - shift).toPrecision(15)));
  return { ticks: found, stride };
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
  return `${Number((seconds / size).toPrecision(6))} ${unit}`;
}

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/**
 * A moment: "14:05:30", "14:05", or "24 Nov" where days are told apart.
 *
 * @param {number} seconds  Since 1970.
 * @param {number} stride
 */
export function momentLabel(seconds, stride) {
  const date = new Date(seconds * 1000);
  if (stride >= 86400) return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (stride >= 60) return clock;
  const exact = stride < 1 ? `.${String(date.getMilliseconds()).padStart(3, "0")}` : "";
  return `${clock}:${two(date.getSeconds())}${exact}`;
}

/**
 * A tick of a number in as few characters as it needs: "0", "0.25", "2e−4", "15k", "1.2M".
 *
 * @param {number} value
 */
export function tickLabel(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size >= 1e9 || size < 1e-3) {
    return sign + Number(size.toPrecision(6)).toExponential().replace("e+", "e").replace("e-", "e−");
  }
  if (size >= 1e6) return `${sign}${Number((size / 1e6).toPrecision(6))}M`;
  if (size >= 1e4) return `${sign}${Number((size / 1e3).toPrecision(6))}k`;
  return sign + Number(size.toPrecision(6));
}
