import assert from "node:assert/strict";
import { test } from "node:test";
import { Spans } from "../../ui/lib/corners.js";
import { Raster } from "../../ui/lib/raster.js";

/** The share that each pixel of a column is covered. @param {Raster} raster @param {number} x */
const column = ({ bytes, width, height }, x) =>
  Array.from({ length: height }, (_, y) => Math.round((bytes[4 * (y * width + x) + 3] / 255) * 100) / 100);

/** @param {[number, number, number][]} ends */
function spans(...ends) {
  const found = new Spans();
  for (const [x, top, bottom] of ends) found.push(x, top, bottom);
  return found;
}

test("a span covers its pixels, and of those at its ends a part", () => {
  const raster = new Raster();
  raster.clear(3, 6);
  raster.draw(spans([1.5, 1.5, 4.25]), "#ff8000", 1, 0, 1);
  assert.deepEqual(column(raster, 1), [0, 0.5, 1, 1, 0.25, 0]);
  assert.deepEqual(column(raster, 0), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...raster.bytes.subarray(4 * 7, 4 * 7 + 3)], [255, 128, 0]);
});

test("neighbours that do not touch are joined, and columns between are covered", () => {
  const raster = new Raster();
  raster.clear(5, 10);
  raster.draw(spans([0.5, 0, 1], [1.5, 8, 9], [4.5, 2, 3]), "#000000", 1, 0, 1);
  assert.deepEqual(column(raster, 1).slice(0, 10), [0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  for (const x of [2, 3])
    assert.ok(
      column(raster, x).some((share) => share > 0),
      `column ${x} is empty`,
    );
});

test("a gap stays empty, and what lies outside is left out", () => {
  const raster = new Raster();
  raster.clear(4, 4);
  const all = spans([0.5, -50, 99]);
  all.end();
  all.push(3.5, 1, 2);
  all.push(77.5, 1, 2);
  raster.draw(all, "#000000", 1, 0, 1);
  assert.deepEqual(column(raster, 0), [1, 1, 1, 1]);
  assert.deepEqual(column(raster, 1), [0, 0, 0, 0]);
  assert.deepEqual(column(raster, 3), [0, 1, 0, 0]);
  raster.clear(4, 4);
  assert.ok(raster.pixels.every((pixel) => pixel === 0));
});

test("what is faint lets through what is under it", () => {
  const raster = new Raster();
  raster.clear(1, 3);
  raster.draw(spans([0.5, 0, 3]), "#ff0000", 1, 0, 1);
  raster.draw(spans([0.5, 0, 3]), "#0000ff", 0.25, 0, 1);
  assert.deepEqual([...raster.bytes.subarray(4, 8)], [191, 0, 64, 255]);
});
