// What is wrong with the runs: badges, the drawer, and marks on layers and charts.

import assert from "node:assert/strict";
import fs from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { axe, counted, experiment, foreign, fresh, hostile, live, open, openFile, screenshot } from "./harness.js";
import { OUTPUT } from "./paths.js";

/** @typedef {import("playwright-core").Page} Page */

const RUN = "sigmoid/seed-1";
const BADGE = `${RUN}: 1 finding: vanishing (error)`;

/** The badge of a run in the list of runs. @param {Page} page @param {string|RegExp} name */
const badge = (page, name) => page.getByRole("complementary", { name: "Runs" }).getByRole("button", { name });

/**
 * Writes a network whose gradient vanishes and whose loss stays where it is.
 *
 * @param {string} folder
 * @param {string[]} layers
 */
async function starved(folder, layers) {
  const run = live(folder);
  for (let step = 0; step < 20; step += 1) {
    await run.write(step, 2.3, "loss");
    for (const [i, layer] of layers.entries()) await run.write(step, 10 ** (3 * i - 9), `${layer}.weight.grad_norm`);
  }
  await run.end();
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`every run has a badge, and a drawer says what, where, since when, why and what to try, in ${colorScheme} colours`, async () => {
    const board = await open(await experiment(), { colorScheme, viewport: { width: 1440, height: 900 } });
    const { page } = board;
    await badge(page, BADGE).waitFor();
    for (const run of ["relu/seed-0", "leaky_relu/seed-1"])
      await badge(page, new RegExp(`^${run}: no findings`)).waitFor();
    await page.getByRole("button", { name: "Findings: 2 of 6 runs: 2 findings, worst: vanishing (error)" }).waitFor();
    await board.settled();
    await screenshot(page, `findings-flow-${colorScheme}`);
    await axe(page);

    await badge(page, BADGE).click();
    const drawer = page.getByRole("dialog", { name: `Findings: ${RUN}` });
    const finding = drawer.getByRole("article", { name: "error: vanishing" });
    await finding.getByRole("link", { name: "layer1" }).waitFor();
    const [text] = await finding.allInnerTexts();
    for (const part of [
      /delta shrinks [\d.,e]+-fold on its way from layer6 to layer1/,
      /step 0\s+until\s+step 299/,
      /0\.\d\d\s+(very )?sure/,
      /activation’s slope/,
    ]) {
      assert.match(text, part);
    }
    assert.match(text, /delta over layer6's\s+layer1\s+\d+\s+\S+e−4\s+0\.0\d+/);
    assert.match(text, /--set network\.activation=relu/);
    await drawer.getByText("6 layers, from the input to the output").waitFor();
    await finding.getByText("What this rule sees, and why it is bad").click();
    await finding.getByRole("heading", { name: "Why it is bad" }).waitFor();
    await finding.getByRole("button", { name: "Why? vanishing." }).waitFor();
    await board.settled();
    await screenshot(page, `findings-drawer-${colorScheme}`);
    await axe(page);

    await drawer.getByRole("button", { name: "All runs" }).click();
    await page.getByRole("dialog", { name: "Findings", exact: true }).getByText("2 of 6 runs with findings").waitFor();
    await screenshot(page, `findings-all-${colorScheme}`);
    await axe(page);
    await board.close();
  });
}

test("the drawer is opened with the keyboard, stands in the address, and gives the focus back when Escape closes it", async () => {
  const board = await open(await experiment());
  const { page } = board;
  await badge(page, BADGE).focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: `Findings: ${RUN}` });
  await drawer.getByRole("article").waitFor();
  await page.waitForURL(/findings=sigmoid%2Fseed-1/);
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), BADGE);
  await page.waitForURL((url) => !url.hash.includes("findings"));
  await page.keyboard.press("w");
  const all = page.getByRole("dialog", { name: "Findings", exact: true });
  await all.getByRole("button", { name: /sigmoid\/seed-0/ }).waitFor();
  await all.getByRole("button", { name: "Close" }).click();
  await all.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), BADGE);
  // Whoever gets the link sees the same.
  await page.goto(`${board.url}#/series?findings=sigmoid%2Fseed-0`);
  await page.reload();
  await page.getByRole("dialog", { name: "Findings: sigmoid/seed-0" }).getByRole("article").waitFor();
  await page.goto(`${board.url}#/series`);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await board.close();
});

test("a layer of a finding leads to Flow, to its run and the step since which it is seen", async () => {
  const board = await open(await experiment(), { path: "#/series?findings=sigmoid%2Fseed-1" });
  const { page } = board;
  await page.getByRole("article").getByRole("link", { name: "layer2" }).click();
  await page.locator("main[data-page=flow]").waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByText("at step 0,").first().waitFor();
  await page.getByText("1 of 6 shown").waitFor();
  const query = new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
  assert.deepEqual([query.get("solo"), query.get("layer"), query.get("step")], [RUN, "layer2", "0"]);
  await page.getByRole("img", { name: /sigmoid.*Findings: layer1, layer2, layer3.*vanishing \(error\)/ }).waitFor();
  await screenshot(page, "findings-layer");
  await page.getByRole("button", { name: "layer2 is pointed out; no more" }).click();
  await page.waitForURL((url) => !url.hash.includes("layer="));
  // Back to what was read.
  await page.goBack();
  await page.getByRole("dialog").getByRole("article").waitFor();
  await board.close();
});

test("every step that a finding names leads to Flow at that step", async () => {
  const board = await open(await experiment(), { path: "#/series?findings=sigmoid%2Fseed-1" });
  const { page } = board;
  const finding = page.getByRole("article", { name: "error: vanishing" });
  await finding.waitFor();
  // Links in its summary, in its first and last step, and in its evidence.
  for (const [place, step] of /** @type {[import("playwright-core").Locator, string][]} */ ([
    [
      finding
        .locator(".finding-summary")
        .getByRole("link", { name: /^step \d+$/ })
        .first(),
      "",
    ],
    [finding.getByRole("link", { name: "step 299" }).first(), "299"],
    [finding.locator(".finding-facts").getByRole("link").first(), ""],
  ])) {
    const wanted = step || ((await place.textContent())?.match(/\d+/)?.[0] ?? "");
    await place.click();
    await page.locator("main[data-page=flow]").waitFor();
    await page
      .locator(".flow-said li", { hasText: `, at step ${wanted}: ` })
      .first()
      .waitFor();
    await page.goBack();
    await finding.waitFor();
  }
  await board.close();
});

test("a remedy is copied as a piece of a command line", async () => {
  const board = await open(await experiment(), { path: "#/flow?findings=sigmoid%2Fseed-1" });
  const { page } = board;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy --set 'network.residual" }).click();
  await page.getByRole("status").getByText("copied").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^--set 'network\.residual=.*\)'$/);
  // Without the clipboard, as on a page that is served to other machines, what is selected is copied.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await page.getByRole("button", { name: "Copy --set network.activation=relu" }).click();
  await page.getByRole("status").getByText("copied").nth(1).waitFor();
  await board.close();
});

test("charts of a finding's layers are marked at its steps, and a mark says what it is and opens it", async () => {
  const board = await open(await experiment(), { path: "#/series?tags=gradient/mean_abs" });
  const { page } = board;
  await page.locator(".chart-mark").first().waitFor();
  const card = (/** @type {string} */ layer) =>
    page.locator(".series-card").filter({ has: page.getByRole("heading", { name: layer, exact: true }) });
  await card("layer1").locator(".chart-mark").waitFor();
  await counted(card("layer6").locator(".chart-mark"), 0); // nothing is found about the last layer
  const mark = card("layer1").getByRole("button", { name: /^error: vanishing, steps 0 to 299\. sigmoid/ });
  await mark.focus();
  await mark.locator(".chart-mark-said").waitFor();
  await screenshot(page, "findings-series");
  await axe(page);
  await page.keyboard.press("Enter");
  await page
    .getByRole("dialog", { name: /Findings: sigmoid/ })
    .getByRole("article")
    .waitFor();
  await page.keyboard.press("Escape");
  // Over the time of day there are no steps to mark.
  await page.goto(`${board.url}#/series?tags=gradient/mean_abs&xaxis=wall`);
  await page.locator(".chart-mark").first().waitFor({ state: "detached" });
  await board.close();
});

test("what goes wrong while a network learns is seen without a reload", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "mine"));
  for (let step = 0; step < 10; step += 1) await run.write(step, 1 / (step + 1), "loss");
  const board = await open(folder, { path: "#/series" });
  const { page } = board;
  await badge(page, "mine: no findings").click();
  const drawer = page.getByRole("dialog", { name: "Findings: mine" });
  await drawer.getByText("Nothing is wrong, as far as the records tell.").waitFor();
  await drawer.getByText("No gradients recorded", { exact: false }).waitFor();
  await screenshot(page, "findings-none");
  await axe(page);
  await run.write(10, Number.NaN, "loss");
  await drawer.getByRole("article", { name: "error: not finite" }).waitFor();
  await page.keyboard.press("Escape");
  await badge(page, /^mine: .*not finite \(error\)/).waitFor();
  await run.end();
  await board.close();
});

test("a run without evidence is not said to be well", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "mine"));
  await run.write(0, 1, "weather/rain");
  const board = await open(folder, { path: "#/series" });
  await badge(board.page, "mine: nothing to judge in its records").click();
  await board.page.getByRole("dialog").getByText("there is no evidence").waitFor();
  await run.end();
  await board.close();
});

test("logs of other programs get findings in words, with the names that their owner gave", async () => {
  const folder = await fresh();
  await starved(path.join(folder, "theirs"), ["fc1", "fc2", "fc3"]);
  const board = await open(folder, { path: "#/flow?findings=theirs" });
  const { page } = board;
  const finding = page.getByRole("dialog").getByRole("article", { name: "error: vanishing" });
  await finding.getByRole("link", { name: "fc1" }).waitFor();
  await counted(finding.getByRole("button", { name: /^Copy/ }), 0); // its configuration is not ours
  await screenshot(page, "findings-foreign");
  await axe(page);
  await finding.getByRole("link", { name: "fc1" }).click();
  await page.getByRole("img", { name: /theirs.*Findings: fc1/ }).waitFor();
  await board.close();
  for (const framework of /** @type {const} */ (["pytorch", "tensorflow"])) {
    const other = await open(foreign(framework));
    await other.page.getByRole("button", { name: /^Findings/ }).click();
    await other.page
      .getByRole("dialog")
      .getByRole("status")
      .getByText(/runs? with findings\.$/)
      .waitFor();
    await axe(other.page);
    await other.close();
  }
});

test("hostile names of runs and layers are text in badges, marks and the drawer", async () => {
  const folder = await fresh();
  const name = "<img src=x onerror=pwned=1>";
  await starved(path.join(folder, name), ["<x-evil>a", "<x-evil>b", "<x-evil>c"]);
  const board = await open(folder, { path: "#/series" });
  const { page } = board;
  await badge(page, /^<img src=x onerror=pwned=1>: 1 finding/).click();
  await page
    .getByRole("dialog", { name: `Findings: ${name}` })
    .getByRole("link", { name: "<x-evil>a" })
    .click();
  await page.locator("main[data-page=flow]").waitFor();
  await board.settled();
  await page.goto(`${board.url}#/series`);
  await page.locator(".chart-mark").first().waitFor();
  assert.equal(await page.evaluate(() => "pwned" in globalThis), false);
  await counted(page.locator("x-evil, img[src=x]"), 0);
  await board.close();
  // And whatever is in an address.
  for (const query of ["findings=__proto__", "findings=%3Cimg%20src=x%20onerror=pwned=1%3E&layer=constructor"]) {
    const other = await open(await hostile(), { path: `#/flow?${query}`, expect: [/404/] });
    await other.page.getByRole("dialog").waitFor();
    await other.settled();
    assert.equal(await other.page.evaluate(() => "pwned" in globalThis), false);
    await other.close();
  }
});

test("a report has the findings of the shown runs, and what could not be judged", async () => {
  const board = await open(await experiment(), { path: "#/series?tags=gradient/mean_abs" });
  await badge(board.page, BADGE).waitFor();
  await board.page.locator(".chart-mark").first().waitFor();
  await board.settled();
  const [download] = await Promise.all([
    board.page.waitForEvent("download"),
    board.page.getByRole("button", { name: "Report" }).click(),
  ]);
  const file = path.join(OUTPUT, "reports", "findings.html");
  await download.saveAs(file);
  await board.close();
  const report = await openFile(file);
  const { page } = report;
  await counted(page.getByRole("article", { name: "error: vanishing" }), 2);
  await page.getByText("--set network.activation=relu").first().waitFor();
  await page.getByText("No findings: leaky_relu/seed-0", { exact: false }).waitFor();
  assert.ok((await page.locator(".chart-mark").count()) > 0, "the charts keep their marks");
  await counted(page.locator("button, a"), 0);
  await axe(page);
  await page.locator(".report-findings").scrollIntoViewIfNeeded();
  await screenshot(page, "findings-report");
  await report.close();
  assert.doesNotMatch(await fs.readFile(file, "utf8"), /(src|href)="(https?:)?\/\//);
});
