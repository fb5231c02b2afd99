import assert from "node:assert/strict";
import { test } from "node:test";
import { axis, distinct } from "../../ui/pages/hparams/axis.js";
import { pieces, speaksOf } from "../../ui/pages/hparams/border.js";
import { inside, rangeBetween, readBrushes, writeBrushes } from "../../ui/pages/hparams/brush.js";
import { axesByDefault, grid, placeOnCells } from "../../ui/pages/hparams/cells.js";
import { linePath, nearestLine } from "../../ui/pages/hparams/parallel-plot.js";
import { byDefault, csvRows, nextSort, sorted, tabulate } from "../../ui/pages/hparams/rows.js";

/**
 * @param {string} run
 * @param {Record<string, string|number|boolean>} params
 * @param {Record<string, number|string|null>} metrics
 */
const session = (run, params, metrics) => ({ run, status: /** @type {const} */ ("done"), params, metrics });

const ANSWER = {
  border: null,
  params: ["lr", "depth", "act", "epochs"],
  metrics: ["loss", "acc"],
  sessions: [
    session("a/10", { lr: 0.1, depth: 2, act: "relu", epochs: 4 }, { loss: 0.5, acc: 0.9 }),
    session("a/9", { lr: 0.01, depth: 10, act: "tanh", epochs: 4 }, { loss: "NaN", acc: 0.1 }),
    session("a/2", { lr: 0.001, depth: 2, act: "relu", epochs: 4 }, { loss: 0.25, acc: null }),
    session("hidden", { lr: 5, depth: 1, act: "elu", epochs: 9 }, { loss: 7, acc: 0.3 }),
  ],
};
const { rows, columns } = tabulate(ANSWER, new Set(["a/10", "a/9", "a/2"]));
const named = (/** @type {string} */ key) => {
  const found = columns.find((column) => column.key === key);
  assert.ok(found, key);
  return found;
};

test("only the wanted runs are compared, and only in what differs between them", () => {
  assert.deepEqual(
    rows.map(({ run }) => run),
    ["a/10", "a/9", "a/2"],
  );
  assert.deepEqual(
    byDefault(columns).map(({ key }) => key),
    ["p:lr", "p:depth", "p:act", "m:loss", "m:acc"],
  );
  assert.ok(named("p:lr").numeric && !named("p:act").numeric && !named("p:epochs").differs);
});

test("a NaN that came as text is a number, and what is missing is null", () => {
  assert.ok(Number.isNaN(rows[1].values["m:loss"]));
  assert.equal(rows[2].values["m:acc"], null);
});

test("numbers are sorted by size, names naturally, and NaN and gaps are last in both directions", () => {
  const order = (/** @type {string} */ key, /** @type {boolean} */ down) =>
    sorted(rows, key, down).map(({ run }) => run);
  assert.deepEqual(order("p:lr", false), ["a/2", "a/9", "a/10"]);
  assert.deepEqual(order("run", false), ["a/2", "a/9", "a/10"]);
  assert.deepEqual(order("m:loss", false), ["a/2", "a/10", "a/9"]);
  assert.deepEqual(order("m:loss", true), ["a/10", "a/2", "a/9"]);
  assert.deepEqual(order("m:acc", true), ["a/10", "a/9", "a/2"]);
});

test("clicks on a head turn the order; results begin with the largest", () => {
  assert.equal(nextSort("run", named("p:lr")), "p:lr");
  assert.equal(nextSort("p:lr", named("p:lr")), "-p:lr");
  assert.equal(nextSort("run", named("m:acc")), "-m:acc");
});

test("the CSV has the exact numbers, and an empty cell for what is missing", () => {
  assert.deepEqual(csvRows(rows, [named("p:lr"), named("m:acc")]), [
    ["run", "status", "lr", "acc"],
    ["a/10", "done", 0.1, 0.9],
    ["a/9", "done", 0.01, 0.1],
    ["a/2", "done", 0.001, ""],
  ]);
});

test("a wide range of positive numbers is logarithmic, texts stand in steps", () => {
  const lr = axis(named("p:lr"), rows);
  assert.equal(lr.kind, "log");
  assert.ok(Math.abs(lr.share(0.01) - 0.5) < 1e-9);
  assert.equal(axis(named("p:depth"), rows).kind, "linear");
  const act = axis(named("p:act"), rows);
  assert.deepEqual([act.kind, act.share("relu"), act.share("tanh")], ["steps", 0, 1]);
  assert.ok(Number.isNaN(act.share(null)));
  assert.ok(Number.isNaN(axis(named("m:loss"), rows).share(Number.NaN)));
});

test("distinct values are in order of size: 2 before 10", () => {
  assert.deepEqual(distinct([10, 2, null, 2]), [2, 10]);
});

test("ranges keep the runs inside, and read back what was written", () => {
  const axes = new Map(columns.map((column) => [column.key, axis(column, rows)]));
  const brushes = readBrushes("p%3Alr~0.005~0.2,p%3Aact~0~0");
  assert.deepEqual(
    rows.filter((row) => inside(row, brushes, axes)).map(({ run }) => run),
    ["a/10"],
  );
  assert.deepEqual(readBrushes(writeBrushes(brushes)), brushes);
  assert.deepEqual(
    rows.filter((row) => inside(row, readBrushes("m%3Aacc~0~1"), axes)).map(({ run }) => run),
    ["a/10", "a/9"],
  );
  assert.equal(readBrushes("rubbish,p:x~2~1,~~").size, 0);
});

test("a brush keeps the values that it was drawn over, after rounding too", () => {
  const lr = axis(named("p:lr"), rows);
  const range = rangeBetween(lr, lr.share(0.01), lr.share(0.1));
  assert.ok(range && range.low <= 0.01 && range.high >= 0.1 && range.low > 0.009 && range.high < 0.11);
  const act = axis(named("p:act"), rows);
  assert.deepEqual(rangeBetween(act, 0.9, 1), { low: 1, high: 1 });
  assert.equal(rangeBetween(act, 0.4, 0.6), null);
});

test("a cell is the mean of its runs; where no run was made there is none; what is not finite is counted", () => {
  const made = tabulate(
    {
      border: null,
      params: ["x", "y"],
      metrics: ["m"],
      sessions: [
        session("1", { x: 2, y: 0.5 }, { m: 1 }),
        session("2", { x: 2, y: 0.5 }, { m: 3 }),
        session("3", { x: 10, y: 0.5 }, { m: "Infinity" }),
        session("4", { x: 10, y: 0.1 }, { m: 5 }),
        session("5", { x: 10 }, { m: 100 }),
      ],
    },
    new Set(["1", "2", "3", "4", "5"]),
  );
  const { xs, ys, cells, extent } = grid(made.rows, "p:x", "p:y", "m:m");
  assert.deepEqual(
    [xs, ys],
    [
      [2, 10],
      [0.1, 0.5],
    ],
  );
  assert.equal(cells[0][0], null);
  assert.equal(cells[1][0]?.mean, 2);
  assert.equal(cells[1][0]?.count, 2);
  assert.ok(Math.abs((cells[1][0]?.spread ?? 0) - Math.SQRT2) < 1e-12);
  assert.ok(Number.isNaN(cells[1][1]?.mean) && cells[1][1]?.bad === 1);
  assert.deepEqual(extent, [2, 5]);
});

test("a line over the cells goes through their middles", () => {
  assert.equal(placeOnCells([1, 2, 4], 2), 1.5);
  assert.equal(placeOnCells([1, 2, 4], 3), 2);
  assert.ok(Number.isNaN(placeOnCells([1, 2, 4], 0.5)));
});

test("a run's line breaks where it has no value, and the pointer finds the line it is on", () => {
  const axes = ["p:lr", "m:acc", "p:act"].map((key) => axis(named(key), rows));
  const [first, , gap] = rows;
  assert.match(linePath(first, axes, 600, 400), /^M[\d. ]+L[\d. ]+L[\d. ]+$/);
  assert.match(linePath(gap, axes, 600, 400), /^M[\d. ]+M[\d. ]+$/);
  const [, a, b] = linePath(first, axes, 600, 400)
    .split(/[ML]/)
    .map((pair) => pair.split(" ").map(Number));
  assert.equal(nearestLine(rows, axes, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 600, 400)?.run, first.run);
  assert.equal(nearestLine(rows, axes, -50, 10, 600, 400), null);
});

test("a parameter with few values is marked at them, a result at round numbers", () => {
  assert.deepEqual(
    axis(named("p:depth"), rows).marks.map(({ text }) => text),
    ["2", "10"],
  );
  assert.ok(axis(named("m:acc"), rows).marks.length > 2);
});

test("a heatmap begins with parameters that have several values, and not with seeds", () => {
  const params = ["seed", "only", "x", "act"].map((name) => ({
    key: `p:${name}`,
    name,
    kind: /** @type {const} */ ("param"),
    numeric: name !== "act",
    differs: true,
  }));
  const made = ["relu", "tanh"].flatMap((act) =>
    [1, 2].map((x) => ({
      run: `${act}${x}`,
      status: "done",
      values: { "p:seed": x, "p:only": x === 1 ? 5 : null, "p:x": x, "p:act": act },
    })),
  );
  assert.deepEqual(axesByDefault(params, made), ["p:x", "p:act"]);
});

/** @type {import("../../ui/lib/types.js").Border} */
const BORDER = {
  x: "variance",
  y: "depth",
  name: "6 xi",
  points: [
    [1, 22],
    [1.5, 95],
    [1.75, "Infinity"],
    [2, 80],
    [9, 10],
  ],
};
const places = {
  x: (/** @type {number} */ value) => (value <= 4 ? 10 * value : Number.NaN),
  y: (/** @type {number} */ value) => (value <= 100 ? 100 - value : Number.NaN),
};

test("the predicted border is interrupted where it goes up without end, and ends where the cells do", () => {
  const expected = [
    [
      [10, 78],
      [15, 5],
    ],
    [[20, 20]],
  ];
  assert.deepEqual(pieces(BORDER, "variance", "depth", places), expected);
});

test("the predicted border may stand on its side, and is not drawn over other parameters", () => {
  const turned = pieces(BORDER, "depth", "variance", { x: (value) => value, y: (value) => value });
  assert.deepEqual(turned[0], [
    [22, 1],
    [95, 1.5],
  ]);
  assert.equal(speaksOf(BORDER, "depth", "lr"), false);
  assert.deepEqual(pieces(BORDER, "depth", "lr", places), []);
  assert.deepEqual(pieces(null, "variance", "depth", places), []);
});
