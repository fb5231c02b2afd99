// Every page, in light and in dark, for people who cannot see it or use no mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, experiment, fresh, open, screenshot, visit } from "./harness.js";

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds nothing on any page in ${colorScheme} colours`, async (t) => {
    const board = await open(await experiment(), { colorScheme });
    for await (const { id, title } of visit(board)) {
      await t.test(title, async () => {
        await screenshot(board.page, `${id}-${colorScheme}`);
        await axe(board.page);
        const nameless = await board.page.locator("main canvas:not([aria-label]):not([aria-hidden=true])").count();
        assert.equal(nameless, 0, "a canvas says in words what it shows");
      });
    }
    await board.close();
  });
}

test("axe finds nothing on the screens that lie over the page, nor on that of an empty folder", async () => {
  const board = await open(await experiment());
  await board.settled();
  for (const key of ["?", "p"]) {
    await board.page.keyboard.press(key);
    await board.page.getByRole("dialog").waitFor();
    await board.settled();
    await axe(board.page);
    await board.page.keyboard.press("Escape");
    await board.page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await board.close();
  const empty = await open(await fresh());
  await empty.page.getByRole("heading", { name: "No records yet" }).waitFor();
  await axe(empty.page);
  await empty.close();
});

test("the page fits a narrow window without scrolling sideways", async () => {
  const board = await open(await experiment(), { viewport: { width: 390, height: 844 } });
  for await (const { id } of visit(board)) {
    const over = await board.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${id} is ${over} pixels too wide`);
    await screenshot(board.page, `${id}-narrow`);
  }
  await board.close();
});
