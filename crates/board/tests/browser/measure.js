// How quick the page is, in headless Chromium without a GPU: `cargo xtask page --measure` (see bench/README.md for
// figures). Nothing here passes or fails: it prints.

import { EventEmitter, once } from "node:events";
import path from "node:path";
import { experiment, fresh, large, live } from "./logs.js";
import { visit } from "./pages.js";
import { finish, serve, shared } from "./server.js";
import { total, weigh } from "./weigh.js";

/** @typedef {import("playwright-core").Page} Page */

/** How often what varies is repeated. */
const REPEATS = 9;
const UPDATES = 60;

/**
 * Notes in the page, with times since the navigation began, when each frame that had something drawn onto a canvas was
 * shown. The first such frame after new scalars is told to `seen`, if there is such a function.
 */
function instrument() {
  const noted = { drawn: /** @type {number[]} */ ([]), fresh: false };
  Object.assign(globalThis, { noted });
  let due = false;
  const drawn = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      noted.drawn.push(performance.now());
      if (noted.fresh) /** @type {any} */ (globalThis).seen?.();
      noted.fresh = false;
    });
  };
  const prototype = CanvasRenderingContext2D.prototype;
  for (const name of /** @type {const} */ (["stroke", "fill", "fillRect", "putImageData", "drawImage"])) {
    const original = /** @type {(...values: any[]) => void} */ (prototype[name]);
    Object.assign(prototype, {
      /** @param {any[]} values */
      [name](...values) {
        drawn();
        return original.apply(this, values);
      },
    });
  }
  const { fetch } = globalThis;
  globalThis.fetch = async (...values) => {
    const response = await fetch(...values);
    if (String(values[0]).includes("api/scalars")) noted.fresh = true;
    return response;
  };
}

/** @param {number[]} values */
const sorted = (values) => [...values].sort((a, b) => a - b);

/** @param {number[]} values */
function summary(values) {
  const all = sorted(values);
  const at = (/** @type {number} */ share) => Math.round(all[Math.min(Math.floor(share * all.length), all.length - 1)]);
  return `median ${at(0.5)} ms, 90 % ${at(0.9)} ms, largest ${at(1)} ms (${all.length} times)`;
}

/** A new visitor, with an empty cache. */
async function visitor() {
  const context = await (await shared([])).newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(instrument);
  return page;
}

/**
 * Milliseconds from the start of the navigation to the first chart on the screen.
 *
 * @param {Page} page
 * @param {string} url
 * @returns {Promise<number>}
 */
async function firstChart(page, url) {
  await page.goto(url);
  const first = await page.waitForFunction(() => /** @type {any} */ (globalThis).noted.drawn[0]);
  return first.jsonValue();
}

/**
 * Waits until what was just done can be seen.
 *
 * @param {Page} page
 */
const nextFrame = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/**
 * Waits until the server has read everything.
 *
 * @param {Page} page
 * @param {string} url
 */
async function loaded(page, url) {
  await page.goto(`${url}api/status`);
  for (;;) {
    const { loading } = JSON.parse(await page.evaluate(async () => (await fetch("status")).text()));
    if (!loading) return;
  }
}

async function weight() {
  const server = await serve(await experiment());
  const page = await visitor();
  const sizes = await weigh(page);
  await page.goto(server.url);
  const settled = () =>
    page.waitForFunction(() => /** @type {any} */ (globalThis).noted.drawn.length > 0).then(() => {});
  await settled();
  const first = total(sizes);
  for await (const _ of visit({ page, url: server.url, settled }));
  console.log(
    `size, compressed: ${first} bytes for the first page, ${total(sizes)} bytes in ${sizes.size} files for all pages`,
  );
  for (const [file, size] of [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 8)) console.log(`  ${size}  ${file}`);
  await page.context().close();
  await server.stop();
}

/**
 * @param {string} name
 * @param {string} logdir
 * @param {string} where
 * @param {number} [repeats]
 */
async function start(name, logdir, where, repeats = REPEATS) {
  const server = await serve(logdir);
  const reader = await visitor();
  await loaded(reader, server.url);
  await reader.context().close();
  const times = [];
  for (let i = 0; i < repeats; i += 1) {
    const page = await visitor();
    times.push(await firstChart(page, server.url + where));
    await page.context().close();
  }
  console.log(`first chart, ${name}: ${summary(times)}`);
  await server.stop();
}

/**
 * How long a page with very many of something takes to answer what is typed into a filter.
 *
 * @param {string} name
 * @param {string} logdir
 * @param {{where: string, box: string, text: string, answer: string}} filter
 */
async function filtering(name, logdir, { where, box, text, answer }) {
  const server = await serve(logdir);
  const page = await visitor();
  await loaded(page, server.url);
  await firstChart(page, server.url + where);
  const times = [];
  for (let i = 0; i < REPEATS; i += 1) {
    times.push(
      await page.evaluate(
        async ({ box, text, answer }) => {
          const input = /** @type {HTMLInputElement} */ (document.querySelector(box));
          const set = async (/** @type {string} */ value, /** @type {(shown: string) => boolean} */ done) => {
            input.value = value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            while (!done(document.body.textContent ?? "")) await new Promise(requestAnimationFrame);
          };
          const begun = performance.now();
          await set(text, (shown) => shown.includes(answer));
          const took = performance.now() - begun;
          await set("", (shown) => !shown.includes(answer));
          return took;
        },
        { box, text, answer },
      ),
    );
  }
  console.log(`filtering, ${name}: ${summary(times)}`);
  await page.context().close();
  await server.stop();
}

/** From a record's flush to the frame that shows it, by this program's clock: the page's word for it is on the way, too. */
async function latency() {
  const folder = await fresh();
  const run = live(path.join(folder, "live"));
  await run.write(0, 1, "loss");
  const server = await serve(folder);
  const page = await visitor();
  const news = new EventEmitter();
  await page.exposeFunction("seen", () => news.emit("seen", performance.now()));
  await firstChart(page, `${server.url}#/series`);
  const times = [];
  for (let step = 1; step <= UPDATES; step += 1) {
    // At any moment between two messages of the server, which sends no more than ten a second.
    await page.waitForTimeout(300 + ((step * 37) % 100));
    const seen = once(news, "seen");
    await run.write(step, Math.sin(step / 5), "loss");
    const flushed = performance.now();
    const [shown] = await seen;
    times.push(shown - flushed);
  }
  console.log(`flush to screen: ${summary(times)}`);
  await run.end();
  await page.context().close();
  await server.stop();
}

/**
 * Pans a chart back and forth with the mouse and counts the frames in which it was drawn anew.
 *
 * @param {string} name
 * @param {string} logdir
 * @param {string} where
 */
async function panning(name, logdir, where) {
  const server = await serve(logdir);
  const page = await visitor();
  await loaded(page, server.url);
  await firstChart(page, server.url + where);
  const chart = page.locator("main .chart").first();
  const box = await chart.boundingBox();
  if (!box) throw new Error("the chart has no place");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // A drag zooms, and only what is zoomed can be moved.
  await page.mouse.move(x - box.width / 5, y);
  await page.mouse.down();
  await page.mouse.move(x + box.width / 5, y, { steps: 4 });
  await page.mouse.up();
  await nextFrame(page);
  await page.mouse.move(x, y);
  await page.keyboard.down("Shift");
  await page.mouse.down();
  const frames = () => page.evaluate(() => /** @type {any} */ (globalThis).noted.drawn.length);
  const before = await frames();
  const begun = performance.now();
  for (let i = 0; performance.now() - begun < 3000; i += 1) await page.mouse.move(x + 120 * Math.sin(i / 15), y);
  const seconds = (performance.now() - begun) / 1000;
  const drawn = (await frames()) - before;
  await page.mouse.up();
  await page.keyboard.up("Shift");
  console.log(`panning, ${name}: ${(drawn / seconds).toFixed(1)} frames a second`);
  await page.context().close();
  await server.stop();
}

const [runs, tags] = [await large(1000, 213, 2), await large(1, 12_000, 5)];
await weight();
await start("the experiment's flow", await experiment(), "#/flow");
await start("the experiment's series", await experiment(), "#/series");
await start("1,000 runs of 213 tags", runs, "#/series", 5);
await start("one run of 12,000 tags", tags, "#/series", 5);
await filtering("1,000 runs", runs, {
  where: "#/series",
  box: "#run-filter",
  text: "run00",
  answer: "100 of 1000 shown",
});
await filtering("12,000 tags", tags, { where: "#/series", box: "#tag-filter", text: "tag07", answer: "120 of 12,000" });
await latency();
await panning("100 lines of 10,000 points", await large(100, 1, 10_000), "#/series?f=run");
await finish();
