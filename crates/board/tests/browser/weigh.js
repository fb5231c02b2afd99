// What a page weighs on the wire.

/** @typedef {import("playwright-core").Page} Page */

/**
 * Counts the bytes, as they are compressed, of every file that a page loads from now on; headers and answers of the API
 * do not count. Nothing comes out of the browser's cache.
 *
 * @param {Page} page
 * @returns {Promise<Map<string, number>>}  Bytes by path; grows as files come.
 */
export async function weigh(page) {
  const session = await page.context().newCDPSession(page);
  /** @type {Map<string, string>} */
  const paths = new Map();
  /** @type {Map<string, number>} */
  const heads = new Map();
  /** @type {Map<string, number>} */
  const sizes = new Map();
  session.on("Network.responseReceived", ({ requestId, response }) => {
    const { protocol, pathname } = new URL(response.url);
    if (!protocol.startsWith("http") || pathname.includes("/api/")) return;
    paths.set(requestId, pathname);
    heads.set(requestId, response.encodedDataLength);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId);
    if (path) sizes.set(path, encodedDataLength - (heads.get(requestId) ?? 0));
  });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  return sizes;
}

/** @param {Map<string, number>} sizes */
export const total = (sizes) => [...sizes.values()].reduce((sum, size) => sum + size, 0);
