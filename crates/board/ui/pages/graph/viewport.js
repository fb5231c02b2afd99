// Moving over a large drawing: wheel, drag, keys and buttons.

import { html, useEffect, useRef, useSize, useState } from "../../lib/html.js";
import { fitted, opening, zoomed } from "./camera.js";

/** @typedef {import("./camera.js").Camera} Camera */

/**
 * @param {object} properties
 * @param {{width: number, height: number}} properties.drawing
 * @param {{x: number, y: number, width: number, height: number}|null} properties.goal  A box that must be seen.
 * @param {string} properties.label
 * @param {any} [properties.children]  SVG.
 */
export function Viewport({ drawing, goal, label, children }) {
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const screen = useSize(box);
  const [camera, setCamera] = useState(/** @type {Camera} */ ({ x: 0, y: 0, zoom: 1 }));
  const ready = screen.width > 0;
  const middle = { x: screen.width / 2, y: screen.height / 2 };

  useEffect(() => {
    if (ready) setCamera(opening(drawing, screen, goal));
  }, [drawing, goal, ready]);
  useEffect(() => {
    const element = box.current;
    // Preact's wheel listeners are passive, and the page must not scroll under the drawing.
    const wheel = (/** @type {WheelEvent} */ event) => {
      event.preventDefault();
      const corner = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
      const around = { x: event.clientX - corner.left, y: event.clientY - corner.top };
      setCamera((old) => zoomed(old, Math.exp(-event.deltaY / 400), around));
    };
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  }, []);

  const drag = useRef(/** @type {{x: number, y: number}|null} */ (null));
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button === 0) drag.current = { x: event.clientX, y: event.clientY };
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const last = drag.current;
    if (!last || (event.buttons & 1) === 0) return;
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    // The pointer is caught only when it moves: a click must reach the box under it.
    const element = /** @type {HTMLElement} */ (event.currentTarget);
    if (Math.abs(dx) + Math.abs(dy) < 3 && !element.hasPointerCapture(event.pointerId)) return;
    element.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY };
    setCamera((old) => ({ ...old, x: old.x + dx, y: old.y + dy }));
  };
  const up = () => {
    drag.current = null;
  };
  const step = (/** @type {number} */ factor) => setCamera((old) => zoomed(old, factor, middle));
  const keys = (/** @type {KeyboardEvent} */ event) => {
    /** @type {Record<string, () => void>} */
    const actions = {
      "+": () => step(1.25),
      "=": () => step(1.25),
      "-": () => step(0.8),
      0: () => setCamera(fitted(drawing, screen)),
      ArrowLeft: () => setCamera((old) => ({ ...old, x: old.x + 60 })),
      ArrowRight: () => setCamera((old) => ({ ...old, x: old.x - 60 })),
      ArrowUp: () => setCamera((old) => ({ ...old, y: old.y + 60 })),
      ArrowDown: () => setCamera((old) => ({ ...old, y: old.y - 60 })),
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  };
  return html`
    <div class="viewport" ref=${box} tabindex="0" role="group" aria-label=${`${label} Arrow keys move it, plus and minus zoom, 0 fits it.`} onKeyDown=${keys}
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}>
      <svg width=${screen.width} height=${screen.height}>
        <g transform=${`translate(${camera.x} ${camera.y}) scale(${camera.zoom})`}>${children}</g>
      </svg>
      <div class="viewport-buttons" data-lively>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick=${() => step(1.25)}>+</button>
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick=${() => step(0.8)}>−</button>
        <button type="button" title="Fit (0)" onClick=${() => setCamera(fitted(drawing, screen))}>Fit</button>
      </div>
    </div>
  `;
}
