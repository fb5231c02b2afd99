// The Histograms page in a browser: our experiment, and a log of PyTorch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, counted, drawn, experiment, foreign, open, screenshot } from "./harness.js";

/** @param {import("./harness.js").Page} page @param {string} layer @param {string} run */
const cell = (page, layer, run) => page.getByRole("group", { name: `${layer}, ${run}`, exact: true });

test("every layer of every shown run is on one screen, with its range in words", async () => {
  const board = await open(await experiment(), {
    path: "#/histograms?hkind=weight",
    viewport: { width: 1440, height: 900 },
  });
  const { page } = board;
  await cell(page, "layer6", "sigmoid/seed-1").getByText(/ to /).waitFor();
  await board.settled();
  await drawn(page, ".histogram canvas");
  await counted(page.locator(".histogram canvas"), 36);
  const words = await cell(page, "layer4", "sigmoid/seed-0").getByRole("img").getAttribute("aria-label");
  assert.match(
    words ?? "",
    /^sigmoid\/seed-0: layer4: all 100 weights lie between −\d.* and \d.* at step 299, half of them below /,
  );
  const last = await cell(page, "layer6", "relu/seed-0").boundingBox();
  const slider = await page.locator(".scrubber").boundingBox();
  assert.ok(
    last && slider && last.y + last.height <= slider.y + 1,
    `the last layer ends at ${last && last.y + last.height}, the scrubber begins at ${slider?.y}`,
  );
  await axe(page);
  await screenshot(page, "histograms");
  await board.close();
});

test("the scrubber moves the words, and the address keeps what was chosen", async () => {
  const board = await open(await experiment(), { path: "#/histograms?step=0" });
  const { page } = board;
  const picture = page.locator(".histogram").first().getByRole("img");
  await page.getByRole("button", { name: "Weights" }).click();
  await page.waitForFunction(() =>
    document.querySelector(".histogram canvas")?.getAttribute("aria-label")?.includes("weights lie between"),
  );
  assert.match((await picture.getAttribute("aria-label")) ?? "", /at step 0/);
  await page.getByRole("button", { name: "newest" }).click();
  await page.waitForFunction(() =>
    document.querySelector(".histogram canvas")?.getAttribute("aria-label")?.includes("at step 299"),
  );
  await page.getByRole("button", { name: "Distribution" }).click();
  await page.getByRole("button", { name: "log", exact: true }).click();
  await page.getByRole("button", { name: "own", exact: true }).click();
  await page.waitForFunction(
    () =>
      /hkind=weight/.test(location.hash) &&
      /hmode=distribution/.test(location.hash) &&
      /hscale=log/.test(location.hash) &&
      /haxis=own/.test(location.hash),
  );
  await board.settled();
  await axe(page);
  await board.close();
});

test("a picture is enlarged by its button, has a table of percentiles, and closes again", async () => {
  const board = await open(await experiment(), {
    path: "#/histograms?hkind=weight&hmode=distribution",
    colorScheme: "dark",
  });
  const { page } = board;
  await cell(page, "layer2", "sigmoid/seed-0").getByText(/ to /).waitFor();
  await page.getByRole("button", { name: "Enlarge layer2 of sigmoid/seed-0" }).press("Enter");
  const detail = page.locator(".histogram-detail");
  await detail.getByText(/layer2: all 100 weights lie between/).waitFor();
  await detail.getByRole("button", { name: "Table" }).click();
  assert.deepEqual((await detail.locator("thead th").allTextContents()).slice(0, 3), ["step", "values", "min"]);
  const rows = await detail.locator("tbody tr").count();
  assert.ok(rows >= 10, `${rows} rows`);
  const [step, values, ...percentiles] = (await detail.locator("tbody tr").last().locator("td").allTextContents()).map(
    Number,
  );
  assert.deepEqual([step, values], [299, 100]);
  assert.ok(
    percentiles.every((value, i) => i === 0 || value >= percentiles[i - 1]),
    percentiles.join(),
  );
  await axe(page);
  await page.waitForFunction(() => /hcard=/.test(location.hash));
  await detail.getByRole("button", { name: "Close" }).click();
  await detail.waitFor({ state: "detached" });
  await board.close();
});

test("the pointer reads step, bin and count", async () => {
  const board = await open(await experiment(), { path: "#/histograms?hkind=weight&hmode=overlay&solo=relu%2Fseed-0" });
  const { page } = board;
  await cell(page, "layer3", "relu/seed-0").getByText(/ to /).waitFor();
  await cell(page, "layer3", "relu/seed-0").locator("canvas").hover();
  assert.match((await page.locator(".tip").textContent()) ?? "", /^step \d+\n.* to .*\n.* of 100 values, .* %$/);
  await board.close();
});

test("PyTorch's histograms are shown", async () => {
  const board = await open(foreign("pytorch"), { path: "#/histograms" });
  const { page } = board;
  await page.getByText(/ to /).first().waitFor();
  await board.settled();
  await drawn(page, ".histogram canvas");
  assert.match(
    (await page.locator(".histogram canvas").first().getAttribute("aria-label")) ?? "",
    /weights: all \d+ values lie between/,
  );
  await board.close();
});

test("runs without histograms say how to record them", async () => {
  const board = await open(foreign("pytorch"), { path: "#/histograms?solo=both_a" });
  await board.page.getByRole("heading", { name: "The shown runs have no histograms" }).waitFor();
  await axe(board.page);
  await board.close();
});
