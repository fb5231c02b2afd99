// Where a drawing stands on the screen, and how large.

/** @typedef {{x: number, y: number, zoom: number}} Camera  The drawing's point (0, 0) stands at (x, y) on the screen. */

/** The least and the greatest zoom. */
const LEAST = 0.02;
const GREATEST = 3;

/**
 * Zooms, and keeps what is under a point of the screen there.
 *
 * @param {Camera} camera
 * @param {number} factor
 * @param {{x: number, y: number}} around
 * @returns {Camera}
 */
export function zoomed(camera, factor, around) {
  const zoom = Math.min(Math.max(camera.zoom * factor, LEAST), GREATEST);
  const ratio = zoom / camera.zoom;
  return { x: around.x - (around.x - camera.x) * ratio, y: around.y - (around.y - camera.y) * ratio, zoom };
}

/**
 * The whole drawing in the middle of the screen, not much larger than it is.
 *
 * @param {{width: number, height: number}} drawing
 * @param {{width: number, height: number}} screen
 * @returns {Camera}
 */
export function fitted(drawing, screen) {
  const room = 24;
  const across = (screen.width - 2 * room) / Math.max(drawing.width, 1);
  const down = (screen.height - 2 * room) / Math.max(drawing.height, 1);
  const zoom = Math.min(Math.max(Math.min(across, down), LEAST), 1.25);
  return {
    x: (screen.width - drawing.width * zoom) / 2,
    y: Math.max(room, (screen.height - drawing.height * zoom) / 2),
    zoom,
  };
}

/** Below this zoom labels cannot be read. */
const READABLE = 0.65;
/** The zoom that is taken then. */
const CLOSE = 0.85;

/**
 * What is shown when a drawing has changed: the whole if its labels can be read, else the part around a box, or else its
 * beginning.
 *
 * @param {{width: number, height: number}} drawing
 * @param {{width: number, height: number}} screen
 * @param {{x: number, y: number, width: number, height: number}|null} goal
 * @returns {Camera}
 */
export function opening(drawing, screen, goal) {
  const whole = fitted(drawing, screen);
  if (whole.zoom >= READABLE) return whole;
  if (goal) {
    const [x, y] = [goal.x + goal.width / 2, goal.y + Math.min(goal.height / 2, (0.4 * screen.height) / CLOSE)];
    return { x: screen.width / 2 - x * CLOSE, y: screen.height / 2 - y * CLOSE, zoom: CLOSE };
  }
  const room = 24;
  const begin = (/** @type {number} */ length, /** @type {number} */ space) =>
    Math.max(room, (space - length * CLOSE) / 2);
  // A drawing begins above in its middle, or on the left in its middle if it goes from left to right.
  const across = drawing.width > drawing.height;
  const middle = (/** @type {number} */ length, /** @type {number} */ space) => (space - length * CLOSE) / 2;
  return {
    x: across ? begin(drawing.width, screen.width) : middle(drawing.width, screen.width),
    y: across ? middle(drawing.height, screen.height) : begin(drawing.height, screen.height),
    zoom: CLOSE,
  };
}
