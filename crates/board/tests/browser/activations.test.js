// Where on its curve each layer works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, drawn, experiment, foreign, open, screenshot } from "./harness.js";

test("every layer has its curve, with the share of z where it is flat", async () => {
  const board = await open(await experiment(), {
    path: "#/activations?arun=relu%2Fseed-0",
    viewport: { width: 1440, height: 900 },
  });
  const { page } = board;
  await page.locator(".activation").nth(5).waitFor();
  await board.settled();
  await drawn(page, ".activation canvas");
  const heads = await page.locator(".activation h3").allInnerTexts();
  assert.equal(heads.length, 6);
  for (const head of heads.slice(0, 5)) assert.match(head, /^layer\d relu/);
  assert.match(heads[5], /^layer6 identity/);
  // A ReLU has f' = 0 or 1: what is not dead is the mean.
  const words = await page.locator(".activation-words").allInnerTexts();
  for (const [i, text] of words.slice(0, 5).entries()) {
    const dead = Number(/^([\d.]+) % of z/.exec(text)?.[1]) / 100;
    const mean = Number(/mean \|f′\| ([\d.]+)/.exec(heads[i])?.[1]);
    assert.ok(Math.abs(dead + mean - 1) < 0.02, `${heads[i]}: ${text}`);
  }
  assert.match(words[5], /^0 %/);
  await axe(page);
  await screenshot(page, "activations");

  await page.getByRole("combobox", { name: "Run" }).selectOption("sigmoid/seed-0");
  await page.locator(".activation h3", { hasText: "sigmoid" }).first().waitFor();
  await page.waitForFunction(() => location.hash.includes("sigmoid"));
  await board.close();
});

test("the step moves the histograms", async () => {
  const board = await open(await experiment(), { path: "#/activations?arun=sigmoid%2Fseed-0" });
  const { page } = board;
  const means = () => page.locator(".activation h3").allInnerTexts();
  await page.locator(".activation").nth(5).waitFor();
  const last = await means();
  await page.keyboard.press("Home");
  await page.waitForFunction(() => location.hash.includes("step=0"));
  await board.settled();
  assert.notDeepEqual(await means(), last);
  await board.close();
});

test("logs without pre-activations are told how to record them", async () => {
  const board = await open(foreign("pytorch"), { path: "#/activations" });
  await board.page.getByRole("heading", { name: "The shown runs have no pre-activations" }).waitFor();
  await axe(board.page);
  await board.close();
});
