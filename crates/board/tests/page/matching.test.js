// Filters that stand in an address must not stop the page.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Worker as Thread } from "node:worker_threads";

/** How many workers were made and ended. */
const workers = { made: 0, ended: 0 };

/** @type {Thread[]} */
const threads = [];
after(() => Promise.all(threads.map((thread) => thread.terminate())));

/** A worker of the browser, by a thread of Node's: the page's own code runs in it. */
class Worker {
  /** @param {URL} url */
  constructor(url) {
    workers.made += 1;
    const shim = `
      const { parentPort } = require("node:worker_threads");
      globalThis.postMessage = (data) => parentPort.postMessage(data);
      parentPort.on("message", (data) => globalThis.onmessage({ data }));
      import(${JSON.stringify(url.href)});`;
    this.thread = new Thread(shim, { eval: true });
    this.thread.on("message", (data) => this.onmessage?.({ data }));
    this.thread.on("error", () => this.onerror?.());
    threads.push(this.thread);
  }

  /** @param {unknown} data */
  postMessage(data) {
    this.thread.postMessage(data);
  }

  terminate() {
    workers.ended += 1;
    this.thread.terminate();
  }

  /** @type {((event: {data: any}) => void)|undefined} */
  onmessage;
  /** @type {(() => void)|undefined} */
  onerror;
}
Object.assign(globalThis, { Worker });

const { DEADLINE, isMatching, matched, matcher, reading } = await import("../../ui/lib/matching.js");

/** Resolves when an answer has come. */
const answered = () =>
  new Promise((resolve) => {
    const before = matched.peek();
    const stop = matched.subscribe((now) => {
      if (now === before) return;
      queueMicrotask(() => stop());
      resolve(undefined);
    });
  });

const NAMES = ["relu/seed-0", "relu/seed-1", "sigmoid/seed-0"];

/** @param {string} filter */
const passing = (filter) => NAMES.filter(matcher(filter));

test("a text, and an expression that tries nothing twice, are matched at once", () => {
  assert.deepEqual(passing(""), NAMES);
  assert.deepEqual(passing("RELU"), ["relu/seed-0", "relu/seed-1"]);
  assert.deepEqual(passing("^s|seed-[1]$"), ["relu/seed-1", "sigmoid/seed-0"]);
  assert.deepEqual(passing("("), []);
  assert.equal(reading("("), "invalid");
  assert.equal(workers.made, 0);
});

test("any other expression is matched by a worker, which stays for the next one", async () => {
  assert.deepEqual(passing("^(?!sig).*0$"), []);
  assert.ok(isMatching("^(?!sig).*0$"));
  await answered();
  assert.deepEqual(passing("^(?!sig).*0$"), ["relu/seed-0"]);
  assert.ok(!isMatching("^(?!sig).*0$"));
  passing("s.*1");
  await answered();
  assert.deepEqual(passing("s.*1"), ["relu/seed-1"]);
  assert.equal(reading("s.*1"), "pattern");
  assert.deepEqual(workers, { made: 1, ended: 0 });
});

test("an expression that takes too long is given up, taken as text, and not tried again", async () => {
  // The deadline passes when the test says so.
  const { setTimeout: real } = globalThis;
  const begun = new Promise((resolve) => {
    globalThis.setTimeout = /** @type {any} */ (
      (/** @type {(value: null) => void} */ end, /** @type {number} */ delay) => {
        assert.equal(delay, DEADLINE);
        resolve(end);
      }
    );
  });
  const slow = "(a+)+$";
  const names = [`${"a".repeat(40)}!`, "(a+)+$ itself"];
  assert.deepEqual(names.filter(matcher(slow)), []);
  const waiting = answered();
  const end = await begun;
  globalThis.setTimeout = real;
  end(null);
  await waiting;
  assert.equal(workers.ended, 1);
  assert.equal(reading(slow), "slow");
  assert.deepEqual(names.filter(matcher(slow)), [names[1]]);
  assert.ok(!isMatching(slow));
  // And others go on, with a new worker.
  passing("re(lu)/.*0");
  await answered();
  assert.deepEqual(passing("re(lu)/.*0"), ["relu/seed-0"]);
  assert.deepEqual(workers, { made: 2, ended: 1 });
});

test("an expression that is too large to be matched is taken as text", async () => {
  const large = "(x{1000}){1000}";
  passing(large);
  await answered();
  assert.ok(["slow", "pattern"].includes(reading(large)));
});
