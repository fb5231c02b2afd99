import assert from "node:assert/strict";
import { test } from "node:test";
import { experiment, open, visit } from "./harness.js";
import { total, weigh } from "./weigh.js";

/** What the whole page may weigh, compressed. */
const LIMIT = 300_000;

test("everything that the pages are made of is below 300 KB, compressed", async () => {
  const board = await open(await experiment());
  const sizes = await weigh(board.page);
  await board.page.reload();
  for await (const _ of visit(board));
  assert.ok(sizes.has("/ui/vendor/preact.js"), "the libraries were counted");
  const bytes = total(sizes);
  assert.ok(bytes < LIMIT, `${bytes} bytes: ${[...sizes].map(([path, size]) => `${path} ${size}`).join(", ")}`);
  await board.close();
});
