// The lines of one tag: those of the shown runs, or of groups of them.

import { useMemo } from "../../lib/html.js";
import { useScalars } from "../../lib/scalars.js";
import { groupLine, lineOf } from "../../lib/trace.js";
import { usePixels, useSizes } from "./large.js";

/** @typedef {import("../../lib/trace.js").Line} Line */
/** @typedef {import("../../lib/types.js").Group} Group */

/**
 * @param {string} tag
 * @param {string[]} having  The shown runs that have it.
 * @param {Group[]} groups
 * @param {import("./settings.js").Settings} settings
 * @param {[number, number]|null} zoom
 * @returns {{lines: Line[], large: number, error: Error|null}}  `large`: the points of series that come reduced.
 */
export function useLines(tag, having, groups, { weight, options }, zoom) {
  const series = having.map((run) => ({ run, tag }));
  const { small, large } = useSizes(series);
  const { columns, version } = useScalars(small, true);
  const pixels = usePixels(large, zoom, options.mode);
  const looks = groups
    .map(({ key, label, colour, runs }) => `${key}\n${label}\n${colour}\n${runs.join("\n")}`)
    .join("\n\n");
  const lines = useMemo(() => {
    const byRun = new Map([...columns, ...pixels.columns].map((column) => [column.run, column]));
    const reduced = new Set(large.map(({ run }) => run));
    /** @type {Line[]} */
    const found = [];
    for (const { key, label, colour, runs } of groups) {
      const own = runs.flatMap((run) => byRun.get(run) ?? []).filter((column) => column.length > 0);
      if (own.length === 0) continue;
      const look = { key, label, colour };
      if (own.length > 1) found.push(groupLine(own, look, options.mode, weight));
      // The few points that a column of pixels came with are no series to be smoothed.
      else found.push(lineOf(own[0], look, options.mode, reduced.has(own[0].run) ? 0 : weight));
    }
    return found;
  }, [version, pixels.version, looks, having.join("\n"), small, large, options.mode, weight]);
  return { lines, large: pixels.points, error: pixels.error };
}
