// Series of very many points: of these the server says what each column of pixels holds, and the browser does not keep them.

import * as api from "../../lib/api.js";
import { useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { useLive } from "../../lib/live.js";
import { runs } from "../../lib/runs.js";
import { Column } from "../../lib/scalars.js";

/** @typedef {{run: string, tag: string}} Key */

/** Above so many points a series stays on the server. */
export const LARGE = 200_000;

/** How many columns of pixels are asked for: those of a chart as wide as a screen. */
const COLUMNS = 1600;

/** Whether a series is large, once it is known; by run, generation and tag. @type {Map<string, boolean>} */
const known = new Map();

/** A run of fewer values altogether has no large series. @param {Key} key */
const suspect = ({ run }) => (runs.peek().get(run)?.values ?? 0) > LARGE;

/** @param {Key} key */
const name = ({ run, tag }) => `${run}\n${runs.peek().get(run)?.generation ?? 0}\n${tag}`;

/**
 * Tells small and large series apart. Those of which it is not yet known are in neither list.
 *
 * @param {Key[]} series
 * @returns {{small: Key[], large: Key[]}}
 */
export function useSizes(series) {
  const [told, setTold] = useState(0);
  const key = series.map(name).join("\n\n");
  useEffect(() => {
    const unknown = series.filter((one) => suspect(one) && !known.has(name(one)));
    if (unknown.length === 0) return undefined;
    let wanted = true;
    const asked = unknown.map(({ run, tag }) => ({ run, tag, generation: 0, from: 0 }));
    api.post("scalars", { series: asked, limit: 1 }).then(
      ({ header }) => {
        for (const [i, one] of unknown.entries()) known.set(name(one), header.series[i].total > LARGE);
        if (wanted) setTold((n) => n + 1);
      },
      () => {
        // Taken for small: the question for its points fails too, and that failure is shown.
        for (const one of unknown) known.set(name(one), false);
        if (wanted) setTold((n) => n + 1);
      },
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return useMemo(
    () => ({
      small: series.filter((one) => !suspect(one) || known.get(name(one)) === false),
      large: series.filter((one) => known.get(name(one)) === true),
    }),
    [key, told],
  );
}

/**
 * The step that belongs to an x, read off a reduced series.
 *
 * @param {Column} column
 * @param {number} x
 * @param {import("../../lib/trace.js").XMode} mode
 */
export function stepAt(column, x, mode) {
  if (mode === "step" || column.length === 0) return x;
  const { walls, steps } = column;
  const wanted = mode === "relative" ? x + walls[0] : x;
  let i = 0;
  while (i < column.length - 1 && walls[i + 1] < wanted) i += 1;
  const next = Math.min(i + 1, column.length - 1);
  const way = walls[next] > walls[i] ? Math.min(Math.max((wanted - walls[i]) / (walls[next] - walls[i]), 0), 1) : 0;
  return steps[i] + way * (steps[next] - steps[i]);
}

/**
 * What the columns of pixels of large series hold, in the visible range, as columns of few points.
 *
 * @param {Key[]} series
 * @param {[number, number]|null} zoom
 * @param {import("../../lib/trace.js").XMode} mode
 * @returns {{columns: Column[], version: number, points: number, error: Error|null}}  `points`: how many there really are.
 */
export function usePixels(series, zoom, mode) {
  const overview = useRef(/** @type {Map<string, Column>} */ (new Map()));
  const count = useRef(0);
  const range = zoom?.join(",") ?? "";
  const [settled, setSettled] = useState(range);
  // While the hand moves, what is there is moved; the server is asked when it rests.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(range), 120);
    return () => clearTimeout(timer);
  }, [range]);
  const load = async (/** @type {AbortSignal} */ signal) => {
    /** @type {Column[]} */
    const columns = [];
    if (series.length === 0) return { columns, version: 0, points: 0 };
    const [low, high] = settled === "" ? [] : settled.split(",").map(Number);
    const first = overview.current.get(name(series[0]));
    const step = (/** @type {number|undefined} */ x) => {
      if (x === undefined) return null;
      return mode === "step" ? x : first ? stepAt(first, x, mode) : null;
    };
    const [from, to] = [step(low), step(high)];
    // A screen to the left and to the right too, so that there is something to be moved to.
    const room = from !== null && to !== null ? to - from : 0;
    const { header, arrays } = await api.post(
      "pixels",
      {
        series,
        low: from === null ? null : Math.floor(from - room),
        high: to === null ? null : Math.ceil(to + room),
        columns: room > 0 ? 3 * COLUMNS : COLUMNS,
      },
      signal,
    );
    let points = 0;
    for (const [i, { run, tag }] of series.entries()) {
      const column = new Column(run, tag);
      column.add(
        { ...header.series[i], from: 0, total: arrays[3 * i].length, segments: header.series[i].segments ?? [0] },
        arrays.slice(3 * i, 3 * i + 3),
      );
      points += header.series[i].total;
      columns.push(column);
      if (from === null) overview.current.set(name({ run, tag }), column);
    }
    count.current += 1;
    return { columns, version: count.current, points };
  };
  // Which steps a zoom in time means is known from an overview: without one, that comes first, and then the zoom.
  const placed = settled === "" || mode === "step" || series.every((one) => overview.current.has(name(one)));
  const { data, error } = useLive(
    series.map(({ run }) => run),
    load,
    [series.map(name), settled, mode, placed],
    series.length > 0,
  );
  return { columns: data?.columns ?? [], version: data?.version ?? 0, points: data?.points ?? 0, error };
}
