import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { axe, drawn, experiment, hostile, open, openFile, screenshot } from "./harness.js";
import { OUTPUT } from "./paths.js";

/**
 * Saves the report of what a page shows.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
async function save(page, name) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Report" }).click(),
  ]);
  const file = path.join(OUTPUT, "reports", `${name}.html`);
  await download.saveAs(file);
  return file;
}

test("a saved report opens without a server and without any request, and shows what the page showed", async () => {
  const board = await open(await experiment());
  await drawn(board.page);
  await board.settled();
  const file = await save(board.page, "flow");
  const pictures = await board.page.locator("main canvas").count();
  await board.close();

  const report = await openFile(file);
  const images = report.page.locator("img");
  assert.ok((await images.count()) >= pictures, "every drawing is in the report");
  const empty = await images.evaluateAll(
    (all) => all.filter((one) => one instanceof HTMLImageElement && one.naturalWidth === 0).length,
  );
  assert.equal(empty, 0, "every picture can be seen");
  assert.equal(await report.page.locator("script, button, input").count(), 0);
  await report.page.getByText("over the whole training: mean |dC/dW|").waitFor();
  await report.page
    .getByText(/^sigmoid\/seed-0: mean \|dC\/dW\| falls [\d,.]+-fold from layer6 to layer1\. delta falls/)
    .waitFor();
  await axe(report.page);
  await screenshot(report.page, "report");
  await report.close();
  assert.doesNotMatch(await fs.readFile(file, "utf8"), /(src|href)="(https?:)?\/\//);
});

test("hostile names are text in a report, too", async () => {
  const board = await open(await hostile(), { path: "#/series" });
  await board.settled();
  const file = await save(board.page, "hostile");
  await board.close();
  const report = await openFile(file);
  assert.equal(await report.page.evaluate(() => "pwned" in globalThis), false);
  assert.equal(await report.page.locator("script, iframe").count(), 0);
  await report.close();
});
