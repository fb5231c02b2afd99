// Labels of axes: whole, and no two alike.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fittedApart, inRow } from "../../ui/lib/axis-labels.js";
import { plot } from "../../ui/lib/plot.js";
import { ticks } from "../../ui/lib/scale.js";
import { symlogTicks } from "../../ui/lib/symlog.js";
import { tickLabels } from "../../ui/lib/tick-labels.js";
import { momentLabels, timeTicks } from "../../ui/lib/time-ticks.js";
import { traceOf } from "../../ui/lib/trace.js";
import { frameOf } from "../../ui/pages/flow/plot.js";
import { axis, valueTexts } from "../../ui/pages/hparams/axis.js";
import { tabulate } from "../../ui/pages/hparams/rows.js";
import { pseudorandom } from "./random.js";

/** Every character is six pixels wide. @param {string} text */
const measure = (text) => 6 * text.length;

/** @param {string[]} labels @param {unknown} of */
const apart = (labels, of) => assert.equal(new Set(labels).size, labels.length, `${JSON.stringify(of)}: ${labels}`);

test("an axis has one unit, and as many digits as tell its ticks apart", () => {
  for (const [values, expected] of /** @type {[number[], string][]} */ ([
    [[0, 0.25, 0.5], "0 0.25 0.5"],
    [[0, 5000, 10_000, 15_000], "0 5k 10k 15k"],
    [[0, 5e5, 1e6], "0 0.5M 1M"],
    [[12_340, 12_345, 12_350], "12340 12345 12350"],
    [[8e-4, 0.001, 0.0012], "0.0008 0.001 0.0012"],
    [[1e-4, 1.01e-4, 1.02e-4], "1e−4 1.01e−4 1.02e−4"],
    [[-1.13e-4, -1.12e-4], "−1.13e−4 −1.12e−4"],
    [[0.999992, 0.999994, 1], "0.999992 0.999994 1"],
    [[100.0005, 100.001, 100.0015], "100.0005 100.001 100.0015"],
    [[-125000.2, -125000, -124999.8], "−125000.2 −125000 −124999.8"],
    [[1e9, 2e9], "1e9 2e9"],
    [[1e-6, 1e-3, 1, 1e3, 1e6], "1e−6 0.001 1 1000 1M"],
    [[0.1 + 0.2, 0.4], "0.3 0.4"],
    [[123456.789], "123456.8"],
    [[0], "0"],
    [[], ""],
  ])) {
    assert.equal(tickLabels(values).join(" "), expected);
  }
});

test("whatever an axis shows, its ticks ascend, and no two of their labels are alike", () => {
  const random = pseudorandom(11);
  for (let i = 0; i < 3000; i += 1) {
    const middle = (random() - 0.5) * 10 ** (random() * 40 - 20);
    const width = Math.abs(middle) * 10 ** -(random() * 17) + (i % 3 === 0 ? 10 ** (random() * 600 - 320) : 0);
    const [low, high] = [middle - width, middle + width];
    const wanted = 1 + Math.floor(random() * 12);
    for (const found of [
      ticks("linear", low, high, wanted),
      ticks("log", Math.abs(low), Math.abs(high), wanted),
      symlogTicks({ low, high, threshold: Math.abs(middle) * random() || 1 }, wanted),
    ]) {
      assert.ok(found.length <= 4 * wanted + 8, `${low} to ${high}: ${found.length} ticks`);
      assert.ok(
        found.every((tick, k) => Number.isFinite(tick) && (k === 0 || tick > found[k - 1])),
        `${found}`,
      );
      apart(tickLabels(found), [low, high, found]);
    }
  }
});

test("the ends of all numbers have an axis", () => {
  for (const [low, high] of [
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [0, Number.MIN_VALUE],
    [1e300, 1e300 * (1 + 2 ** -52)],
    [-Number.MIN_VALUE, Number.MIN_VALUE],
  ]) {
    for (const wanted of [1, 2, 7]) {
      const found = ticks("linear", low, high, wanted);
      assert.ok(found.length <= 20 && found.every(Number.isFinite), `${low} to ${high}: ${found}`);
      apart(tickLabels(found), found);
    }
  }
});

/** @param {(step: number) => number} value @returns {import("../../ui/lib/trace.js").Line} */
const line = (value) => ({
  key: "run",
  label: "run",
  colour: "#0072b2",
  raw: traceOf(
    Float64Array.from({ length: 33 }, (_, i) => i),
    Float64Array.from({ length: 33 }, (_, i) => Math.fround(value(i))),
  ),
  smooth: null,
  band: null,
  runs: 1,
  steps: null,
  walls: null,
});

test("a chart has room for its widest label, and the labels of neighbouring values differ", () => {
  for (const value of [
    (/** @type {number} */ s) => -125000.25 + s / 32,
    (/** @type {number} */ s) => 100 + s * 2 ** -14,
    (/** @type {number} */ s) => 1e-4 + s * 1e-7,
    (/** @type {number} */ s) => -1.1e-4 - s * 1e-7,
    (/** @type {number} */ s) => 1 - s * 2 ** -22,
    (/** @type {number} */ s) => -1.234567e-30 * s,
    (/** @type {number} */ s) => 1e7 + s,
  ]) {
    for (const width of [300, 460]) {
      const options = /** @type {const} */ ({ mode: "step", xKind: "linear", yKind: "linear", clip: false });
      const { box, yTicks, xTicks } = plot([line(value)], options, null, width, 220, 12, measure);
      const texts = yTicks.map(({ text }) => text);
      assert.ok(texts.length >= 3, `${texts}`);
      apart(texts, texts);
      for (const text of texts) assert.ok(box.left - 7 - measure(text) >= 0, `${text} is cut at the left`);
      assert.ok(box.right > box.left + 100);
      for (const { middle, text } of xTicks) {
        assert.ok(middle - measure(text) / 2 >= 0 && middle + measure(text) / 2 <= width, `${text} is cut`);
      }
    }
  }
});

test("long labels below an axis are fewer, so that none touches another", () => {
  const raw = traceOf(Float64Array.from([2 ** 52, 2 ** 52 + 100]), Float64Array.from([1, 2]));
  const options = /** @type {const} */ ({ mode: "step", xKind: "linear", yKind: "linear", clip: false });
  const { xTicks } = plot([{ ...line(() => 0), raw }], options, null, 400, 220, 12, measure);
  assert.ok(xTicks.length >= 2);
  apart(
    xTicks.map(({ text }) => text),
    xTicks,
  );
  for (let i = 1; i < xTicks.length; i += 1) {
    const [a, b] = [xTicks[i - 1], xTicks[i]];
    assert.ok(b.middle - measure(b.text) / 2 >= a.middle + measure(a.text) / 2 + 4);
  }
  const labels = [0, 10, 20, 90].map((at) => ({ at, text: "1234" }));
  assert.deepEqual(
    inRow(labels, 0, 100, measure).map(({ middle }) => middle),
    [12, 88],
  );
});

test("moments that would read alike have their day or year", () => {
  for (const span of [1e-3, 1, 600, 86400, 3 * 86400, 90 * 86400, 2000 * 86400, 1e12, 1e30]) {
    const { ticks: found, stride } = timeTicks(1.7e9, 1.7e9 + span, 6, 0);
    assert.ok(found.length <= 9, `${span}: ${found.length}`);
    apart(momentLabels(found, stride), span);
  }
  const noons = [0, 1, 2].map((day) => 1_700_049_600 + day * 86400);
  apart(momentLabels(noons, 43200), noons);
  assert.deepEqual(timeTicks(1e300, 1e300 * (1 + 2 ** -51), 5).ticks.length < 9, true);
});

test("flow's axis has room for its labels and tells them apart", () => {
  for (const [domain, kind] of /** @type {[[number, number], any][]} */ ([
    [[1.00001, 1.00002], "log"],
    [[1e-300, 1e-5], "log"],
    [[-0.000012, -0.000011], "signed"],
    [[0.99995, 1], "fraction"],
    [[0, 1], "fraction"],
  ])) {
    const { left, yTicks } = frameOf(600, 260, [], 6, domain, kind, measure);
    const texts = yTicks.map(({ text }) => text);
    assert.ok(texts.length >= 2, `${domain}`);
    apart(texts, texts);
    for (const text of texts) assert.ok(left - 8 - measure(text) >= 0, `${text} is cut at the left`);
  }
});

test("the values of parameters that lie close together are told apart", () => {
  apart(valueTexts([0.12345, 0.12346, 0.12347]), "values");
  assert.deepEqual(valueTexts([2, 10, "relu", true]), ["2", "10", "relu", "true"]);
  const made = tabulate(
    {
      border: null,
      params: ["x"],
      metrics: [],
      sessions: [100.001, 100.002, 100.003].map((x, i) => ({
        run: `${i}`,
        status: "done",
        params: { x },
        metrics: {},
      })),
    },
    new Set(["0", "1", "2"]),
  );
  const { marks } = axis(made.columns.filter(({ key }) => key === "p:x")[0], made.rows);
  assert.deepEqual(
    marks.map(({ text }) => text),
    ["100.001", "100.002", "100.003"],
  );
});

test("names that are cut stay apart", () => {
  const names = ["resnet-50-with-a-long-ending", "resnet-101-with-a-long-ending"];
  const cut = fittedApart(names, 60, measure);
  apart(cut, cut);
  assert.ok(cut.every((text) => measure(text) <= 60));
  assert.deepEqual(fittedApart(["a", "b"], 60, measure), ["a", "b"]);
});
