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
 * The whole drawing in the middle of the screen, not larger than it is. A drawing much taller than the screen is fitted by
 * its width if that keeps it readable, and its top is shown.
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
