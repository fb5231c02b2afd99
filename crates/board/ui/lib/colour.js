// Colours. All of them can be told apart by people who see red and green alike, on white and on black.

// Okabe and Ito's eight without black and yellow, and darker or lighter relatives of them.
export const PALETTE = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#b8860b",
  "#5ba8d8",
  "#8c564b",
  "#6a51a3",
  "#00838f",
  "#e07b91",
  "#4d7f17",
  "#7f7f7f",
];

// Viridis and its relatives by their control points (matplotlib, CC0), interpolated in sRGB. Diverging: blue, grey, orange.
/** @type {Record<string, [number, number, number][]>} */
const MAPS = {
  viridis: [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
  ],
  magma: [
    [0, 0, 4],
    [28, 16, 68],
    [79, 18, 123],
    [129, 37, 129],
    [181, 54, 122],
    [229, 80, 100],
    [251, 135, 97],
    [254, 194, 135],
    [252, 253, 191],
  ],
  diverging: [
    [5, 72, 125],
    [49, 122, 178],
    [123, 176, 213],
    [189, 212, 229],
    [232, 232, 232],
    [246, 203, 168],
    [231, 146, 84],
    [193, 88, 29],
    [127, 46, 5],
  ],
};

/**
 * A colour of a map as red, green, blue from 0 to 255.
 *
 * @param {keyof typeof MAPS} map
 * @param {number} share  From 0 to 1; what is outside is moved to the end.
 * @returns {[number, number, number]}
 */
export function mapped(map, share) {
  const points = MAPS[map];
  const place = Math.min(Math.max(share, 0), 1) * (points.length - 1);
  const i = Math.min(Math.floor(place), points.length - 2);
  const part = place - i;
  const mix = (/** @type {number} */ k) => Math.round(points[i][k] + part * (points[i + 1][k] - points[i][k]));
  return [mix(0), mix(1), mix(2)];
}

/** @param {[number, number, number]} rgb */
export const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

/**
 * The same colour, seen through.
 *
 * @param {string} hex  "#rrggbb"
 * @param {number} alpha
 */
export function faded(hex, alpha) {
  const value = Number.parseInt(hex.slice(1), 16);
  return `rgb(${value >> 16} ${(value >> 8) & 255} ${value & 255} / ${alpha})`;
}

/**
 * Black or white, whichever can be read on the colour (WCAG's relative luminance).
 *
 * @param {[number, number, number]} rgb
 */
export function ink(rgb) {
  const [r, g, b] = rgb.map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff";
}
