import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, experiment, open, screenshot, tabs } from "./harness.js";

test("? shows the keys, Escape closes them, and the focus is back where it was", async () => {
  const board = await open(await experiment());
  const { page } = board;
  await page.getByRole("button", { name: "Help" }).focus();
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("filter runs", { exact: false }).first().waitFor();
  await screenshot(page, "keys");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Help");
  await board.close();
});

test("a digit goes to the page of that place", async () => {
  const board = await open(await experiment());
  for (const [index, { id }] of (await tabs(board.page)).entries()) {
    await board.page.keyboard.press(String(index + 1));
    await board.page.locator(`main[data-page="${id}"]`).waitFor();
  }
  await board.close();
});

test("f filters runs, and keys that are typed into the filter are text", async () => {
  const board = await open(await experiment());
  await board.page.getByRole("button", { name: "Show relu/seed-0 alone" }).waitFor();
  await board.page.keyboard.press("f");
  await board.page.waitForFunction(() => document.activeElement?.id === "run-filter");
  await board.page.keyboard.type("seed-1?");
  assert.equal(await board.page.locator("#run-filter").inputValue(), "seed-1?");
  await counted(board.page.getByRole("dialog"), 0);
  await board.close();
});

test("space plays the steps, and who chooses one while they go by stays there", async () => {
  const board = await open(await experiment());
  const { page } = board;
  await board.settled();
  await page.keyboard.press(" ");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "Play" }).waitFor();
  assert.equal(await page.getByRole("slider", { name: "Step" }).inputValue(), "0");
  await board.close();
});

test("everything that can be clicked can be reached with Tab, and shows that it is", async () => {
  const board = await open(await experiment());
  await board.settled();
  const { page } = board;
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /Skip to content/);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  const unreachable = await page.evaluate(
    () =>
      [...document.querySelectorAll("[onclick], [role=button], [role=link]")].filter(
        (one) => /** @type {HTMLElement} */ (one).tabIndex < 0,
      ).length,
  );
  assert.equal(unreachable, 0);
  await board.close();
});

test("d turns the page dark and light, and the choice outlives a reload", async () => {
  const board = await open(await experiment(), { colorScheme: "dark" });
  const { page } = board;
  const theme = (/** @type {string} */ name) =>
    page.waitForFunction((name) => document.documentElement.dataset.theme === name, name);
  await theme("dark");
  await page.locator("main > *").first().waitFor();
  await page.keyboard.press("d");
  await theme("light");
  await page.reload();
  await theme("light");
  await page.locator("main > *").first().waitFor();
  await page.keyboard.press("d");
  await theme("dark");
  await board.close();
});
