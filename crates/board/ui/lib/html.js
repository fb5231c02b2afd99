// Preact, htm and signals under one roof: every component imports from here.

import { h } from "../vendor/preact.js";
import { useEffect, useLayoutEffect, useRef, useState } from "../vendor/hooks.js";
import htm from "../vendor/htm.js";
import { signal } from "../vendor/signals.js";

export { batch, computed, effect, signal, untracked } from "../vendor/signals.js";
export { Fragment, h, render } from "../vendor/preact.js";
export {
  useCallback,
  useEffect,
  useErrorBoundary,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "../vendor/hooks.js";

export const html = htm.bind(h);

/**
 * The value of a signal; the component is rendered anew when it changes.
 *
 * @template T
 * @param {import("../vendor/signals.js").ReadonlySignal<T>} source
 * @returns {T}
 */
export function useValue(source) {
  const [, rerender] = useState(0);
  const shown = useRef(/** @type {T|undefined} */ (undefined));
  const value = source.peek();
  shown.current = value;
  useEffect(
    () =>
      source.subscribe((now) => {
        // A subscription calls back at once, also when nothing has changed since the component was rendered.
        if (now !== shown.current) rerender((n) => n + 1);
      }),
    [source],
  );
  return value;
}

/** Whether everything counts as seen: a report is of the whole page, not of what is on the screen. */
export const everything = signal(false);

/**
 * Whether an element is on the screen: what is not costs nothing.
 *
 * @param {{current: Element|null}} ref
 * @param {string} [margin]  How far outside counts as inside.
 */
export function useVisible(ref, margin = "200px") {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const observer = new IntersectionObserver((entries) => setVisible(entries[entries.length - 1].isIntersecting), {
      rootMargin: margin,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [margin]);
  return useValue(everything) || visible;
}

/**
 * The size of an element in CSS pixels, 0 by 0 before it is laid out.
 *
 * @param {{current: Element|null}} ref
 */
export function useSize(ref) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return size;
}
