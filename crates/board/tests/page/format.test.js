import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, csv, exact, number, short, span } from "../../ui/lib/format.js";

test("numbers are short, with their sign and without needless digits", () => {
  assert.equal(short(0), "0");
  assert.equal(short(0.327123), "0.3271");
  assert.equal(short(-12.5), "−12.5");
  assert.equal(short(0.000807), "8.07e−4");
  assert.equal(short(Number.NaN), "NaN");
  assert.equal(short(Number.NEGATIVE_INFINITY), "−∞");
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
