// What the reader chooses stands in the address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { experiment, open } from "./harness.js";

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
