// What the reader chooses stands in the address.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { experiment, fresh, live, open } from "./harness.js";

test("what is chosen survives a reload, and another who gets the address sees the same", async () => {
  const board = await open(await experiment());
  const { page } = board;
  await page.getByRole("searchbox", { name: /Filter runs/ }).fill("relu");
  await page.getByText("4 of 6 shown").waitFor();
  await page.getByRole("checkbox", { name: "seed-1" }).first().uncheck();
  await page.getByText("3 of 6 shown").waitFor();
  await page.waitForFunction(() => location.hash.includes("f=relu") && location.hash.includes("runs="));
  const address = page.url();
  await page.reload();
  await page.getByText("3 of 6 shown").waitFor();
  assert.equal(await page.getByRole("searchbox", { name: /Filter runs/ }).inputValue(), "relu");
  const other = await page.context().newPage();
  await other.goto(address);
  await other.getByText("3 of 6 shown").waitFor();
  await board.close();
});

test("back and forward go between pages", async () => {
  const board = await open(await experiment(), { path: "#/flow" });
  const { page } = board;
  await page.getByRole("link", { name: "Series" }).click();
  await page.locator("main[data-page=series]").waitFor();
  await page.goBack();
  await page.locator("main[data-page=flow]").waitFor();
  await page.goForward();
  await page.locator("main[data-page=series]").waitFor();
  await board.close();
});

test("an expression that would take for ever is given up, and the filters say so", async () => {
  const folder = await fresh();
  const name = `${"a".repeat(40)}!`;
  const run = live(path.join(folder, name));
  await run.write(0, 1, name);
  await run.write(0, 1, "loss");
  const slow = encodeURIComponent("(a+)+$");
  const board = await open(folder, { path: `#/series?f=${slow}` });
  const { page } = board;
  const runs = page.getByRole("complementary", { name: "Runs" });
  await runs.getByText("This expression takes too long: taken as text.").waitFor();
  await runs.getByText("No run's name matches the filter.").waitFor();
  await page.goto(`${board.url}#/series?tags=${slow}`);
  await page.locator("main").getByText("This expression takes too long: taken as text.").waitFor();
  await page.getByRole("heading", { name: "No tag matches the filter" }).waitFor();
  // One that does not is matched as ever.
  await page.getByRole("searchbox", { name: /Filter tags/ }).fill("^(loss|x+)$");
  await page.getByText("1 of 2", { exact: true }).waitFor();
  await run.end();
  await board.close();
});
