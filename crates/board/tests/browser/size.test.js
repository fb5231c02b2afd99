import assert from "node:assert/strict";
import { test } from "node:test";
import { experiment, open, tabs } from "./harness.js";

/** What the whole page may weigh on the wire. */
const LIMIT = 300_000;

test("everything that the pages are made of is below 300 KB on the wire", async () => {
  const board = await open(await experiment());
  const { page } = board;
  const session = await page.context().newCDPSession(page);
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @type {Map<string, number>} */
  const sizes = new Map();
  session.on("Network.responseReceived", ({ requestId, response }) => names.set(requestId, response.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const name = names.get(requestId);
    if (name && !name.includes("/api/")) sizes.set(new URL(name).pathname, encodedDataLength);
  });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.reload();
  for (const { id } of await tabs(page)) {
    await page.goto(`${board.url}#/${id}`);
    await page.locator(`main[data-page="${id}"] > *`).first().waitFor();
    await board.settled();
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(sizes.has("/ui/vendor/preact.js"), "the libraries were counted");
  assert.ok(total < LIMIT, `${total} bytes: ${[...sizes].map(([name, size]) => `${name} ${size}`).join(", ")}`);
  await board.close();
});
