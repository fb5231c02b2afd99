// What a test in a browser needs: a board that serves a log directory, open in Chromium.
//
// A page's author adds a file `tests/browser/NAME.test.js`:
//
//     import assert from "node:assert/strict";
//     import { test } from "node:test";
//     import { axe, experiment, open, screenshot } from "./harness.js";
//
//     test("every run has a line of its own", async () => {
//       const board = await open(await experiment(), { path: "#/series" });
//       await board.page.getByRole("heading", { name: "loss" }).waitFor();
//       await board.settled();
//       assert.equal(await board.page.locator("canvas").count(), 3);
//       await axe(board.page);
//       await screenshot(board.page, "series");
//       await board.close();
//     });
//
// `close` fails the test if the page wrote an error to the console, threw, violated its Content-Security-Policy, asked
// anything of another host, or had a request fail. What a test provokes on purpose it names: `{ expect: [/404/] }`.
// A test waits for what it needs to see (`locator.waitFor`, `page.waitForFunction`), never for time to pass. Pure
// modules (scales, formats, addresses) are tested without a browser in `tests/page/NAME.test.js`.
//
// All of it runs with `cargo xtask page`. One file alone, after `cargo build --release` of the binary and of the
// examples of headwater-events (whose folder HEADWATER_BIN and HEADWATER_EXAMPLES name if it is not target/release):
//
//     cd crates/board && node --test tests/browser/NAME.test.js

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { discard } from "./logs.js";
import { BIN, OUTPUT } from "./paths.js";

export { corrupt, experiment, foreign, fresh, hostile, large, live, train } from "./logs.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */

/**
 * @typedef {object} Options
 * @property {string} [path]  What follows the server's address, such as `#/flow`.
 * @property {"light"|"dark"} [colorScheme]
 * @property {{width: number, height: number}} [viewport]
 * @property {RegExp[]} [expect]  Faults that the test provokes.
 */

/** @type {Promise<Browser>|undefined} */
let browser;

/** What is still open when the tests of a file are over, because one of them failed. @type {Set<() => Promise<void>>} */
const leftovers = new Set();

after(async () => {
  for (const end of leftovers) await end();
  if (browser) await (await browser).close();
  await discard();
});

/** The browser that all tests of a file share. */
export function shared() {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  return browser;
}

/**
 * Serves a log directory until `stop` is called.
 *
 * @param {string} logdir
 * @param {number} [port]  Any that is free, if it is not given.
 * @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>}
 */
export async function serve(logdir, port = 0) {
  const child = spawn(BIN, ["serve", logdir, "--port", String(port)], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = async () => {
    leftovers.delete(stop);
    child.kill("SIGKILL");
    await ended;
  };
  leftovers.add(stop);
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
      const found = printed.match(/https?:\/\/\S+/);
      if (found && printed.includes("\n")) resolve(found[0]);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`headwater serve ended with ${code} before it listened:\n${said}`)));
  });
  return { url, pid: child.pid ?? 0, stop };
}

/**
 * Everything that goes wrong in a page, as lines of text.
 *
 * @param {Page} page
 * @param {string} origin  The only host that the page may ask.
 * @returns {string[]}
 */
export function watch(page, origin) {
  /** @type {string[]} */
  const faults = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(`thrown: ${error.stack ?? error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && !url.startsWith(origin)) faults.push(`another host: ${url}`);
  });
  page.on("requestfailed", (request) => {
    // A request that the page itself gave up, or that ended with the page.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()} (${reason})`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`answered ${response.status()}: ${response.url()}`);
  });
  return faults;
}

/**
 * Waits until a page has asked for nothing that is not answered, and has drawn what it got. The stream of events never
 * ends and does not count.
 *
 * @param {Page} page
 * @returns {() => Promise<void>}
 */
function settling(page) {
  /** @type {Set<import("playwright-core").Request>} */
  const open = new Set();
  page.on("request", (request) => {
    if (!request.url().includes("/api/events")) open.add(request);
  });
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return async () => {
    await page.locator("main > *").first().waitFor();
    await page.evaluate(frames);
    while (open.size > 0) {
      const [request] = open;
      await (await request.response())?.finished();
      open.delete(request);
      await page.evaluate(frames);
    }
  };
}

/**
 * The pages that there are for these logs, in the order of their tabs.
 *
 * @param {Page} page
 * @returns {Promise<{id: string, title: string}[]>}
 */
export async function tabs(page) {
  const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  await links.first().waitFor();
  const found = await links.evaluateAll((all) =>
    all.map((link) => ({
      id: new URL(/** @type {HTMLAnchorElement} */ (link).href).hash,
      title: link.textContent ?? "",
    })),
  );
  return found.map(({ id, title }) => ({ id: id.replace(/^#\/([^?]*).*/, "$1"), title: title.trim() }));
}

/**
 * Goes from page to page, and hands out each when it is drawn.
 *
 * @param {{page: Page, url: string, settled: () => Promise<void>}} board
 */
export async function* visit({ page, url, settled }) {
  for (const tab of await tabs(page)) {
    await page.goto(`${url}#/${tab.id}`);
    await page.locator(`main[data-page="${tab.id}"] > *`).first().waitFor();
    await settled();
    yield tab;
  }
}

/**
 * Waits until something other than one colour is on a canvas.
 *
 * @param {Page} page
 * @param {string} [selector]
 */
export async function drawn(page, selector = "main canvas") {
  await page.waitForFunction((selector) => {
    for (const canvas of document.querySelectorAll(selector)) {
      if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0 || canvas.height === 0) continue;
      const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
      const pixels = data && new Uint32Array(data.buffer);
      if (pixels?.some((pixel) => pixel !== pixels[0])) return true;
    }
    return false;
  }, selector);
}

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
  const server = await serve(logdir);
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
    await server.stop();
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
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document);
    return violations.map((/** @type {any} */ one) => {
      const places = one.nodes.map((/** @type {any} */ node) => `  ${node.target.join(" ")}: ${node.failureSummary}`);
      return `${one.id} (${one.impact}): ${one.help}\n${places.join("\n")}`;
    });
  });
  if (found.length > 0) throw new assert.AssertionError({ message: `axe finds:\n${found.join("\n\n")}` });
}

/**
 * A picture of the page in `target/browser/screenshots`.
 *
 * @param {Page} page
 * @param {string} name
 */
export async function screenshot(page, name) {
  const folder = path.join(OUTPUT, "screenshots");
  await fs.mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
