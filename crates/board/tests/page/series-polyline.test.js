import assert from "node:assert/strict";
import { test } from "node:test";
import { Corners, eachPiece, lowerBound, outline } from "../../ui/lib/polyline.js";
import { scale } from "../../ui/lib/scale.js";
import { extendPieces, traceOf } from "../../ui/lib/trace.js";

/** @param {Corners} corners @returns {[number, number][]} */
const points = ({ xy, length }) => Array.from({ length: length / 2 }, (_, i) => [xy[2 * i], xy[2 * i + 1]]);

/** @param {number[]} ys @param {number[]} [xs] */
const of = (ys, xs) => traceOf(Float64Array.from(xs ?? ys.map((_, i) => i)), Float64Array.from(ys));

test("few points are drawn as they are, with one beyond each end of the axis", () => {
  const corners = new Corners();
  outline(of([0, 1, 2, 3, 4, 5]), scale("linear", 2, 3, 0, 100), scale("linear", 0, 10, 100, 0), corners);
  assert.deepEqual(points(corners), [
    [-100, 90],
    [0, 80],
    [100, 70],
    [200, 60],
  ]);
});

test("a line of a million points takes a few corners for each pixel, and a spike is among them", () => {
  const ys = new Float64Array(1_000_000).fill(1);
  ys[123_456] = 50;
  const corners = new Corners();
  outline(
    traceOf(
      Float64Array.from(ys, (_, i) => i),
      ys,
    ),
    scale("linear", 0, 999_999, 0, 500),
    scale("linear", 0, 100, 100, 0),
    corners,
  );
  const drawn = points(corners).filter(([x]) => !Number.isNaN(x));
  assert.ok(drawn.length < 4 * 502, `${drawn.length} corners`);
  const highest = drawn.reduce((a, b) => (b[1] < a[1] ? b : a));
  assert.equal(highest[1], 50);
  assert.ok(Math.abs(highest[0] - (123_456 / 999_999) * 500) <= 1);
});

test("dense and sparse drawing cover the same heights in every column of pixels", () => {
  const ys = Float64Array.from({ length: 4000 }, (_, i) => Math.sin(i * 12.9898) * 40 + (i % 1000) / 20);
  const trace = traceOf(
    Float64Array.from(ys, (_, i) => i),
    ys,
  );
  const up = scale("linear", -50, 100, 150, 0);
  const corners = new Corners();
  outline(trace, scale("linear", 0, 3999, 0, 100), up, corners);
  for (let column = 1; column < 99; column += 1) {
    const drawn = points(corners)
      .filter(([x]) => Math.floor(x) === column)
      .map(([, y]) => y);
    const own = [...ys.keys()].filter((i) => Math.floor((i / 3999) * 100) === column).map((i) => up.place(ys[i]));
    assert.ok(Math.abs(Math.min(...drawn) - Math.min(...own)) < 1e-3);
    assert.ok(Math.abs(Math.max(...drawn) - Math.max(...own)) < 1e-3);
  }
});

test("NaN and infinities break the line and are marked", () => {
  const corners = new Corners();
  /** @type {import("../../ui/lib/polyline.js").Mark[]} */
  const marks = [];
  outline(
    of([1, Number.NaN, 1, Infinity, 1, -Infinity, 1]),
    scale("linear", 0, 6, 0, 60),
    scale("linear", 0, 2, 10, 0),
    corners,
    marks,
  );
  assert.deepEqual(marks, [
    { x: 10, what: "nan" },
    { x: 30, what: "above" },
    { x: 50, what: "below" },
  ]);
  assert.equal(points(corners).filter(([x]) => !Number.isNaN(x)).length, 4);
  assert.equal(points(corners).filter(([x]) => Number.isNaN(x)).length, 3);
});

test("one NaN among very many points is marked too", () => {
  const ys = new Float64Array(100_000).fill(1);
  ys[50_000] = Number.NaN;
  /** @type {import("../../ui/lib/polyline.js").Mark[]} */
  const marks = [];
  outline(
    traceOf(
      Float64Array.from(ys, (_, i) => i),
      ys,
    ),
    scale("linear", 0, 99_999, 0, 500),
    scale("linear", 0, 2, 10, 0),
    new Corners(),
    marks,
  );
  assert.deepEqual(
    marks.map(({ what }) => what),
    ["nan"],
  );
  assert.ok(Math.abs(marks[0].x - 250) <= 1);
});

test("zero and less are marked below a logarithmic axis", () => {
  /** @type {import("../../ui/lib/polyline.js").Mark[]} */
  const marks = [];
  const corners = new Corners();
  outline(of([1, 0, 10]), scale("linear", 0, 2, 0, 100), scale("log", 1, 10, 100, 0), corners, marks);
  assert.deepEqual(marks, [{ x: 50, what: "below" }]);
});

test("a training that was begun anew is a line of its own", () => {
  /** @type {number[]} */
  const pieces = [];
  extendPieces(pieces, [0, 1, 2, 1, 2, 3, 4], 0, 3, [0]);
  extendPieces(pieces, [0, 1, 2, 1, 2, 3, 4], 3, 7, [0, 3, 5]);
  assert.deepEqual(pieces, [0, 3, 5]);
  const trace = { ...of([5, 6, 7, 8], [0, 1, 0, 1]), pieces: [0, 2] };
  const corners = new Corners();
  outline(trace, scale("linear", 0, 1, 0, 10), scale("linear", 0, 10, 10, 0), corners);
  assert.deepEqual(
    points(corners).map(([x]) => x),
    [0, 10, Number.NaN, 0, 10],
  );
});

test("a piece is visited with the points between two x", () => {
  /** @type {[number, number][]} */
  const seen = [];
  eachPiece(of([0, 1, 2, 3, 4]), 1, 2.5, false, (from, to) => seen.push([from, to]));
  eachPiece(of([0, 1, 2, 3, 4]), 1, 2.5, true, (from, to) => seen.push([from, to]));
  eachPiece(of([0, 1, 2]), 7, 9, true, (from, to) => seen.push([from, to]));
  assert.deepEqual(seen, [
    [1, 3],
    [0, 4],
  ]);
  assert.equal(lowerBound([1, 2, 2, 3], 2, 0, 4), 1);
});
