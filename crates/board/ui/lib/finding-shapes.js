// The shapes of findings: an octagon for an error, a triangle for a warning, a circle for a note. In a box of 12 by 12.

/** @typedef {import("./types.js").Severity} Severity */

/** @type {Record<Severity, {outline: string, sign: string}>} */
export const SHAPES = {
  error: { outline: "M3.9 .5h4.2l3.4 3.4v4.2l-3.4 3.4H3.9L.5 8.1V3.9z", sign: "M4 4l4 4M8 4L4 8" },
  warning: { outline: "M6 .6L11.8 11.4H.2z", sign: "M6 4.2v3.6M6 9.2v.6" },
  note: { outline: "M6 .5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11z", sign: "M6 5.4v3.4M6 3v.6" },
};

/** The name of the colour that goes with a shape. @type {Record<Severity, "bad"|"warning"|"accent">} */
export const INKS = { error: "bad", warning: "warning", note: "accent" };

/**
 * Draws a shape by hand.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./theme.js").Ink} ink
 * @param {Severity} severity
 * @param {number} x  Of its left edge.
 * @param {number} y  Of its upper edge.
 * @param {number} size
 */
export function drawShape(context, ink, severity, x, y, size) {
  const { outline, sign } = SHAPES[severity];
  context.save();
  context.translate(x, y);
  context.scale(size / 12, size / 12);
  context.fillStyle = ink[INKS[severity]];
  context.fill(new Path2D(outline));
  context.strokeStyle = ink.surface;
  context.lineWidth = 1.6;
  context.lineCap = "round";
  context.stroke(new Path2D(sign));
  context.restore();
}
