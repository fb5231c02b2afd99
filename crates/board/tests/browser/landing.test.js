// The landing page: the page that shows most of what the logs contain.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { axe, counted, foreign, fresh, live, open, screenshot, sweep } from "./harness.js";

/** @param {import("playwright-core").Page} page @param {string} id */
const on = (page, id) => page.locator(`main[data-page="${id}"] > *`).first().waitFor();

test("after a sweep one lands on its configurations and results", async () => {
  const board = await open(await sweep());
  const { page } = board;
  await on(page, "hparams");
  await page.getByRole("link", { name: "HParams", exact: true }).and(page.locator("[aria-current=page]")).waitFor();
  await page.getByRole("columnheader", { name: /learning_rate/ }).waitFor();
  assert.match(await page.title(), /HParams/);
  await screenshot(page, "landing-sweep");
  await axe(page);
  // If the address names a page, that page is shown.
  await page.goto(`${board.url}#/flow`);
  await on(page, "flow");
  await page.getByRole("heading", { name: "The shown runs say nothing of their layers" }).waitFor();
  await page.reload();
  await on(page, "flow");
  // The name at the top links to the landing page.
  await page.getByRole("link", { name: "Headwater" }).click();
  await on(page, "hparams");
  await board.close();
});

test("logs of scalars alone open on their series", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "theirs"));
  await run.write(0, 1, "train/loss");
  await run.write(1, 0.5, "train/loss");
  const board = await open(folder);
  await on(board.page, "series");
  await board.page.locator(".series-card canvas").first().waitFor();
  await run.end();
  await board.close();
});

test("logs of PyTorch open on what they have", async () => {
  const board = await open(foreign("pytorch"));
  await on(board.page, "series");
  await counted(board.page.getByRole("heading", { name: "The shown runs say nothing of their layers" }), 0);
  await board.close();
});

test("layers that come later are shown to who has not begun to look, and do not take the others away", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "mine"));
  await run.write(0, 1, "loss");
  const [waiting, reading] = [await open(folder), await open(folder)];
  await on(waiting.page, "series");
  await on(reading.page, "series");
  await reading.page.locator("main").click();
  await reading.page.waitForURL(/#\/series/);
  await run.write(0, 1, "gradient/mean_abs/layer1");
  await run.write(0, 2, "gradient/mean_abs/layer2");
  await on(waiting.page, "flow");
  await reading.page
    .getByRole("heading", { name: "gradient/mean_abs" })
    .or(reading.page.getByText("gradient/mean_abs"))
    .first()
    .waitFor();
  await on(reading.page, "series");
  await run.end();
  await waiting.close();
  await reading.close();
});
