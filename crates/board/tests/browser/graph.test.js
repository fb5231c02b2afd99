// The graph: our networks as layers with the gradient between them, other programs' graphs folded by name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, counted, experiment, foreign, open, screenshot } from "./harness.js";

/** The gradients written on the arrows of one network, as they are read. @param {import("playwright-core").Page} page */
const magnitudes = (page) => page.locator(".network-column").first().locator(".edge-value").allTextContents();

test("a network of ours is a column of layers with shapes, parameters and the gradient that comes through", async () => {
  const board = await open(await experiment(), { path: "#/graph?group=scenario" });
  const { page } = board;
  await page.locator(".edge-value").first().waitFor();
  await counted(page.locator(".network-column"), 3);
  const words = (await page.getByRole("img", { name: /^sigmoid, from the input/ }).getAttribute("aria-label")) ?? "";
  assert.match(words, /layer1 .*layer6 .*mean \|dC\/dW\| falls [\d,.]+-fold from layer6 to layer1/);
  const first = page.locator(".network-column").first();
  assert.match((await first.locator(".layer-shape").first().textContent()) ?? "", /^\[batch, \d+\] × \[\d+, \d+\]$/);
  await axe(page);
  await screenshot(page, "graph-layers");
  await board.close();
});

test("moving the step moves the gradients", async () => {
  const board = await open(await experiment(), { path: "#/graph" });
  const { page } = board;
  await page.locator(".edge-value").first().waitFor();
  const before = await magnitudes(page);
  const slider = page.getByRole("slider");
  await slider.focus();
  await page.keyboard.press("Home");
  await page.waitForFunction(
    (old) => document.querySelector(".network-column .edge-value")?.textContent !== old,
    before[0],
  );
  assert.equal((await magnitudes(page)).length, before.length);
  await page
    .getByText(/at step 0: mean \|dC\/dW\| falls/)
    .first()
    .waitFor();
  await board.close();
});

test("operations of a graph open by keyboard, are found by name, and tell what is known of them", async () => {
  const board = await open(await experiment(), { path: "#/graph?gview=operations" });
  const { page } = board;
  await page.locator(".viewport").waitFor();
  const closed = page.locator(".op-box.scope", { hasText: "layer6" });
  if ((await closed.count()) > 0) {
    await closed.first().focus();
    await page.keyboard.press("Enter");
  }
  await page.getByRole("searchbox", { name: "Find" }).fill("layer2/act");
  await page.getByRole("button", { name: /layer2\/activation/ }).click();
  const details = page.getByRole("complementary", { name: "Details of layer2/activation" });
  await details.getByRole("button", { name: "layer2/preactivation" }).waitFor();
  await page.locator(".op-box.picked").waitFor();
  await page.waitForURL(/gnode=layer2%2Factivation/);
  await axe(page);
  await screenshot(page, "graph-operations");
  await board.close();
});

for (const framework of /** @type {const} */ (["pytorch", "tensorflow"])) {
  test(`a graph written with ${framework} is drawn, and read as a list`, async () => {
    const board = await open(foreign(framework), { path: "#/graph" });
    const { page } = board;
    await page.locator(".op-box").first().waitFor();
    await page.getByRole("button", { name: "List of nodes" }).click();
    await page.getByRole("region", { name: "Nodes by scope" }).getByRole("button").first().waitFor();
    await axe(page);
    await screenshot(page, `graph-${framework}`);
    await board.close();
  });
}
