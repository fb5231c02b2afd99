// What the pointer, the wheel and the keys do to a chart.

/** @typedef {import("../lib/plot.js").Plot} Plot */
/** @typedef {import("../lib/plot.js").Range} Range */

/** A drag of fewer pixels is a click. */
const CLICK = 4;

/**
 * @typedef {object} State  What the chart knows at the moment.
 * @property {Plot|undefined} frame
 * @property {Range|null} zoom
 * @property {(zoom: Range|null) => void} onZoom
 * @property {(range: Range) => Range|null} keep
 * @property {[number, number]|null|undefined} selection  Pixels that are being marked.
 * @property {{x: number, y: number}|null} pointer
 * @property {import("../lib/trace.js").Line[]} lines
 */

/**
 * @param {object} chart
 * @param {() => State} chart.state
 * @param {(place: {x: number, y: number}|null) => void} chart.point
 * @param {() => void} chart.redraw
 */
export function gestures({ state, point, redraw }) {
  /** @type {{from: number, frame: Plot, pan: boolean}|null} */
  let drag = null;

  const place = (/** @type {MouseEvent} */ event) => {
    const corner = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    return { x: event.clientX - corner.left, y: event.clientY - corner.top };
  };
  const inside = (/** @type {number} */ x, /** @type {Plot} */ { box }) => Math.min(Math.max(x, box.left), box.right);
  /** Shows what lies between two pixels of a frame. @param {Plot} frame @param {number} from @param {number} to */
  const show = (frame, from, to) => state().onZoom(state().keep([frame.x.value(from), frame.x.value(to)]));
  /** Makes the range wider or narrower around a pixel. @param {number} at @param {number} factor */
  const stretch = (at, factor) => {
    const { frame } = state();
    if (!frame) return;
    const { left, right } = frame.box;
    show(frame, at - (at - left) * factor, at + (right - at) * factor);
  };
  /** @param {number} share  Of the range. */
  const shift = (share) => {
    const { frame, zoom } = state();
    if (!frame || !zoom) return;
    const by = share * (frame.box.right - frame.box.left);
    show(frame, frame.box.left + by, frame.box.right + by);
  };
  /** Moves the cursor by points of the line that has most. @param {number} by */
  const walk = (by) => {
    const { frame, pointer, lines } = state();
    if (!frame || lines.length === 0) return;
    const { raw } = lines.reduce((most, line) => (line.raw.length > most.raw.length ? line : most));
    const from = pointer ? frame.x.value(pointer.x) : frame.x.low;
    // Never less than a pixel: of a long series the next point may be no step on the screen.
    const least = Math.max(1, Math.round(raw.length / (frame.box.right - frame.box.left)));
    let i = 0;
    while (i < raw.length - 1 && raw.xs[i] - raw.origin < from - 1e-9) i += 1;
    const next = Math.min(Math.max(i + (pointer ? by * least : 0), 0), raw.length - 1);
    const x = inside(frame.x.place(raw.xs[next] - raw.origin), frame);
    const y = frame.y.place(raw.ys[next]);
    point({ x, y: pointer?.y ?? (Number.isNaN(y) ? frame.box.top : y) });
  };

  return {
    /** @param {PointerEvent} event */
    down(event) {
      const { frame } = state();
      if (!frame || event.button > 1 || (event.pointerType === "touch" && !event.isPrimary)) return;
      const at = place(event);
      if (at.y > frame.box.bottom + 22) return;
      drag = { from: inside(at.x, frame), frame, pan: event.shiftKey || event.button === 1 };
      /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
      if (drag.pan) event.preventDefault();
    },
    /** @param {PointerEvent} event */
    move(event) {
      const { frame } = state();
      if (!frame) return;
      const at = place(event);
      if (drag?.pan) {
        const by = drag.from - at.x;
        show(drag.frame, drag.frame.box.left + by, drag.frame.box.right + by);
      } else if (drag) {
        const to = inside(at.x, frame);
        state().selection = Math.abs(to - drag.from) > CLICK ? [drag.from, to] : null;
        redraw();
      }
      const within = at.x >= frame.box.left - 8 && at.x <= frame.box.right + 8 && !drag;
      point(within ? { x: inside(at.x, frame), y: at.y } : null);
    },
    /** @param {PointerEvent} event */
    up(event) {
      const marked = state().selection;
      state().selection = null;
      if (drag && marked) show(drag.frame, Math.min(...marked), Math.max(...marked));
      drag = null;
      const element = /** @type {HTMLElement} */ (event.currentTarget);
      if (element.hasPointerCapture(event.pointerId)) element.releasePointerCapture(event.pointerId);
      redraw();
    },
    /** @param {Event} event */
    leave(event) {
      if (event.type === "pointercancel") {
        drag = null;
        state().selection = null;
      }
      if (drag) return;
      point(null);
    },
    reset() {
      state().onZoom(null);
    },
    /** @param {WheelEvent} event */
    wheel(event) {
      const { frame, zoom } = state();
      if (!frame) return;
      // The wheel alone scrolls the page, as everywhere.
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        stretch(inside(place(event).x, frame), Math.exp(Math.min(Math.max(event.deltaY, -60), 60) / 240));
        return;
      }
      const sideways = event.shiftKey
        ? event.deltaX || event.deltaY
        : Math.abs(event.deltaX) > Math.abs(event.deltaY)
          ? event.deltaX
          : 0;
      if (sideways === 0 || !zoom) return;
      event.preventDefault();
      shift(sideways / (frame.box.right - frame.box.left));
    },
    /** @param {KeyboardEvent} event */
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { frame, pointer } = state();
      if (!frame) return;
      const middle = pointer?.x ?? (frame.box.left + frame.box.right) / 2;
      const arrow = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      if (arrow !== 0 && event.shiftKey) shift(arrow * 0.2);
      else if (arrow !== 0) walk(arrow);
      else if (event.key === "+" || event.key === "=") stretch(middle, 0.7);
      else if (event.key === "-") stretch(middle, 1 / 0.7);
      else if (event.key === "0") state().onZoom(null);
      else if (event.key === "Escape" && pointer) point(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
