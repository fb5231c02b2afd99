// Precision against recall.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, drawn, foreign, open, screenshot } from "./harness.js";

for (const framework of /** @type {const} */ (["pytorch", "tensorboardx", "tensorboard"])) {
  test(`curves that ${framework} wrote are drawn, with their numbers in a table`, async () => {
    const board = await open(foreign(framework), { path: "#/pr" });
    const { page } = board;
    await page.locator(".pr-legend li").first().waitFor();
    await drawn(page);
    const words = (await page.locator("canvas[role=img]").first().getAttribute("aria-label")) ?? "";
    assert.match(words, /average precision [\d.]+/);
    await page.getByRole("button", { name: "Table" }).first().click();
    assert.ok((await page.locator(".table-box tbody tr").count()) > 1);
    await axe(page);
    await screenshot(page, `pr-${framework}`);
    await board.close();
  });
}

test("the pointer reads threshold and counts from the curve", async () => {
  const board = await open(foreign("pytorch"), { path: "#/pr" });
  const { page } = board;
  await page.locator(".pr-legend li").first().waitFor();
  await drawn(page);
  const box = await page.locator(".canvas-box").first().boundingBox();
  assert.ok(box);
  const tip = page.locator(".tip");
  // Along the plot the curve comes near the pointer somewhere.
  for (let y = 10; y < box.height && (await tip.count()) === 0; y += 20) {
    for (let x = 40; x < box.width && (await tip.count()) === 0; x += 20) await page.mouse.move(box.x + x, box.y + y);
  }
  assert.match((await tip.textContent()) ?? "", /threshold .*\n?.*precision/s);
  await board.close();
});
