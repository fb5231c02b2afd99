// Random and mutated input for everything in the page that reads what it did not write: the server's frames and numbers,
// addresses, and names. `node tests/page/fuzz.js SECONDS [SEED]` goes on for so long; fuzz.test.js does a little of it.
//
// What is asked of each: no exception but the decoder's own, no position that is not a number, and no more output than the
// input calls for.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { pseudorandom } from "./random.js";

// The parts of a browser that the modules of addresses use when they are loaded.
const page = { location: { hash: "" }, history: { replaceState() {} }, localStorage: { getItem: () => null } };
for (const [name, value] of Object.entries({ ...page, addEventListener() {} })) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

const { tickLabels } = await import("../../ui/lib/tick-labels.js");
const { histograms, recordAt, rowAt, rowFacts } = await import("../../ui/lib/bins.js");
const { distribution } = await import("../../ui/lib/distribution.js");
const { flow, merge, profileAt, profileOver } = await import("../../ui/lib/flow.js");
const { csv, fold, moment, number, short, span } = await import("../../ui/lib/format.js");
const { decode, FrameError } = await import("../../ui/lib/frame.js");
const { chartSvg } = await import("../../ui/lib/plot-svg.js");
const { plot, within } = await import("../../ui/lib/plot.js");
const { outline, Shape } = await import("../../ui/lib/polyline.js");
const { binAt, nearestRow, ridges } = await import("../../ui/lib/ridge.js");
const { link, route, setParameter } = await import("../../ui/lib/route.js");
const { scale } = await import("../../ui/lib/scale.js");
const { Column } = await import("../../ui/lib/scalars.js");
const { domainOf, symlog, symlogTicks } = await import("../../ui/lib/symlog.js");
const { groupLine, lineOf } = await import("../../ui/lib/trace.js");
const { tree } = await import("../../ui/lib/tree.js");
const { readBrushes, writeBrushes } = await import("../../ui/pages/hparams/brush.js");
const { axis } = await import("../../ui/pages/hparams/axis.js");
const { tabulate } = await import("../../ui/pages/hparams/rows.js");
const { tableOf } = await import("../../ui/pages/media/records.js");
const { averagePrecision, points } = await import("../../ui/pages/pr/curve.js");
const { parseZooms, writeZooms } = await import("../../ui/pages/series/zoom.js");
const { join, sections, split } = await import("../../ui/pages/series/sections.js");

/** Numbers at which something may break. */
const WILD = [
  0,
  -0,
  1,
  -1,
  0.1,
  1e-5,
  5e-324,
  -5e-324,
  1.5e308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  1e21,
  1.7e9,
  8.64e12,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const WORDS = [
  "",
  "/",
  "a",
  "layer1",
  "relu/seed-0",
  "<b>",
  '"',
  "'",
  "&",
  "%",
  "%E0",
  "%41",
  ":",
  "~",
  ",",
  "=",
  "+",
  "-",
  "\n",
  "\0",
  "\u202e",
  "😀",
  "__proto__",
  "constructor",
  "NaN",
  "1e999",
  "..",
  "x".repeat(300),
];
const TYPES = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };

/** Draws of one seed. @param {number} seed */
function draws(seed) {
  const random = pseudorandom(seed);
  const below = (/** @type {number} */ n) => Math.floor(random() * n);
  /** @template T @param {readonly T[]} all @returns {T} */
  const one = (all) => all[below(all.length)];
  const wild = () =>
    random() < 0.3 ? one(WILD) : (random() - 0.5) * 10 ** (below(2) ? random() * 4 : random() * 600 - 300);
  const finite = () => {
    const value = wild();
    return Number.isFinite(value) ? value : below(100);
  };
  const text = () => Array.from({ length: below(5) }, () => one(WORDS)).join("");
  /** @param {number} most @param {() => any} make */
  const many = (most, make) => Array.from({ length: below(most + 1) }, make);
  return { random, below, one, wild, finite, text, many };
}

/** @typedef {ReturnType<typeof draws>} Draws */

/** A frame as the server writes it, of a header that may say otherwise. @param {any} header @param {[keyof typeof TYPES, ArrayLike<number>][]} arrays */
function encode(header, arrays, spoil = (/** @type {any} */ _head) => {}) {
  const padded = (/** @type {number} */ length) => Math.ceil(length / 8) * 8;
  const parts = arrays.map(([type, values]) => new Uint8Array(TYPES[type].from(/** @type {any} */ (values)).buffer));
  const head = { ...header, arrays: arrays.map(([type, values]) => ({ type, length: values.length })) };
  spoil(head);
  const bytes = new TextEncoder().encode(JSON.stringify(head));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + padded(part.length), padded(4 + bytes.length)));
  new DataView(all.buffer).setUint32(0, bytes.length, true);
  all.set(bytes, 4);
  let offset = padded(4 + bytes.length);
  for (const part of parts) {
    all.set(part, offset);
    offset += padded(part.length);
  }
  return all;
}

/** Bytes of a frame, some of them changed. @param {Draws} d @param {Uint8Array} bytes */
function mutated(d, bytes) {
  let all = bytes.slice();
  for (let i = d.below(4); i > 0 && all.length > 0; i -= 1) {
    const at = d.below(d.below(2) ? all.length : Math.min(all.length, 200));
    if (d.below(3) === 0) all = all.slice(0, at);
    else all[at] = d.below(2) ? d.below(256) : 48 + d.below(10);
  }
  return all.buffer;
}

/** Runs a decoder: null if it says that the input is wrong. @template T @param {() => T} read @returns {T|null} */
function tried(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}

/** @param {ArrayLike<number>} positions @param {string} what */
function placed(positions, what) {
  for (let i = 0; i < positions.length; i += 1) assert.ok(!Number.isNaN(positions[i]), `${what}: position ${i} is NaN`);
}

const measure = (/** @type {string} */ text) => 6 * text.length;

/** @param {Draws} d */
function frames(d) {
  const noise = Uint8Array.from({ length: d.below(64) }, () => d.below(256));
  tried(() => decode(noise.buffer));
  const header = { [d.text()]: d.wild(), layers: d.many(3, () => d.text()) };
  const arrays = d.many(4, () => [d.one(Object.keys(TYPES)), d.many(9, d.wild)]);
  const wrong = () => d.one([...WILD, -1, 0.5, 2, "2", null, d.text(), []]);
  const whole = encode(header, arrays, (head) => {
    if (d.below(2) && arrays.length > 0) d.one(/** @type {any[]} */ (head.arrays))[d.one(["type", "length"])] = wrong();
    if (d.below(9) === 0) head[d.one(["arrays", "layers"])] = wrong();
  });
  const read = tried(() => decode(mutated(d, whole)));
  if (read) assert.ok(read.arrays.reduce((sum, { byteLength }) => sum + byteLength, 0) <= whole.length);
}

/** @param {Draws} d */
function bins(d) {
  const [rows, count] = [d.below(6), 1 + d.below(8)];
  const low = d.finite();
  const edges = Float64Array.from({ length: count + 1 }, () => (d.below(4) ? d.finite() : low)).sort();
  if (d.below(5) === 0) edges[d.below(edges.length)] = d.wild();
  const each = (/** @type {() => number} */ make, size = rows) => Array.from({ length: size }, make);
  const spoil = (/** @type {any} */ head) => {
    if (d.below(9) === 0) head[d.one(["rows", "bins", "total"])] = d.one([...WILD, "1", null, 0.5]);
  };
  const sizes = { generation: 1, total: rows + d.below(3), rows, bins: count, unreadable: 0 };
  const series = /** @type {[keyof typeof TYPES, number[]|Float64Array][]} */ ([
    ["f64", edges],
    ["u32", each(() => 0).map((_, i) => (d.below(20) ? i : d.below(rows)))],
    ["f64", each(d.below(5) ? () => d.below(1000) : d.wild)],
    ["f64", each(d.wild)],
    ["f64", each(() => Math.abs(d.below(8) ? d.finite() : d.wild()))],
    ["u16", each(() => d.below(65536), rows * count)],
    ["f64", each(() => Math.abs(d.below(8) ? d.finite() : d.wild()))],
    ["f32", each(d.wild, rows * 9)],
  ]);
  const bytes = encode(sizes, series, spoil);
  const all = tried(() =>
    histograms(decode(d.below(3) ? /** @type {ArrayBuffer} */ (bytes.buffer) : mutated(d, bytes))),
  );
  if (!all || all.rows === 0) return;
  const domain = domainOf(all.edges);
  const row = rowAt(all.steps, d.wild());
  assert.ok(row >= 0 && row < all.rows);
  assert.ok(recordAt(all, d.finite()) >= 0);
  rowFacts(all, row);
  if (!domain) return;
  for (const across of [scale("linear", domain.low, domain.high, 0, 300), symlog(domain, 0, 300)]) {
    const lines = ridges(all, across.place, { top: 20, bottom: 80, height: 30, alike: d.below(2) === 0 });
    for (const [what, positions] of Object.entries({ ...lines, bins: [] })) placed(positions, `ridges ${what}`);
    assert.ok(lines.rise.length === all.rows * all.bins);
    nearestRow(lines, Math.max(0, binAt(all.edges, d.wild())), d.wild());
    const { bands, median } = distribution(all, (step) => step, across.place);
    for (const part of median) placed(part.flat(), "the median");
    assert.ok(bands.flat(2).length <= 8 * all.rows);
  }
  tickLabels(symlogTicks(domain, 1 + d.below(9)));
}

/** A column of scalars, as its points come. @param {Draws} d */
function columnOf(d) {
  const column = new Column("run", "tag");
  const total = d.below(40);
  const time = d.below(3) ? () => 1.7e9 + d.below(1000) : d.wild;
  for (let from = 0; from < total; ) {
    const length = Math.min(total - from, 1 + d.below(total));
    const begin = from;
    const steps = Float64Array.from({ length }, (_, i) => (d.below(9) ? begin + i : Math.trunc(d.finite())));
    const segments = [0, ...d.many(3, () => d.below(total))];
    column.add({ generation: 1, from, total, segments }, [
      steps,
      Float64Array.from(steps, time),
      Float64Array.from(steps, d.below(2) ? d.wild : () => d.below(100)),
    ]);
    from += length;
  }
  return column;
}

/** @param {Draws} d */
function charts(d) {
  const mode = d.one(/** @type {const} */ (["step", "relative", "wall"]));
  const look = { key: "k", label: d.text().replaceAll("NaN", ""), colour: "#0072b2" };
  const weight = d.below(2) ? 0 : d.random();
  const columns = [columnOf(d), columnOf(d)];
  const lines = d.below(2)
    ? columns.map((one) => lineOf(one, look, mode, weight))
    : [groupLine(columns, look, mode, weight)];
  const kind = () => d.one(/** @type {const} */ (["linear", "log"]));
  const options = {
    mode,
    xKind: mode === "wall" ? /** @type {const} */ ("linear") : kind(),
    yKind: kind(),
    clip: d.below(2) === 0,
  };
  const [a, b] = [d.finite(), d.finite()];
  const zoom = d.below(3) || a === b ? null : /** @type {[number, number]} */ ([Math.min(a, b), Math.max(a, b)]);
  const [width, height] = [80 + d.below(900), 60 + d.below(300)];
  const frame = plot(lines, options, zoom, width, height, 12, measure);
  for (const ticks of [frame.xTicks, frame.yTicks]) {
    placed(
      ticks.map(({ at }) => at),
      JSON.stringify(ticks),
    );
    assert.ok(ticks.length < 60, `${ticks.length} ticks`);
    assert.equal(new Set(ticks.map(({ text }) => text)).size, ticks.length, `${ticks.map(({ text }) => text)}`);
  }
  for (const { text } of frame.yTicks) assert.ok(frame.box.left >= measure(text));
  within([d.wild(), d.wild()], [frame.x.low, frame.x.high], options.xKind);
  const shape = new Shape();
  for (const { raw, smooth } of lines) {
    outline(smooth ?? raw, frame.x, frame.y, shape, { grain: 1, marks: [] });
    const { xy, length } = shape.lines;
    for (let i = 0; i < length; i += 2) {
      // Without an x a line is interrupted; with one it has a y.
      if (!Number.isNaN(xy[i])) assert.ok(!Number.isNaN(xy[i + 1]), `corner ${i / 2} has no height`);
    }
    assert.ok(length <= 2 * (3 * raw.length + 8 * width), `${length} corners for ${raw.length} points`);
  }
  const ink = {
    background: "#fff",
    surface: "#fff",
    text: "#000",
    muted: "#555",
    line: "#ddd",
    accent: "#00f",
    warning: "#a50",
    bad: "#a00",
    font: "11px sans",
  };
  const svg = chartSvg({ title: look.label, lines, options, zoom, width, height: height + 26 }, ink, measure);
  assert.doesNotMatch(svg.replace(/<(title|text)[^>]*>[^<]*</g, "<"), /NaN|Infinity|<b>/);
}

/** @param {Draws} d */
function flows(d) {
  const one = () => {
    const [layers, steps] = [d.below(4), d.below(6)];
    const whole = () => ({
      mean: d.below(2) ? d.finite() : d.one(["NaN", "Infinity"]),
      records: steps,
      zeros: 0,
      lost: 0,
    });
    const header = {
      generation: 1,
      layers: Array.from({ length: layers }, (_, i) => ({ name: `${d.text()}${i}`, whole: whole(), derived: false })),
    };
    const values = Array.from(
      { length: layers },
      () => /** @type {[keyof typeof TYPES, number[]]} */ (["f64", Array.from({ length: steps }, d.wild)]),
    );
    const bytes = encode(header, [["f64", Array.from({ length: steps }, (_, i) => i)], ...values]);
    return tried(() => flow(decode(d.below(3) ? /** @type {ArrayBuffer} */ (bytes.buffer) : mutated(d, bytes))));
  };
  const found = [one(), one()]
    .filter((each) => each !== null && each.layers.length > 0)
    .map((each) => /** @type {NonNullable<typeof each>} */ (each));
  if (found.length === 0) return;
  const merged = merge(found, d.below(2) === 0);
  assert.ok(merged);
  assert.equal(merged.mean.length, merged.layers.length);
  for (const layer of merged.mean) assert.equal(layer.length, merged.steps.length);
  profileAt(merged, d.wild());
  profileOver(found);
}

/** @param {Draws} d */
function addresses(d) {
  const hash = `#/${d.text()}?${d.many(4, () => `${d.text()}=${d.text()}`).join("&")}`;
  location.hash = hash;
  setParameter(d.text(), d.below(2) ? d.text() : null);
  assert.ok(link(d.text(), { [d.text()]: d.text() }).startsWith("#/"));
  assert.ok(route.peek().query instanceof URLSearchParams);
  const text = d
    .many(4, () =>
      [d.text(), d.one([String(d.wild()), d.text()]), d.one([String(d.wild()), d.text()])].join(d.one([":", "~"])),
    )
    .join(",");
  for (const [low, high] of parseZooms(text).values())
    assert.ok(low < high && Number.isFinite(low) && Number.isFinite(high));
  assert.deepEqual(parseZooms(writeZooms(parseZooms(text))).size, parseZooms(text).size);
  for (const { low, high } of readBrushes(text).values()) assert.ok(low <= high);
  assert.deepEqual(readBrushes(writeBrushes(readBrushes(text))), readBrushes(text));
  split(text);
  const names = d.many(4, () => d.text()).filter((name) => name !== "");
  assert.deepEqual(split(join(names)), names);
}

/** @param {Draws} d */
function answers(d) {
  const json = () => d.one([d.finite(), "NaN", "Infinity", "-Infinity", null, d.text()]);
  for (const say of [short, span, moment, fold]) assert.ok(say(number(json())).length < 60);
  const size = d.below(9);
  const curve = Object.fromEntries(
    ["thresholds", "precision", "recall", "tp", "fp", "tn", "fn"].map((name) => [
      name,
      Array.from({ length: size }, json),
    ]),
  );
  assert.equal(points(/** @type {any} */ (curve)).length, size);
  averagePrecision(points(/** @type {any} */ (curve)));
  const [params, metrics] = [d.many(3, d.text), d.many(3, d.text)];
  const runs = d.many(6, d.text);
  const sessions = runs.map((run) => ({
    run,
    status: /** @type {const} */ ("done"),
    params: Object.fromEntries(params.map((name) => [name, d.one([d.finite(), d.text(), true])])),
    metrics: Object.fromEntries(metrics.map((name) => [name, json()])),
  }));
  const { rows, columns } = tabulate({ border: null, params, metrics, sessions }, new Set(runs));
  for (const column of columns) {
    const { marks } = axis(column, rows);
    placed(
      marks.map(({ share }) => share),
      "marks of an axis",
    );
    assert.ok(marks.length <= 40);
  }
  csv(rows.map(({ run }) => [run, d.wild()]));
  const names = d.many(8, d.text);
  assert.ok(tree([...new Set(names)]).length <= names.length);
  assert.ok(sections(names).reduce((sum, { tags }) => sum + tags.length, 0) <= 2 * names.length);
  const texts = d.many(9, d.text);
  const table = tableOf(
    texts,
    d.many(3, () => d.below(5)),
  );
  if (table) assert.deepEqual(table.flat(), texts);
}

export const TARGETS = { frames, bins, charts, flows, addresses, answers };

/**
 * One input for each target.
 *
 * @param {number} seed
 */
export function once(seed) {
  for (const [name, target] of Object.entries(TARGETS)) {
    try {
      target(draws(seed));
    } catch (error) {
      throw new Error(`${name} fails with seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const end = Date.now() + 1000 * Number(process.argv[2] ?? 60);
  let seed = Number(process.argv[3] ?? Date.now() % 1e9);
  const [first, failed] = [seed, new Set()];
  for (; Date.now() < end; seed += 1) {
    try {
      once(seed);
    } catch (error) {
      // The same fault many times is one fault.
      const text = String(error instanceof Error ? error.message : error);
      const kind = text
        .replace(/seed \d+/, "")
        .replace(/[\d.e+−-]+/g, "#")
        .slice(0, 200);
      if (!failed.has(kind)) process.stdout.write(`${text}\n\n`);
      failed.add(kind);
    }
  }
  process.stdout.write(`${seed - first} seeds from ${first}, ${failed.size} faults\n`);
  process.exitCode = failed.size > 0 ? 1 : 0;
}
