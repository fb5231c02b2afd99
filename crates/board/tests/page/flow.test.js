import assert from "node:assert/strict";
import { test } from "node:test";
import { measures } from "./measures.js";
import { domain, flow, kept, mean, median, merge, profileAt, profileOver } from "../../ui/lib/flow.js";
import { bars, blameAt, blameOver, edgeOf, partsOf, partsOfNetwork, totals } from "../../ui/pages/flow/gains.js";
import { anchored, expectation } from "../../ui/pages/flow/expected.js";
import { columnsOf, LOST, named, raster, shareOf, stepsOf, ZERO } from "../../ui/pages/flow/heat.js";
import { brief } from "../../ui/pages/flow/names.js";
import { offered, quantity } from "../../ui/pages/flow/quantity.js";
import { reason } from "../../ui/pages/flow/reason.js";
import { sickestFirst } from "../../ui/pages/flow/sickest.js";
import { spread } from "../../ui/pages/flow/spread.js";
import { ends, ratioLabel, rough, sentence, when } from "../../ui/pages/flow/words.js";

/** @typedef {import("../../ui/lib/flow.js").Flow} Flow */
/** @typedef {import("../../ui/lib/flow.js").Merged} Merged */

const { NaN: lost, POSITIVE_INFINITY: infinite } = Number;
const gradient = quantity("gradient/mean_abs");

/** A profile of layer1, layer2 and so on. @param {number[]} values */
const along = (...values) => ({
  step: 0,
  layers: values.map((_, i) => `layer${i + 1}`),
  values,
  low: values,
  high: values,
});

/** The arithmetic mean, as the server computes it. @param {number[]} values */
const over = (values) => {
  const known = values.filter((value) => Number.isFinite(value));
  const sum = known.reduce((all, value) => all + value, 0);
  return {
    mean: known.length > 0 ? sum / known.length : lost,
    records: values.length,
    zeros: known.filter((value) => value === 0).length,
    lost: values.length - known.length,
  };
};

/** @param {number[]} steps @param {number[][]} values @returns {Flow} */
const recorded = (steps, values) => ({
  steps,
  layers: values.map((_, i) => `layer${i + 1}`),
  values,
  whole: values.map(over),
  derived: false,
  generation: 0,
});

/** @param {Flow[]} flows @param {boolean} [logarithmic] */
const merged = (flows, logarithmic = true) => /** @type {Merged} */ (merge(flows, logarithmic));

test("a gradient that shrinks is said to fall, from the last layer to the first", () => {
  assert.equal(sentence(along(0.001, 0.02, 0.036), gradient), "mean |dC/dW| falls 36-fold from layer3 to layer1");
});

test("a gradient that becomes larger is said to grow", () => {
  assert.equal(sentence(along(0.5, 0.2, 0.1), gradient), "mean |dC/dW| grows 5.0-fold from layer3 to layer1");
  assert.equal(ratioLabel(along(0.5, 0.2, 0.1), gradient), "grows 5.0-fold");
});

test("what stays within a few percent neither falls nor grows", () => {
  for (const [first, last] of [
    [0.096, 0.1],
    [0.1, 0.096],
  ]) {
    assert.equal(sentence(along(first, last), gradient), "mean |dC/dW| neither falls nor grows from layer2 to layer1");
    assert.equal(ratioLabel(along(first, last), gradient), "no change");
  }
  assert.equal(sentence(along(0.09, 0.1), gradient), "mean |dC/dW| falls 1.1-fold from layer2 to layer1");
});

test("a number at a step has the step of its record, and one over the whole training has none", () => {
  const one = merged([recorded([0, 1000, 2000], [[1, 2, 3]])]);
  assert.equal(when(profileAt(one, 1999)), "at step 1,000");
  assert.equal(when(profileAt(merged([recorded([5], [[1], [2]])]), 4)), "");
  assert.equal(
    sentence(profileAt(merged([recorded([5], [[1], [2]])]), 4), gradient),
    "nothing is recorded yet at this step",
  );
  assert.equal(when(profileOver([recorded([0], [[1]])])), "");
});

test("a first layer without gradient is told apart from a network without", () => {
  assert.equal(
    sentence(along(0, 0, 0.1, 0.2), gradient),
    "no gradient reaches layer1: mean |dC/dW| is 0 in layer1 and layer2, and layer3 is the first layer with any",
  );
  assert.equal(sentence(along(0, 0), gradient), "mean |dC/dW| is 0 in both layers");
  assert.equal(ratioLabel(along(0, 0.1), gradient), "vanished");
});

test("zeros at other places are named, and never make a ratio", () => {
  assert.equal(
    sentence(along(0.1, 0, 0.5), gradient),
    "mean |dC/dW| falls 5.0-fold from layer3 to layer1; it is 0 in layer2",
  );
  assert.equal(sentence(along(0.1, 0), gradient), "mean |dC/dW| is 0 in layer2");
  assert.equal(sentence(along(0, 0.1, 0), gradient), "mean |dC/dW| is 0 in layer1 and layer3");
});

test("what is not a number is said, and the others are compared", () => {
  assert.equal(sentence(along(lost, lost), gradient), "mean |dC/dW| is not a number in both layers");
  assert.equal(
    sentence(along(lost, 0.1, 0.3), gradient),
    "mean |dC/dW| falls 3.0-fold from layer3 to layer2; no number in layer1",
  );
  assert.equal(sentence(along(0.1, infinite), gradient), "mean |dC/dW| is infinite in layer2");
});

test("one layer and no layer have no ratio", () => {
  assert.equal(sentence(along(0.25), gradient), "mean |dC/dW| is 0.25 in layer1, the only layer with a number");
  assert.equal(ends(along(0.25)), null);
  assert.equal(sentence(along(), gradient), "mean |dC/dW| is not recorded");
});

test("shares say where there is the most", () => {
  const dead = quantity("units/dead");
  assert.equal(sentence(along(0, 0.4, 0), dead), "40 % of the units are dead, in layer2, none elsewhere");
  assert.equal(sentence(along(0, 0), dead), "no unit is dead");
  assert.equal(sentence(along(0.05, 0.4), dead), "up to 40 % of the units are dead, in layer2");
});

test("gains are summed to the factor of the whole way", () => {
  const of = quantity("gain/activation");
  assert.equal(
    sentence(along(Math.log(0.25), Math.log(0.25), lost), of),
    "f′ shrinks delta 16.0-fold on its way to the first layer",
  );
});

test("numbers for reading have two digits", () => {
  assert.deepEqual([0.0781, 1.94e-4, 1e-5, 0, 470].map(rough), ["0.078", "1.9e−4", "1e−5", "0", "470"]);
});

test("the geometric mean is zero if one is, and leaves out what is not a number", () => {
  assert.ok(Math.abs(mean([0.01, 1, lost], true) - 0.1) < 1e-12);
  assert.equal(mean([0, 1], true), 0);
  assert.equal(mean([0, 1], false), 0.5);
  assert.ok(Number.isNaN(mean([lost], true)));
});

test("a layer that is recorded more seldom keeps its value; what is lost stays lost", () => {
  const values = kept([
    [1, lost, 3, lost, lost],
    [1, 2, 3, lost, 5],
  ]);
  assert.deepEqual(
    values.map((layer) => Array.from(layer)),
    [
      [1, 1, 3, lost, lost],
      [1, 2, 3, lost, 5],
    ],
  );
});

test("an answer with too few series is refused", () => {
  const header = { layers: [{ name: "layer1" }, { name: "layer2" }] };
  assert.throws(() => flow({ header, arrays: [new Float64Array(3), new Float64Array(3)] }), /2 layers/);
});

test("a group is the mean of the runs that have come so far, between the smallest and the largest", () => {
  const group = merged([recorded([0, 10, 20], [[1, 1, 1]]), recorded([0, 10], [[4, 4]])]);
  assert.deepEqual(Array.from(group.steps), [0, 10, 20]);
  assert.deepEqual(
    Array.from(group.mean[0], (value) => Math.round(value * 1e9) / 1e9),
    [2, 2, 1],
  );
  assert.deepEqual([group.low[0][0], group.high[0][0], group.runs], [1, 4, 2]);
});

test("runs of different depth are put together by the names of their layers", () => {
  const group = merged([recorded([0], [[1]]), recorded([0], [[9], [5]])]);
  assert.deepEqual(group.layers, ["layer1", "layer2"]);
  assert.ok(Math.abs(group.mean[0][0] - 3) < 1e-12);
  assert.equal(group.mean[1][0], 5);
});

test("the profile is of the last record that is not after the step", () => {
  const one = merged([recorded([0, 10, 20], [[1, 2, 3]])]);
  assert.deepEqual([profileAt(one, 19).values[0], profileAt(one, 20).values[0], profileAt(one, 19).step], [2, 3, 10]);
  assert.ok(Number.isNaN(profileAt(merged([recorded([], [[]])]), 3).values[0]));
});

test("the scale of magnitudes leaves out zero, NaN and infinity, and never makes much of little", () => {
  const one = merged([
    recorded(
      [0, 1, 2, 3],
      [
        [0, 1e-4, lost, infinite],
        [1, 1, 1, 1],
      ],
    ),
  ]);
  assert.deepEqual(domain([one], "log"), [1e-4, 1]);
  assert.deepEqual(domain([one], "share"), [0, 1]);
  const [low, high] = domain([merged([recorded([0], [[2]])])], "log") ?? [0, 0];
  assert.ok(Math.abs(high / low - 3) < 1e-9 && low < 2 && high > 2);
  assert.equal(domain([merged([recorded([0], [[lost]])])], "log"), null);
  // The mean over many zeros is smaller than every record that can be drawn.
  const died = recorded([0, 1, 2, 3], [[0.04, 0, 0, 0]]);
  assert.deepEqual(domain([merged([died])], "log", [profileOver([died])]), [0.01, 0.04]);
});

test("zero and NaN have no colour, and are marked each for itself", () => {
  assert.equal(shareOf(0, [1e-4, 1], "log"), ZERO);
  assert.equal(shareOf(lost, [1e-4, 1], "log"), LOST);
  assert.ok(Math.abs(shareOf(0.01, [1e-4, 1], "log") - 0.5) < 1e-12);
  assert.equal(shareOf(0, [0, 1], "share"), 0);
  const one = merged([
    recorded(
      [0, 1, 2],
      [
        [0, 0, lost],
        [1, 1, 1],
      ],
    ),
  ]);
  const axis = stepsOf([one]);
  assert.deepEqual(axis, { low: 0, high: 3 });
  const { pixels, marks } = raster(one, columnsOf(one.steps, axis, 6), [1e-4, 1], "log");
  // The last layer is on top and has a colour everywhere; of the first one nothing has.
  assert.deepEqual(marks, [
    { row: 1, from: 0, to: 4, what: ZERO },
    { row: 1, from: 4, to: 6, what: LOST },
  ]);
  assert.deepEqual(
    Array.from({ length: 12 }, (_, i) => pixels[4 * i + 3]),
    [...Array(6).fill(255), ...Array(6).fill(0)],
  );
});

test("a record lasts until the next one; before the first and behind the last there is nothing", () => {
  assert.deepEqual(Array.from(columnsOf([10, 20], { low: 0, high: 40 }, 4)), [-1, 0, 1, -1]);
  assert.deepEqual(Array.from(columnsOf([], { low: 0, high: 1 }, 2)), [-1, -1]);
});

test("of many layers some are named, the first and the last among them, none too near", () => {
  assert.deepEqual(named(3, 60, 13), [0, 1, 2]);
  for (const count of [1, 2, 7, 64, 1000]) {
    const found = named(count, 200, 13);
    assert.deepEqual([found[0], found[found.length - 1]], [0, count - 1]);
    for (const [k, i] of found.entries())
      if (k > 0) assert.ok(((i - found[k - 1]) * 200) / count >= 13, `${count}: ${found}`);
  }
});

test("labels keep their distance and their order, and move no further than they must", () => {
  assert.deepEqual(spread([10, 50], 15, 0, 100), [10, 50]);
  assert.deepEqual(spread([50, 50], 10, 0, 100), [45, 55]);
  assert.deepEqual(spread([98, 99, 100], 10, 0, 100), [80, 90, 100]);
  const many = spread([3, 1, 2, 2, 2], 10, 0, 100);
  const sorted = [...many].sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i += 1) assert.ok(sorted[i] - sorted[i - 1] >= 10 - 1e-9);
  assert.ok(many[1] < many[2] && many[4] < many[0]);
  assert.deepEqual(spread([5, 5, 5], 10, 0, 10), [0, 5, 10]);
});

test("the parts of the gain add up to the whole, and bars are stacked away from zero", () => {
  const parts = partsOf([[recorded([0], [[2], [-1]])], [recorded([0], [[-3], [-1]])], [], [], []]);
  assert.ok(parts);
  const blame = blameAt(parts, 0);
  assert.deepEqual(blame.sums, [-1, -2]);
  assert.equal(totals(blame).sum, -3);
  assert.deepEqual(bars(blame, 0, 10), [
    { part: 0, from: 0, to: 2 },
    { part: 1, from: 0, to: -3 },
  ]);
  assert.deepEqual(bars(blame, 1, 10), [
    { part: 0, from: 0, to: -1 },
    { part: 1, from: -1, to: -2 },
  ]);
  assert.equal(edgeOf([parts]), 3 * 1.05);
  assert.equal(partsOf([[], []]), null);
});

test("a factor of zero is an endless bar, which does not stretch the axis", () => {
  const parts = partsOf([[recorded([0], [[1]])], [recorded([0], [[-infinite]])]]);
  assert.ok(parts);
  assert.equal(edgeOf([parts]), 1.05);
  assert.equal(bars(blameAt(parts, 0), 0, 2)[1].to, -4);
});

test("the quantities are those of the shown runs, in the order of the list", () => {
  const all = /** @type {any} */ ({
    measures,
    sets: [
      {
        tags: [],
        flow: [
          { quantity: "units/dead", layers: [] },
          { quantity: "gradient/rms", layers: [] },
        ],
      },
      { tags: [], flow: [{ quantity: "gradient/mean_abs", layers: [] }] },
    ],
    runs: [
      { name: "a", set: 0 },
      { name: "b", set: 1 },
    ],
  });
  assert.deepEqual(offered(all, ["a"]), ["gradient/rms", "units/dead"]);
  assert.deepEqual(offered(all, ["a", "b"]), ["gradient/mean_abs", "gradient/rms", "units/dead"]);
});

test("long names of layers are told apart by what differs", () => {
  assert.deepEqual(brief(["layer1", "layer2"]), ["layer1", "layer2"]);
  assert.deepEqual(brief(["encoder.block.1.dense", "encoder.block.2.dense"]), ["block.1", "block.2"]);
  assert.deepEqual(brief(["a_long_name/dense", "a_long_name/dense_1"]), ["name/dense", "name/dense_1"]);
  assert.deepEqual(brief(["sequential/first/kernel", "other/second/kernel"]), ["sequential/first", "other/second"]);
});

test("what theory expected is drawn from the last layer's measured value on", () => {
  const theory = along(Math.log(0.01), Math.log(0.1), 0);
  const drawn = anchored(along(3, 4, 5), theory);
  assert.deepEqual(
    drawn.map((one) => Number(one.toPrecision(12))),
    [0.05, 0.5, 5],
  );
  // A last layer without delta anchors nothing; the one below does, with what lies between them taken off.
  assert.deepEqual(
    anchored(along(3, 4, 0), theory).map((one) => Number(one.toPrecision(12))),
    [0.4, 4, 40],
  );
  assert.deepEqual(anchored(along(0, 0, 0), theory), [lost, lost, lost]);
  assert.deepEqual(anchored({ ...along(3, 4), layers: ["a", "layer3"] }, theory), [lost, 4]);
});

test("theory's expectation is said as a factor, with its direction", () => {
  assert.equal(expectation(along(-Math.log(6.2), 0)), "Theory expects that it falls 6.20-fold at initialisation");
  assert.equal(expectation(along(Math.log(2), 0)), "Theory expects that it grows 2.00-fold at initialisation");
  assert.equal(expectation(along(0.01, 0)), "Theory expects that it neither falls nor grows at initialisation");
  assert.equal(expectation(along(0)), "");
});

test("theory is not offered as a quantity of its own", () => {
  const flow = ["delta/rms", "theory/delta"].map((quantity) => ({ quantity, layers: ["layer1"] }));
  const all = /** @type {any} */ ({ measures, sets: [{ tags: [], flow }], runs: [{ name: "a", set: 0 }] });
  assert.deepEqual(offered(all, ["a"]), ["delta/rms"]);
});

test("the whole training is the ratio of means over the records, as headwater train prints it, and not that of a step", () => {
  const run = recorded(
    [0, 10, 20],
    [
      [0.001, 0.1, 0.2],
      [4, 3, 2.03],
    ],
  );
  const profile = profileOver([run]);
  assert.equal(sentence(profile, gradient), "mean |dC/dW| falls 30-fold from layer2 to layer1");
  assert.equal(profile.step, null);
  assert.equal(sentence(profileAt(merged([run]), 0), gradient), "mean |dC/dW| falls 4,000-fold from layer2 to layer1");
});

test("of several runs the whole training is the median of their ratios", () => {
  const runs = [10, 20, 60].map((ratio, i) => recorded([0], [[i + 1], [ratio * (i + 1)]]));
  const profile = profileOver(runs);
  assert.equal(ends(profile)?.ratio, 20);
  assert.deepEqual(
    [profile.values, profile.low, profile.high],
    [
      [2, 40],
      [1, 10],
      [3, 180],
    ],
  );
  assert.deepEqual([median([3, 1]), median([lost, 5, 1, 2]), median([])], [2, 2, lost]);
});

test("a mean over the whole training says what it leaves out", () => {
  const run = recorded(
    [0, 1, 2],
    [
      [1, 0, lost],
      [5, 5, lost],
    ],
  );
  assert.equal(
    sentence(profileOver([run]), gradient),
    "mean |dC/dW| falls 10-fold from layer2 to layer1; 0 in layer1 at 1 of 3 recorded steps; not a number in both layers at 1 of 3 recorded steps",
  );
});

test("the numbers of the whole training are the server's", () => {
  const whole = { mean: "-Infinity", records: 3, zeros: 0, lost: 1 };
  const header = { generation: 1, layers: [{ name: "layer1", derived: false, whole }] };
  const found = flow({ header, arrays: [new Float64Array(1), new Float64Array(1)] });
  assert.deepEqual(found.whole, [{ ...whole, mean: -infinite }]);
});

/** Gains of the weights and of f′, one record each. @param {number[][]} weights @param {number[][]} slopes */
const gained = (weights, slopes) =>
  partsOfNetwork().map(({ key: quantity }) => {
    if (quantity === "gain/weight")
      return weights.map((all) =>
        recorded(
          [0],
          all.map((value) => [value]),
        ),
      );
    if (quantity === "gain/activation")
      return slopes.map((all) =>
        recorded(
          [0],
          all.map((value) => [value]),
        ),
      );
    return [];
  });

test("the reason has factors that multiply to what delta does, over the whole training and at a step", () => {
  const flows = gained([[Math.log(273), 0]], [[-Math.log(100), -Math.log(58.76)]]);
  const said = "delta falls 21.5-fold: f′ shrinks it 5,876-fold, the weights enlarge it 273-fold";
  const whole = blameOver(flows);
  assert.equal(reason(whole), said);
  const parts = partsOf(flows);
  assert.ok(parts);
  assert.equal(reason(blameAt(parts, 0)), said);
  assert.deepEqual([whole.step, blameAt(parts, 7).step], [null, 0]);
  assert.equal(reason(blameAt(parts, -1)), "");
  // For several runs, each part has the median of its total over the layers. These medians multiply to the total, too.
  const several = blameOver(
    gained(
      [
        [1, 0],
        [4, -2],
        [0, 3],
      ],
      [
        [-2, -2],
        [-3, -3],
        [-4, -4],
      ],
    ),
  );
  assert.equal(reason(several), "delta falls 54.6-fold: f′ shrinks it 403-fold, the weights enlarge it 7.39-fold");
});

test("a part that does nothing, or everything, is said to", () => {
  assert.equal(
    reason(blameOver(gained([[0.004]], [[-Math.log(2)]]))),
    "delta falls 1.99-fold: f′ shrinks it 2.00-fold, the weights leave it as it is",
  );
  const dead = gained([[-infinite]], [[0.5]]);
  dead[partsOfNetwork().findIndex(({ key }) => key === "gain/weight")][0].whole[0].mean = -infinite;
  assert.equal(reason(blameOver(dead)), "delta does not reach layer1 at some recorded steps: the weights make it 0");
  assert.equal(reason(blameOver([[], [], [], [], []])), "");
  // 5,000 powers of ten overflow a number.
  assert.match(reason(blameOver(gained([[5000 * Math.LN10 + 1e-9]], [[0]]))), /the weights enlarge it 1\.00e5000-fold/);
});

test("the sickest run comes first: by its findings, then by how far the gradient falls; what is alike stays in order", () => {
  const runs = [
    ["healthy", 0, 9],
    ["unknown", 0, lost],
    ["note", 1, 2],
    ["worse", 3, 27],
    ["worst", 3, infinite],
    ["alike", 0, 9],
  ];
  const sorted = sickestFirst(
    runs,
    ([, bad]) => Number(bad),
    ([, , falls]) => Number(falls),
  );
  assert.deepEqual(
    sorted.map(([name]) => name),
    ["worst", "worse", "note", "healthy", "alike", "unknown"],
  );
});
