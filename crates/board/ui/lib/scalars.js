// Scalar series in the browser: loaded in one request for all that is wanted, and then only what is new of them.

import * as api from "./api.js";
import { counted, FrameError } from "./frame.js";
import { signal, useEffect, useValue } from "./html.js";
import { onGrowth } from "./live.js";

/** How many points one answer brings of a series. */
const LIMIT = 100_000;

/** How many series are asked for at a time: with long names, more would not fit into one request. */
const MOST = 1000;

/** When what failed is asked for again, in milliseconds. */
const RETRY = 2000;

/** A scalar series as far as it has come. */
export class Column {
  /**
   * @param {string} run
   * @param {string} tag
   */
  constructor(run, tag) {
    this.run = run;
    this.tag = tag;
    this.generation = -1;
    this.length = 0;
    this.total = 0;
    /** Indices at which a restarted training begins anew. */
    this.segments = [0];
    /** Grows with every change. */
    this.version = 0;
    this.room = new Float64Array(0);
    /** @type {Float64Array[]} Steps, wall times, values: `length` numbers each. */
    this.arrays = [this.room, this.room, this.room];
    /** How many cards look at it; what nobody looks at is not kept up to date. */
    this.watchers = 0;
    this.stale = true;
  }

  get steps() {
    return this.arrays[0].subarray(0, this.length);
  }

  get walls() {
    return this.arrays[1].subarray(0, this.length);
  }

  get values() {
    return this.arrays[2].subarray(0, this.length);
  }

  /**
   * Adds points behind the others, or, if they are of another generation, in their place.
   *
   * @param {{generation: number, from: number, total: number, segments: number[]}} header
   * @param {import("./frame.js").Numbers[]} arrays
   */
  add(header, arrays) {
    const [steps, walls, values] = arrays;
    for (const part of [header?.from, header?.total]) counted(part, `a part of ${this.tag}`);
    if (!Array.isArray(header.segments) || steps?.length !== walls?.length || steps?.length !== values?.length) {
      throw new FrameError(`${this.tag} of ${this.run} came without its segments, or with columns of unequal length`);
    }
    if (header.generation !== this.generation) this.length = 0;
    if (header.from > this.length) return;
    this.generation = header.generation;
    this.total = header.total;
    this.segments = header.segments;
    const end = header.from + arrays[0].length;
    if (end > this.arrays[0].length) {
      const room = Math.max(end, Math.ceil(this.arrays[0].length * 1.5));
      this.arrays = this.arrays.map((old) => {
        const grown = new Float64Array(room);
        grown.set(old.subarray(0, this.length));
        return grown;
      });
    }
    for (const [i, array] of arrays.entries()) this.arrays[i].set(array, header.from);
    this.length = end;
    this.version += 1;
  }
}

/** @type {Map<string, Column>} */
const columns = new Map();

/** Grows whenever any column has changed. */
const changed = signal(0);

/** What the last request failed with, if it did. */
export const scalarsFailure = signal(/** @type {string|null} */ (null));

/**
 * The column of a series; empty until somebody watches it.
 *
 * @param {string} run
 * @param {string} tag
 */
export function column(run, tag) {
  const key = `${run}\n${tag}`;
  let found = columns.get(key);
  if (!found) {
    found = new Column(run, tag);
    columns.set(key, found);
  }
  return found;
}

let busy = false;
let scheduled = false;

function schedule() {
  if (scheduled || busy) return;
  scheduled = true;
  // All cards that are drawn in one go ask together.
  queueMicrotask(load);
}

async function load() {
  scheduled = false;
  busy = true;
  /** @type {Column[]} */
  let wanted = [];
  try {
    for (;;) {
      wanted = [...columns.values()].filter((one) => one.watchers > 0 && one.stale).slice(0, MOST);
      if (wanted.length === 0) break;
      for (const one of wanted) one.stale = false;
      const series = wanted.map(({ run, tag, generation, length }) => ({
        run,
        tag,
        generation: Math.max(generation, 0),
        from: generation < 0 ? 0 : length,
      }));
      const { header, arrays } = await api.post("scalars", { series, limit: LIMIT });
      let brought = 0;
      for (const [i, one] of wanted.entries()) {
        const columns = arrays.slice(3 * i, 3 * i + 3);
        one.add(header.series[i], columns);
        brought += columns[0].length;
        // An answer has room for so many points; the last series come short, or empty.
        if (one.length < one.total) one.stale = true;
      }
      // Asked again, the server would answer the same.
      if (brought === 0 && wanted.some((one) => one.stale)) throw new FrameError("no points came");
      scalarsFailure.value = null;
      changed.value += 1;
    }
  } catch (error) {
    scalarsFailure.value = error instanceof Error ? error.message : String(error);
    for (const one of wanted) one.stale = true;
    setTimeout(schedule, RETRY);
  } finally {
    busy = false;
  }
}

onGrowth((grown) => {
  for (const one of columns.values()) if (grown === null || grown.has(one.run)) one.stale = true;
  schedule();
});

/**
 * The columns of these series, kept up to date while the card is visible.
 *
 * @param {{run: string, tag: string}[]} series
 * @param {boolean} visible
 * @returns {{columns: Column[], version: number}}  `version` grows when one of them has changed.
 */
export function useScalars(series, visible) {
  useValue(changed);
  const key = series.map(({ run, tag }) => `${run}\n${tag}`).join("\n\n");
  useEffect(() => {
    if (!visible) return undefined;
    const watched = series.map(({ run, tag }) => column(run, tag));
    for (const one of watched) one.watchers += 1;
    schedule();
    return () => {
      for (const one of watched) one.watchers -= 1;
    };
  }, [key, visible]);
  const found = series.map(({ run, tag }) => column(run, tag));
  return { columns: found, version: found.reduce((sum, one) => sum + one.version, 0) };
}
