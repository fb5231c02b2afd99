import assert from "node:assert/strict";
import { test } from "node:test";
import { areas, Corners } from "../../ui/lib/corners.js";
import { eachPiece, outline, Shape } from "../../ui/lib/polyline.js";
import { gallop, lowerBound } from "../../ui/lib/bounds.js";
import { scale } from "../../ui/lib/scale.js";
import { extendPieces, traceOf } from "../../ui/lib/trace.js";

/** @param {import("../../ui/lib/corners.js").Corners} corners @returns {[number, number][]} */
const points = ({ xy, length }) => Array.from({ length: length / 2 }, (_, i) => [xy[2 * i], xy[2 * i + 1]]);

/** @param {Shape} shape @returns {[number, number][]} */
function covered({ spans }) {
  const corners = new Corners();
  areas(spans, 0, corners);
  return points(corners);
}

/** In columns of one pixel. */
const PLAIN = { grain: 1 };

/** @param {number[]} ys @param {number[]} [xs] */
const of = (ys, xs) => traceOf(Float64Array.from(xs ?? ys.map((_, i) => i)), Float64Array.from(ys));

test("few points are drawn as they are, with one beyond each end of the axis", () => {
  const shape = new Shape();
  outline(of([0, 1, 2, 3, 4, 5]), scale("linear", 2, 3, 0, 100), scale("linear", 0, 10, 100, 0), shape, PLAIN);
  assert.deepEqual(points(shape.lines), [
    [-100, 90],
    [0, 80],
    [100, 70],
    [200, 60],
  ]);
});

test("a line of a million points takes a few corners for each pixel, and a spike is among them", () => {
  const ys = new Float64Array(1_000_000).fill(1);
  ys[123_456] = 50;
  const shape = new Shape();
  outline(
    traceOf(
      Float64Array.from(ys, (_, i) => i),
      ys,
    ),
    scale("linear", 0, 999_999, 0, 500),
    scale("linear", 0, 100, 100, 0),
    shape,
    PLAIN,
  );
  const drawn = covered(shape).filter(([x]) => !Number.isNaN(x));
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
  const shape = new Shape();
  outline(trace, scale("linear", 0, 3999, 0, 100), up, shape, PLAIN);
  for (let column = 1; column < 99; column += 1) {
    const drawn = covered(shape)
      .filter(([x]) => Math.floor(x) === column)
      .map(([, y]) => y);
    const own = [...ys.keys()].filter((i) => Math.floor((i / 3999) * 100) === column).map((i) => up.place(ys[i]));
    assert.ok(Math.abs(Math.min(...drawn) - Math.min(...own)) < 1e-3);
    assert.ok(Math.abs(Math.max(...drawn) - Math.max(...own)) < 1e-3);
  }
});

test("NaN and infinities break the line and are marked", () => {
  const shape = new Shape();
  /** @type {import("../../ui/lib/polyline.js").Mark[]} */
  const marks = [];
  outline(
    of([1, Number.NaN, 1, Infinity, 1, -Infinity, 1]),
    scale("linear", 0, 6, 0, 60),
    scale("linear", 0, 2, 10, 0),
    shape,
    { ...PLAIN, marks },
  );
  assert.deepEqual(marks, [
    { x: 10, what: "nan" },
    { x: 30, what: "above" },
    { x: 50, what: "below" },
  ]);
  assert.equal(points(shape.lines).filter(([x]) => !Number.isNaN(x)).length, 4);
  assert.equal(points(shape.lines).filter(([x]) => Number.isNaN(x)).length, 3);
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
    new Shape(),
    { ...PLAIN, marks },
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
  const shape = new Shape();
  outline(of([1, 0, 10]), scale("linear", 0, 2, 0, 100), scale("log", 1, 10, 100, 0), shape, { ...PLAIN, marks });
  assert.deepEqual(marks, [{ x: 50, what: "below" }]);
});

test("a training that was begun anew is a line of its own", () => {
  /** @type {number[]} */
  const pieces = [];
  extendPieces(pieces, [0, 1, 2, 1, 2, 3, 4], 0, 3, [0]);
  extendPieces(pieces, [0, 1, 2, 1, 2, 3, 4], 3, 7, [0, 3, 5]);
  assert.deepEqual(pieces, [0, 3, 5]);
  const trace = { ...of([5, 6, 7, 8], [0, 1, 0, 1]), pieces: [0, 2] };
  const shape = new Shape();
  outline(trace, scale("linear", 0, 1, 0, 10), scale("linear", 0, 10, 10, 0), shape, PLAIN);
  assert.deepEqual(
    points(shape.lines).map(([x]) => x),
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
});

test("the first number that is not less is found from afar and from nearby", () => {
  const numbers = [1, 2, 2, 3, 5, 8, 13, 21, 34, 55];
  for (const wanted of [0, 1, 2, 4, 21, 55, 99]) {
    const expected = numbers.filter((number) => number < wanted).length;
    assert.equal(lowerBound(numbers, wanted, 0, numbers.length), expected);
    for (let from = 0; from <= expected; from += 1)
      assert.equal(gallop(numbers, wanted, from, numbers.length), expected);
  }
});

test("points of a crowded line whose times are infinite, or none, do not stop the page", () => {
  for (const odd of [Infinity, Number.NaN]) {
    const xs = Array.from({ length: 1000 }, (_, i) => (i < 990 ? i : odd));
    const shape = new Shape();
    outline(
      of(
        xs.map(() => 1),
        xs,
      ),
      scale("linear", 0, 989, 0, 100),
      scale("linear", 0, 2, 100, 0),
      shape,
      PLAIN,
    );
    assert.ok(shape.spans.length > 0);
  }
});
