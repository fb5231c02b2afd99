// The predicted border of a phase diagram, as a line over the cells of a heatmap.

/** @typedef {import("../../lib/types.js").Border} Border */

/** @typedef {{x: (value: number) => number, y: (value: number) => number}} Places  The pixel of a number on an axis; NaN outside. */

/**
 * The pieces of the border that lie over the cells of a heatmap of two parameters, in pixels; nothing if it is not the
 * border of these two. It ends where the outermost cells have their middle, and is interrupted where it leaves them: at the
 * edge of chaos it goes up without end.
 *
 * @param {Border|null|undefined} border
 * @param {string} x  Name of the parameter across.
 * @param {string} y  Name of the parameter up.
 * @param {Places} places
 * @returns {[number, number][][]}
 */
export function pieces(border, x, y, places) {
  if (!speaksOf(border, x, y)) return [];
  const turned = border.x !== x;
  /** @type {[number, number][][]} */
  const all = [];
  let open = false;
  for (const [variance, depth] of border.points) {
    const [a, b] = (turned ? [depth, variance] : [variance, depth]).map(Number);
    const [px, py] = [places.x(a), places.y(b)];
    const inside = Number.isFinite(px) && Number.isFinite(py);
    if (inside && !open) all.push([]);
    if (inside) all[all.length - 1].push([px, py]);
    open = inside;
  }
  return all;
}

/**
 * Whether it is the border of these two parameters, whichever is across.
 *
 * @param {Border|null|undefined} border
 * @param {string} x
 * @param {string} y
 * @returns {border is Border}
 */
export function speaksOf(border, x, y) {
  return !!border && ((border.x === x && border.y === y) || (border.x === y && border.y === x));
}

/**
 * Dark on a light casing, which is seen on every colour of the map.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number][][]} lines
 */
export function drawBorder(context, lines) {
  context.save();
  context.lineJoin = "round";
  for (const [width, style, dash] of /** @type {[number, string, number[]][]} */ ([
    [5, "rgba(255, 255, 255, 0.85)", []],
    [2, "#111", [7, 4]],
  ])) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.setLineDash(dash);
    for (const line of lines) {
      context.beginPath();
      for (const [x, y] of line) context.lineTo(x, y);
      context.stroke();
    }
  }
  context.restore();
}
