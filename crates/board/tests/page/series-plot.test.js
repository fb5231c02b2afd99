import assert from "node:assert/strict";
import { test } from "node:test";
import { plot, within, xRange, yExtremes } from "../../ui/lib/plot.js";
import { around, nearest, readings, summary } from "../../ui/lib/readout.js";
import { chartSvg } from "../../ui/lib/plot-svg.js";
import { traceOf } from "../../ui/lib/trace.js";
import { momentLabels, spanLabel, timeTicks } from "../../ui/lib/time-ticks.js";

/** @param {number[]} ys @param {string} [label] @returns {import("../../ui/lib/trace.js").Line} */
const line = (ys, label = "run") => ({
  key: label,
  label,
  colour: "#0072b2",
  raw: traceOf(
    Float64Array.from(ys, (_, i) => i),
    Float64Array.from(ys),
  ),
  smooth: null,
  band: null,
  runs: 1,
  steps: null,
  walls: null,
});

/** Every character is six pixels wide. @param {string} text */
const measure = (text) => 6 * text.length;

/** @type {import("../../ui/lib/plot.js").Options} */
const OPTIONS = { mode: "step", xKind: "linear", yKind: "linear", clip: false };

test("the y axis holds every finite value that is in sight, and only those", () => {
  const lines = [line([1, 2, Infinity, 90, 3, Number.NaN])];
  assert.deepEqual(yExtremes(lines, [0, 5], "linear"), [1, 90]);
  assert.deepEqual(yExtremes(lines, [0, 1], "linear"), [1, 2]);
  const { y } = plot(lines, OPTIONS, null, 400, 200, 12, measure);
  assert.ok(y.low < 1 && y.high > 90);
});

test("outliers are only left outside on request, and then it is said", () => {
  const ys = Array.from({ length: 200 }, (_, i) => (i === 100 ? 1e6 : Math.sin(i)));
  assert.equal(plot([line(ys)], OPTIONS, null, 400, 200, 12, measure).clipped, null);
  const { clipped, y } = plot([line(ys)], { ...OPTIONS, clip: true }, null, 400, 200, 12, measure);
  assert.deepEqual(clipped?.all.map(Math.round), [-1, 1e6]);
  assert.ok(y.high < 3 && y.low <= -1);
});

test("an axis of nothing, of one point and of nothing positive can be drawn", () => {
  for (const lines of [[], [line([])], [line([5])], [line([0, -1])], [line([Number.NaN])]]) {
    for (const kind of /** @type {const} */ (["linear", "log"])) {
      const { x, y } = plot(lines, { ...OPTIONS, xKind: kind, yKind: kind }, null, 400, 200, 12, measure);
      for (const end of [x.low, x.high, y.low, y.high]) assert.ok(Number.isFinite(end));
      assert.ok(x.low < x.high && y.low < y.high);
    }
  }
});

test("a logarithmic x axis begins at the first positive step", () => {
  assert.deepEqual(xRange([line([1, 1, 1, 1])], "log"), [1, 3]);
});

test("a range that is moved keeps its width and stays within the data", () => {
  assert.deepEqual(within([-5, 15], [0, 100], "linear"), [0, 20]);
  assert.deepEqual(within([90, 110], [0, 100], "linear"), [80, 100]);
  assert.equal(within([-5, 105], [0, 100], "linear"), null);
  const [low, high] = within([0.5, 5], [1, 1000], "log") ?? [0, 0];
  assert.ok(Math.abs(low - 1) < 1e-9 && Math.abs(high - 10) < 1e-9);
});

test("the nearest point is found, in the newest attempt first", () => {
  const { raw } = line([0, 1, 2, 3]);
  assert.equal(nearest(raw, 1.4), 1);
  assert.equal(nearest(raw, 99), 3);
  const anew = { ...traceOf(Float64Array.from([0, 1, 2, 1, 2]), Float64Array.from([0, 1, 2, 11, 12])), pieces: [0, 3] };
  assert.equal(nearest(anew, 2), 4);
  assert.equal(nearest(anew, 0.2), 0);
  assert.equal(nearest(line([]).raw, 1), -1);
});

test("the sheet lists the highest value first and NaN last", () => {
  const lines = [
    line([1], "a"),
    line([Number.NaN], "b"),
    line([Infinity], "c"),
    line([-Infinity], "d"),
    line([4], "e"),
  ];
  assert.deepEqual(
    readings(lines, 0).map(({ line: { label } }) => label),
    ["c", "e", "a", "d", "b"],
  );
  assert.deepEqual(around([1, 2, 3, 4, 5, 6], 4, 3), { rows: [4, 5, 6], above: 3, below: 0 });
});

test("a line is told in numbers", () => {
  const { lowX, highX, ...rest } = summary(line([3, -2, Number.NaN, 9, 5]).raw);
  assert.deepEqual(rest, { points: 5, last: 5, lastX: 4, low: -2, high: 9, unplaced: 1 });
  assert.deepEqual([lowX, highX], [1, 3]);
});

test("names in a saved picture are text and not markup", () => {
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
  const svg = chartSvg(
    { title: "<script>", lines: [line([1, 2], '"><b>\u0007')], options: OPTIONS, zoom: null, width: 400, height: 300 },
    ink,
    measure,
  );
  assert.ok(!svg.includes("<script>") && !svg.includes("<b>") && !svg.includes("\u0007"));
  assert.match(svg, /&lt;script&gt;/);
  assert.match(svg, /M46 /);
});

test("ticks of time stand at full units", () => {
  assert.deepEqual(timeTicks(0, 600, 5).ticks, [0, 120, 240, 360, 480, 600]);
  assert.deepEqual(
    [spanLabel(120, 120), spanLabel(0, 60), spanLabel(7200, 3600), spanLabel(0.5, 0.5)],
    ["2 min", "0", "2 h", "0.5 s"],
  );
  assert.match(momentLabels([1_700_000_000], 60)[0], /^\d\d:\d\d$/);
  assert.match(momentLabels([1_700_000_000.25], 0.25)[0], /^\d\d:\d\d:\d\d\.250$/);
});
