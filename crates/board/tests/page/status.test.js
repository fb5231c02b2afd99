import assert from "node:assert/strict";
import { test } from "node:test";
import { moment, span } from "../../ui/lib/format.js";
import { AHEAD, statusOf } from "../../ui/lib/status.js";

const NOW = 1.7e9;

test("a run is live if its last time has come, by the server's clock and a little more", () => {
  for (const updated of [NOW - 30, NOW, NOW + AHEAD]) assert.equal(statusOf({ status: "live", updated }, NOW), "live");
  for (const updated of [NOW + AHEAD + 1, 1e300, "Infinity", "NaN", Number.NaN]) {
    assert.equal(statusOf({ status: "live", updated }, NOW), "unknown", `${updated}`);
  }
});

test("how a run ended does not depend on its times", () => {
  for (const status of /** @type {const} */ (["done", "stale", "diverged", "interrupted", "failed"])) {
    assert.equal(statusOf({ status, updated: "Infinity" }, NOW), status);
  }
});

test("what is no time is not written as one", () => {
  for (const time of ["Infinity", "NaN", 1e300]) assert.equal(moment(time), "at an unknown time");
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(span(time), "an unknown time");
});
