// Lines over steps or time: zoomed by dragging, moved with Shift, read with the pointer or the arrow keys.

import { cursor } from "../lib/cursor.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useSize, useState, useValue } from "../lib/html.js";
import { paintAxes, paintHighlight, paintLabels, paintLines } from "../lib/paint.js";
import { plot, within, xRange } from "../lib/plot.js";
import { nearest, readings } from "../lib/readout.js";
import { ink } from "../lib/theme.js";
import { ChartMarks } from "./chart-marks.js";
import { ChartTip } from "./chart-tip.js";
import { gestures } from "./chart-gestures.js";

/** @typedef {import("../lib/plot.js").Plot} Plot */
/** @typedef {import("../lib/plot.js").Range} Range */
/** @typedef {import("../lib/trace.js").Line} Line */

/** Room for labels beside the lines, and without. */
const LABELS = 168;
const MARGIN = 12;

/** @type {import("../lib/finding-marks.js").Mark[]} */
const NONE = [];

/** Sets a canvas up for a size in CSS pixels. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function prepare(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/**
 * The line that a point is nearest to, no further than some pixels.
 *
 * @param {import("../lib/readout.js").Reading[]} all
 * @param {Plot} frame
 * @param {number} y
 */
function nearestLine(all, frame, y) {
  let best = -1;
  let distance = Infinity;
  for (const [i, { shown }] of all.entries()) {
    const place = frame.y.place(shown);
    const away = Number.isNaN(place) ? 1e6 : Math.abs(place - y);
    if (away < distance) [best, distance] = [i, away];
  }
  return best;
}

/**
 * @param {object} properties
 * @param {Line[]} properties.lines  Another array whenever something has changed.
 * @param {import("../lib/plot.js").Options} properties.options
 * @param {Range|null} properties.zoom
 * @param {(zoom: Range|null) => void} properties.onZoom
 * @param {number} properties.height
 * @param {string} properties.label  What it shows, in words.
 * @param {boolean} properties.labelled  Whether names stand beside the lines.
 * @param {number|null} properties.step  A step to be marked, if x are steps.
 * @param {import("../lib/finding-marks.js").Mark[]} [properties.marks]  Findings, if x are steps.
 * @param {(clipped: Plot["clipped"]) => void} properties.onClipped  Told when other values lie outside.
 */
export function Chart({ lines, options, zoom, onZoom, height, label, labelled, step, marks = NONE, onClipped }) {
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  const over = useRef(/** @type {HTMLCanvasElement|null} */ (null));
  const { width } = useSize(box);
  const colours = useValue(ink);
  const self = useMemo(() => ({}), []);
  const [pointer, setPointer] = useState(/** @type {{x: number, y: number}|null} */ (null));
  // The frame as it was drawn, for what stands over it.
  const [drawn, setDrawn] = useState(/** @type {Plot|null} */ (null));
  const now = useRef(/** @type {any} */ ({}));
  const margin = labelled ? LABELS : MARGIN;
  Object.assign(now.current, {
    lines,
    options,
    zoom,
    onZoom,
    width,
    height,
    colours,
    margin,
    step,
    onClipped,
    pointer,
    onFrame: marks.length > 0 && options.mode === "step" ? setDrawn : null,
  });

  // What has to be drawn anew is drawn once in the next frame, however often it is asked for.
  const drawing = useMemo(() => {
    let asked = 0;
    let base = false;
    /** @type {Range|null|undefined} */
    let zoomed;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    let rest;
    const frame = () => {
      asked = 0;
      const state = now.current;
      if (state.zoom !== zoomed && zoomed !== undefined && costly(state)) {
        // While the hand moves, drawn in columns of two pixels; sharp again when it rests.
        clearTimeout(rest);
        state.grain = 2;
        rest = setTimeout(() => {
          state.grain = 1;
          drawing.ask(true);
        }, 160);
      }
      zoomed = state.zoom;
      if (!canvas.current || !over.current || state.width === 0) return;
      if (base) drawBase(state, canvas.current);
      if (state.frame) drawOver(state, over.current, self);
      base = false;
    };
    return {
      ask(/** @type {boolean} */ all) {
        base ||= all;
        asked ||= requestAnimationFrame(frame);
      },
      stop: () => {
        cancelAnimationFrame(asked);
        clearTimeout(rest);
      },
    };
  }, []);

  const marked = marks.length > 0;
  useLayoutEffect(() => drawing.ask(true), [lines, options, zoom, width, height, colours, margin, marked]);
  useLayoutEffect(() => drawing.ask(false), [pointer, step]);
  useEffect(() => cursor.subscribe(() => drawing.ask(false)), []);
  useEffect(
    () => () => {
      drawing.stop();
      if (cursor.peek()?.owner === self) cursor.value = null;
    },
    [],
  );

  const point = (/** @type {{x: number, y: number}|null} */ place) => {
    const frame = /** @type {Plot|undefined} */ (now.current.frame);
    setPointer(place);
    if (place && frame) cursor.value = { x: frame.x.value(place.x), owner: self };
    else if (cursor.peek()?.owner === self) cursor.value = null;
  };
  const handlers = useMemo(() => gestures({ state: () => now.current, point, redraw: () => drawing.ask(false) }), []);
  useEffect(() => {
    // Registered by hand: a listener that may hold the page's scrolling back must say so.
    const element = box.current;
    element?.addEventListener("wheel", handlers.wheel, { passive: false });
    return () => element?.removeEventListener("wheel", handlers.wheel);
  }, []);

  const frame = /** @type {Plot|undefined} */ (now.current.frame);
  const said = pointer && frame ? readings(lines, frame.x.value(pointer.x)) : [];
  const near = pointer && frame ? nearestLine(said, frame, pointer.y) : -1;
  return html`
    <div
      class="chart" ref=${box} tabindex="0" role="group" style=${{ height: `${height}px` }}
      aria-label=${`${label} Arrow keys read the values; plus and minus zoom, Shift with arrows moves, 0 shows all.`}
      onPointerDown=${handlers.down} onPointerMove=${handlers.move} onPointerUp=${handlers.up} onPointerCancel=${handlers.leave}
      onPointerLeave=${handlers.leave} onDblClick=${handlers.reset} onKeyDown=${handlers.key} onBlur=${handlers.leave}
    >
      <canvas ref=${canvas} role="img" aria-label=${label}></canvas>
      <canvas ref=${over} class="chart-over" aria-hidden="true" data-lively></canvas>
      ${marked && drawn && options.mode === "step" && html`<${ChartMarks} marks=${marks} frame=${drawn} onOver=${() => point(null)} />`}
      ${pointer && frame && near >= 0 && html`<${ChartTip} all=${said} near=${near} options=${options} at=${pointer} width=${width} />`}
    </div>
  `;
}

/** Whether a picture has so many columns of lines that it is not drawn sharply in every frame. @param {any} state */
const costly = ({ lines, width }) => lines.length * width > 30_000;

/** @param {any} state @param {HTMLCanvasElement} canvas */
function drawBase(state, canvas) {
  const { lines, options, zoom, width, height, colours, margin } = state;
  const context = prepare(canvas, width, height);
  if (!context) return;
  context.font = colours.font;
  const measure = (/** @type {string} */ text) => context.measureText(text).width;
  const frame = plot(lines, options, zoom, width, height, margin, measure);
  state.frame = frame;
  if (state.onFrame) {
    const { box, x } = frame;
    const place = [box.left, box.right, box.bottom, x.kind, x.low, x.high].join();
    if (place !== state.place) state.onFrame(frame);
    state.place = place;
  }
  state.all = () => xRange(state.lines, state.options.xKind);
  state.keep = (/** @type {Range} */ range) => within(range, state.all(), state.options.xKind);
  paintAxes(context, frame, colours);
  paintLines(context, frame, lines, colours, state.grain ?? 1);
  if (margin === LABELS) paintLabels(context, frame, lines, LABELS - 12);
  const text = JSON.stringify(frame.clipped);
  if (text !== (state.clippedText ?? "null")) {
    state.clippedText = text;
    state.onClipped(frame.clipped);
  }
}

/** @param {any} state @param {HTMLCanvasElement} canvas @param {object} self */
function drawOver(state, canvas, self) {
  const context = prepare(canvas, state.width, state.height);
  if (!context) return;
  const frame = /** @type {Plot} */ (state.frame);
  const { box, x, y } = frame;
  const vertical = (/** @type {number} */ at, /** @type {string} */ colour, /** @type {number[]} */ dash) => {
    if (!(at >= box.left - 1 && at <= box.right + 1)) return;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(Math.round(at) + 0.5, box.top);
    context.lineTo(Math.round(at) + 0.5, box.bottom);
    context.stroke();
    context.setLineDash([]);
  };
  if (state.step !== null && state.options.mode === "step") vertical(x.place(state.step), state.colours.accent, [3, 3]);
  if (state.selection) {
    const [a, b] = state.selection;
    context.globalAlpha = 0.14;
    context.fillStyle = state.colours.accent;
    context.fillRect(Math.min(a, b), box.top, Math.abs(b - a), box.bottom - box.top);
    context.globalAlpha = 1;
  }
  const at = cursor.peek();
  if (!at || state.selection) return;
  const own = at.owner === self && state.pointer;
  if (own) {
    const all = readings(state.lines, at.x);
    const near = nearestLine(all, frame, state.pointer.y);
    if (near >= 0 && state.lines.length > 1) paintHighlight(context, frame, all[near].line, state.colours);
  }
  vertical(x.place(at.x), state.colours.muted, []);
  // The dots of very many lines would be a cloud.
  if (state.lines.length > 24) return;
  for (const line of state.lines) {
    const i = nearest(line.raw, at.x);
    if (i < 0) continue;
    const [px, py] = [x.place(line.raw.xs[i] - line.raw.origin), y.place((line.smooth ?? line.raw).ys[i])];
    if (Number.isNaN(px) || !(py >= box.top - 2 && py <= box.bottom + 2) || px < box.left - 1 || px > box.right + 1)
      continue;
    context.beginPath();
    context.arc(px, py, 3, 0, 2 * Math.PI);
    context.fillStyle = line.colour;
    context.strokeStyle = state.colours.surface;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }
}
