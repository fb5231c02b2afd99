import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, csv, exact, fold, moment, number, preciseFoldOfLn, short, span } from "../../ui/lib/format.js";

test("numbers are short, with their sign and without needless digits", () => {
  assert.equal(short(0), "0");
  assert.equal(short(0.327123), "0.3271");
  assert.equal(short(-12.5), "−12.5");
  assert.equal(short(0.000807), "8.07e−4");
  assert.equal(short(Number.NaN), "NaN");
  assert.equal(short(Number.NEGATIVE_INFINITY), "−∞");
});

test("factors are written as headwater train writes them", () => {
  const factors = [1.06, 9.1, 9.96, 26.8, 999.6, 5876.2, 999_999, 999_999.9, 1.26e19];
  assert.deepEqual(
    factors.map((factor) => fold(factor).replace("-fold", "")),
    ["1.1", "9.1", "10", "27", "1,000", "5,876", "999,999", "1.0e6", "1.3e19"],
  );
  assert.deepEqual(
    [1.849, 9.996, 21.52, 99.96, 5876.2, 1.26e19].map((factor) => preciseFoldOfLn(Math.log(factor))),
    ["1.85-fold", "10.0-fold", "21.5-fold", "100-fold", "5,876-fold", "1.26e19-fold"],
  );
  assert.equal(preciseFoldOfLn(1253 * Math.LN10 + 0.1), "1.11e1253-fold");
});

test("numbers that JSON has not come as text and are numbers again", () => {
  assert.equal(number("Infinity"), Number.POSITIVE_INFINITY);
  assert.equal(number("-Infinity"), Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(number("NaN")));
  assert.ok(Number.isNaN(number(null)));
});

test("an exact number is read back as the same number", () => {
  for (const value of [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -3]) assert.equal(Number(exact(value)), value);
});

test("a table reads back from CSV, whatever is in its cells", () => {
  assert.equal(
    csv([
      ["a,b", 'say "x"', "two\nlines"],
      [1, Number.NaN, -2],
    ]),
    '"a,b","say ""x""","two\nlines"\r\n1,NaN,-2\r\n',
  );
});

test("a name that a spreadsheet would run as a formula is text", () => {
  for (const name of ["=1+1", "+1", "-1", "@SUM(A1)"]) assert.equal(cell(name), `'${name}`);
  assert.equal(cell(-1), "-1");
});

test("spans of time have the unit that fits", () => {
  assert.deepEqual([0.34, 12, 180, 9000].map(span), ["340 ms", "12 s", "3 min", "2.5 h"]);
});

test("what is no time is not written as one", () => {
  for (const time of ["Infinity", "NaN", 1e300]) assert.equal(moment(time), "at an unknown time");
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(span(time), "an unknown time");
});
