// What a test in a browser needs: a board that serves a log directory, open in Chromium.
//
// A page's author adds a file `tests/browser/NAME.test.js`:
//
//     import { test } from "node:test";
//     import { axe, counted, experiment, open, screenshot } from "./harness.js";
//
//     test("every run has a line of its own", async () => {
//       const board = await open(await experiment(), { path: "#/series" });
//       await board.page.getByRole("heading", { name: "loss" }).waitFor();
//       await board.settled();
//       await counted(board.page.locator("canvas"), 3);
//       await axe(board.page);
//       await screenshot(board.page, "series");
//       await board.close();
//     });
//
// `close` fails the test if the page wrote an error to the console, threw, violated its Content-Security-Policy, asked
// anything of another host, or had a request fail. What a test provokes on purpose it names: `{ expect: [/404/] }`.
// A test waits for what it needs to see (`locator.waitFor`, `page.waitForFunction`, `counted`), never for time to pass. Pure
// modules (scales, formats, addresses) are tested without a browser in `tests/page/NAME.test.js`.
//
// All of it runs with `cargo xtask page`, which hands the files to two processes (parts.js): each has one browser, in which
// every test has a context of its own, and one server for each log directory that is only read. Pictures are made if
// HEADWATER_SCREENSHOTS is set. One file alone, after `cargo build --release` of the binary and of the
// examples of headwater-events (whose folder HEADWATER_BIN and HEADWATER_EXAMPLES name if it is not target/release):
//
//     cd crates/board && node --test tests/browser/NAME.test.js

import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after, afterEach, beforeEach } from "node:test";
import { isKept } from "./logs.js";
import { settling, watch } from "./pages.js";
import { OUTPUT } from "./paths.js";
import { finish, leftovers, serve, servedOnce, shared } from "./server.js";

export { corrupt, experiment, foreign, fresh, hostile, large, live, sweep, train, verdict } from "./logs.js";
export { drawn, tabs, visit } from "./pages.js";
export { serve, shared } from "./server.js";

/** @typedef {import("playwright-core").Page} Page */

after(finish);

/** How long a test may take, in milliseconds. One that hangs would hold up everything after it. */
const LONGEST = 600_000;

/** @type {NodeJS.Timeout|undefined} */
let watchdog;
beforeEach((context) => {
  // A test inside of another one takes its place.
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    const name = "name" in context ? context.name : "a test";
    console.error(`"${name}" takes longer than ${LONGEST / 1000} s; no test after it is run`);
    process.exit(1);
  }, LONGEST);
  // When all is over, nothing waits for it.
  watchdog.unref();
});
afterEach(() => clearTimeout(watchdog));

/**
 * @typedef {object} Options
 * @property {string} [path]  What follows the server's address, such as `#/flow`.
 * @property {"light"|"dark"} [colorScheme]
 * @property {{width: number, height: number}} [viewport]
 * @property {RegExp[]} [expect]  Faults that the test provokes.
 */

/**
 * Fails if there are faults, and says all of them.
 *
 * @param {string[]} faults
 */
function none(faults) {
  if (faults.length > 0) throw new assert.AssertionError({ message: `the page has faults:\n${faults.join("\n")}` });
}

/**
 * Serves a log directory and opens a page of its board.
 *
 * @param {string} logdir
 * @param {Options} [options]
 */
export async function open(logdir, { path: where = "", colorScheme = "light", viewport, expect = [] } = {}) {
  // What nobody writes to is served once for all tests.
  const isShared = isKept(logdir);
  const server = isShared ? await servedOnce(logdir) : await serve(logdir);
  const context = await (await shared()).newContext({
    colorScheme,
    viewport: viewport ?? { width: 1280, height: 800 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const faults = watch(page, new URL(server.url).origin);
  const settled = settling(page);
  const unexpected = () => faults.filter((fault) => !expect.some((expected) => expected.test(fault)));
  const end = async () => {
    leftovers.delete(end);
    await context.close();
    if (!isShared) await server.stop();
  };
  leftovers.add(end);
  await page.goto(server.url + where);
  return {
    page,
    url: server.url,
    server,
    settled,
    /** What has gone wrong so far that the test did not expect. */
    faults: unexpected,
    /** Ends the page and its server, and fails if anything went wrong. */
    async close() {
      await end();
      none(unexpected());
    },
  };
}

/**
 * Opens a file of this machine, as someone does who was sent a report.
 *
 * @param {string} file
 * @param {Options} [options]
 */
export async function openFile(file, { colorScheme = "light", expect = [] } = {}) {
  const context = await (await shared()).newContext({ colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const faults = watch(page, "file://");
  const end = async () => {
    leftovers.delete(end);
    await context.close();
  };
  leftovers.add(end);
  await page.goto(`file://${file}`);
  return {
    page,
    async close() {
      await end();
      none(faults.filter((fault) => !expect.some((expected) => expected.test(fault))));
    },
  };
}

/**
 * Waits until there are exactly so many of these: what was done a moment ago may not be on the page yet.
 *
 * @param {import("playwright-core").Locator} locator
 * @param {number} expected
 */
export async function counted(locator, expected) {
  await locator.nth(expected).waitFor({ state: "detached" });
  if (expected > 0) await locator.nth(expected - 1).waitFor({ state: "attached" });
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/**
 * Fails with what axe finds wrong: names, roles, focus order, contrast.
 *
 * @param {Page} page
 */
export async function axe(page) {
  // Evaluated by the debugger: a script element would rightly be refused by the page's policy.
  await page.evaluate(await fs.readFile(AXE, "utf8"));
  const found = await page.evaluate(async () => {
    // Of what passes one place is enough; what fails is told in full.
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ["violations"] });
    return violations.map((/** @type {any} */ one) => {
      const places = one.nodes.map((/** @type {any} */ node) => `  ${node.target.join(" ")}: ${node.failureSummary}`);
      return `${one.id} (${one.impact}): ${one.help}\n${places.join("\n")}`;
    });
  });
  if (found.length > 0) throw new assert.AssertionError({ message: `axe finds:\n${found.join("\n\n")}` });
}

/**
 * A picture of the page in `target/browser/screenshots`, for whoever wants to look; no test reads it.
 *
 * @param {Page} page
 * @param {string} name
 */
export async function screenshot(page, name) {
  if (!process.env.HEADWATER_SCREENSHOTS) return;
  const folder = path.join(OUTPUT, "screenshots");
  await fs.mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
