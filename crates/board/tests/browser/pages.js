// What is common to all pages: their tabs, when they are drawn, and what goes wrong in them.

import { EventEmitter, once as event } from "node:events";

/** @typedef {import("playwright-core").Page} Page */

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

/** How long answers and drawing may take, in milliseconds: a request that never ends fails its test, and holds up no other. */
const PATIENCE = 60_000;

/** How long to wait for news of requests before the page itself is asked, in milliseconds. */
const QUIET = 500;

/**
 * Waits until a page has asked for nothing that is not answered, and has drawn what it got. The stream of events never
 * ends and does not count, nor does what a document asked for that the page has left.
 *
 * @param {Page} page
 * @returns {() => Promise<void>}
 */
export function settling(page) {
  /** @type {Set<import("playwright-core").Request>} */
  const open = new Set();
  const answered = new EventEmitter();
  /** @param {import("playwright-core").Request} request */
  const close = (request) => {
    if (open.delete(request) && open.size === 0) answered.emit("all");
  };
  page.on("request", (request) => {
    if (!request.url().includes("/api/events")) open.add(request);
  });
  page.on("requestfinished", close);
  page.on("requestfailed", close);
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const isAsking = async () => (await import(new URL("ui/lib/api.js", document.baseURI).href)).isAsking();
  return async () => {
    await page.locator("main > *").first().waitFor();
    await page.evaluate(frames);
    const until = Date.now() + PATIENCE;
    while (open.size > 0) {
      await event(answered, "all", { signal: AbortSignal.timeout(QUIET) }).catch(() => {});
      // Chromium does not always say how the requests ended of a document that the page has left. The page knows its own.
      if (open.size > 0 && !(await page.evaluate(isAsking))) open.clear();
      if (open.size > 0 && Date.now() > until) {
        throw new Error(`not answered after ${PATIENCE} ms: ${[...open].map((request) => request.url()).join(", ")}`);
      }
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
