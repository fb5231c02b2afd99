// Configurations against results.

import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { test } from "node:test";
import { axe, counted, drawn, experiment, foreign, open, screenshot } from "./harness.js";

test("the table has a row for each run, the parameters in which they differ, and the results", async () => {
  const board = await open(await experiment(), { path: "#/hparams" });
  const { page } = board;
  await page.locator(".hparams-table tbody tr").first().waitFor();
  await counted(page.locator(".hparams-table tbody tr"), 6);
  const heads = await page.locator(".hparams-table thead button").allTextContents();
  assert.ok(
    heads.some((head) => /activation/.test(head)),
    heads.join(),
  );
  assert.ok(!heads.some((head) => /batch_size/.test(head)), heads.join());
  await axe(page);
  await screenshot(page, "hparams-table");
  await board.close();
});

test("a click on a head sorts, a click on a run shows it alone and leaves the others in the table", async () => {
  const board = await open(await experiment(), { path: "#/hparams" });
  const { page } = board;
  const accuracy = page.getByRole("columnheader", { name: /^validation\/accuracy/ });
  await accuracy.getByRole("button").click();
  await page.locator(".hparams-table th[aria-sort=descending]", { hasText: /^validation\/accuracy/ }).waitFor();
  const column = await page
    .locator(".hparams-table thead tr:last-child th")
    .evaluateAll((all) => all.findIndex((one) => one.getAttribute("aria-sort") === "descending"));
  const shown = await page.locator(`.hparams-table tbody tr > :nth-child(${column + 1})`).allTextContents();
  const values = shown.map(Number);
  assert.deepEqual(
    values,
    [...values].sort((a, b) => b - a),
  );
  await page.getByRole("button", { name: "relu/seed-1", exact: true }).click();
  await page.getByText("1 of 6 shown").waitFor();
  await counted(page.locator(".hparams-table tbody tr"), 6);
  await board.close();
});

test("a range on an axis narrows the runs down in every view, and stands in the address", async () => {
  const board = await open(await experiment(), { path: "#/hparams?hp=parallel" });
  const { page } = board;
  await drawn(page);
  await screenshot(page, "hparams-parallel");
  await page.getByText("Narrow down").click();
  await page
    .getByLabel("Column")
    .selectOption({ label: "train.seed" })
    .catch(() => page.getByLabel("Column").selectOption({ index: 0 }));
  const to = page.getByLabel("to", { exact: true });
  if ((await to.evaluate((element) => element.tagName)) === "SELECT") await to.selectOption({ index: 0 });
  else {
    await to.fill("0");
    await to.press("Enter");
  }
  await page.locator(".pill.on", { hasText: "take away" }).waitFor();
  const said = (await page.getByText(/ of 6 runs$/).textContent()) ?? "";
  await page.getByRole("button", { name: "Table", exact: true }).first().click();
  await counted(page.locator(".hparams-table tbody tr"), Number.parseInt(said, 10));
  await page.waitForFunction(() => location.hash.includes("hpb="));
  await axe(page);
  await board.close();
});

test("the heatmap averages over seeds, and says what its cells are", async () => {
  const board = await open(await experiment(), { path: "#/hparams?hp=heatmap" });
  const { page } = board;
  await drawn(page);
  const words = (await page.locator("canvas[role=img]").getAttribute("aria-label")) ?? "";
  assert.match(words, /\d+ of \d+ cells have runs, means from/);
  await axe(page);
  await screenshot(page, "hparams-heatmap");
  await board.close();
});

test("the CSV has a line for each run", async () => {
  const board = await open(await experiment(), { path: "#/hparams" });
  const { page } = board;
  await page.locator(".hparams-table tbody tr").first().waitFor();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const text = await fs.readFile(await (await waiting).path(), "utf8");
  assert.equal(text.trimEnd().split("\r\n").length, 7);
  await board.close();
});

test("hyperparameters that PyTorch wrote are shown, and runs without any have gaps", async () => {
  const board = await open(foreign("pytorch"), { path: "#/hparams" });
  const { page } = board;
  await page.getByRole("button", { name: "trial", exact: true }).waitFor();
  await page.getByRole("button", { name: "Scatter" }).click();
  await page.locator("canvas[role=img]").waitFor();
  await axe(page);
  await board.close();
});
