import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { test } from "node:test";
import { axe, counted, experiment, foreign, large, open, screenshot } from "./harness.js";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page @param {string} tag */
const chart = (page, tag) => page.getByRole("group", { name: new RegExp(`^${tag}:`) });

/** Waits until a chart has drawn something in a colour other than that of text and lines. @param {Page} page @param {string} tag */
async function drawn(page, tag) {
  const label = await chart(page, tag).locator("canvas").first().elementHandle();
  await page.waitForFunction((canvas) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
    const pixels = /** @type {HTMLCanvasElement} */ (canvas).getContext("2d")?.getImageData(0, 0, width, height).data;
    if (!pixels) return false;
    for (let i = 0; i < pixels.length; i += 4) {
      const [r, g, b, a] = pixels.subarray(i, i + 4);
      if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 100) return true;
    }
    return false;
  }, label);
}

/** @param {Page} page @param {string} tag @param {number} x  Share of its width. @param {number} y */
async function at(page, tag, x, y) {
  const box = await chart(page, tag).boundingBox();
  assert.ok(box);
  return /** @type {const} */ ([box.x + x * box.width, box.y + y * box.height]);
}

test("every scalar has a chart with all runs, and says in words what it shows", async () => {
  const board = await open(await experiment(), { path: "#/series", viewport: { width: 1440, height: 900 } });
  const { page } = board;
  await drawn(page, "loss");
  const label = (await chart(page, "loss").getAttribute("aria-label")) ?? "";
  assert.match(label, /6 runs/);
  assert.match(label, /sigmoid\/seed-0|relu\/seed-0/);
  await page.getByRole("heading", { name: "layer1" }).first().waitFor();
  await page.getByRole("button", { name: /^gradient\/mean_abs/ }).waitFor();
  await axe(page);
  await screenshot(page, "series");
  await board.close();
});

test("dragging zooms, double clicking shows all again, and the address knows it", async () => {
  const board = await open(await experiment(), { path: "#/series" });
  const { page } = board;
  await drawn(page, "loss");
  const [x, y] = await at(page, "loss", 0.4, 0.5);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 80, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => location.hash.includes("zoom=loss"));
  await chart(page, "loss").dblclick();
  await page.waitForFunction(() => !location.hash.includes("zoom"));
  await board.close();
});

test("with the same x for all, zooming one chart zooms the others", async () => {
  const board = await open(await experiment(), { path: "#/series?samex=1" });
  const { page } = board;
  await drawn(page, "loss");
  await drawn(page, "accuracy");
  /** The step that the pointer reads at a share of a chart's width. @param {string} tag */
  const read = async (tag, share = 0.2) => {
    await page.mouse.move(2, 2);
    await page.locator(".chart-tip").waitFor({ state: "detached" });
    const box = await chart(page, tag).boundingBox();
    assert.ok(box);
    await chart(page, tag).hover({ position: { x: box.width * share, y: box.height / 2 } });
    return await page.locator(".chart-tip p").first().textContent();
  };
  const whole = await read("accuracy");
  assert.equal(await read("loss"), whole);
  // What the pointer reads stays where it is; the other side moves.
  await read("loss", 0.9);
  await chart(page, "loss").focus();
  for (let times = 0; times < 4; times += 1) await page.keyboard.press("+");
  await page.waitForFunction(() => location.hash.includes("zoom=*") || location.hash.includes("zoom=%2A"));
  // Fewer steps are shown: the left side is at a later one now, in both charts at the same.
  const zoomed = await read("accuracy");
  assert.notEqual(zoomed, whole);
  assert.equal(await read("loss"), zoomed);
  await board.close();
});

test("the pointer and the arrow keys read the values, the highest first", async () => {
  const board = await open(await experiment(), { path: "#/series?group=" });
  const { page } = board;
  await drawn(page, "loss");
  await page.mouse.move(...(await at(page, "loss", 0.6, 0.5)));
  const tip = page.locator(".chart-tip");
  await tip.waitFor();
  const values = (await tip.locator("td:nth-child(3)").allTextContents()).map(Number);
  assert.equal(values.length, 6);
  assert.deepEqual(
    values,
    [...values].sort((a, b) => b - a),
  );
  await page.mouse.move(2, 2);
  await tip.waitFor({ state: "detached" });
  await chart(page, "loss").focus();
  await page.keyboard.press("ArrowRight");
  await tip.waitFor();
  const first = await tip.locator("p").first().textContent();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((before) => document.querySelector(".chart-tip p")?.textContent !== before, first);
  await board.close();
});

test("runs of a scenario become one line with a band, and the file has its numbers", async () => {
  const board = await open(await experiment(), { path: "#/series?group=scenario&smooth=0.5" });
  const { page } = board;
  await drawn(page, "loss");
  assert.match((await chart(page, "loss").getAttribute("aria-label")) ?? "", /3 groups/);
  const saved = async (/** @type {string} */ kind) => {
    await page.getByLabel("Table and files of loss", { exact: true }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(".series-menu[open]").getByRole("button", { name: kind }).click(),
    ]);
    return fs.readFile(await file.path());
  };
  const csv = (await saved("CSV")).toString();
  assert.match(csv, /^run,tag,step,wall_time,mean,smoothed,percentile_5,percentile_95,runs\r\n/);
  assert.match(csv, /\r\nsigmoid,loss,0,,/);
  assert.match((await saved("SVG")).toString(), /^<svg [\s\S]*<path d="M/);
  assert.deepEqual([...(await saved("PNG")).subarray(1, 4)], [...Buffer.from("PNG")]);
  await board.close();
});

test("the table has last, smallest and largest value of every run", async () => {
  const board = await open(await experiment(), { path: "#/series" });
  const { page } = board;
  await drawn(page, "loss");
  await page.getByLabel("Table and files of loss", { exact: true }).click();
  await page.locator(".series-menu[open]").getByRole("button", { name: "Table" }).click();
  const table = page.getByRole("region", { name: "Table: loss" });
  await table.waitFor();
  await counted(table.locator("tbody tr"), 6);
  await axe(page);
  await board.close();
});

test("a filter finds tags, a pin keeps one at the top, and the link shows another the same", async () => {
  const board = await open(await experiment(), { path: "#/series" });
  const { page } = board;
  await drawn(page, "loss");
  await page.keyboard.press("t");
  await page.keyboard.type("update_ratio/layer[12]$");
  await page.getByText(/^2 of /).waitFor();
  await counted(page.locator(".chart"), 2);
  await page.getByRole("button", { name: "Pin update_ratio/layer2" }).click();
  await page.getByRole("button", { name: /^Pinned/ }).waitFor();
  await page.waitForFunction(() => location.hash.includes("pin="));
  await page.reload();
  await page.getByRole("button", { name: /^Pinned/ }).waitFor();
  await board.close();
});

for (const framework of /** @type {const} */ (["pytorch", "tensorflow", "tensorboardx"])) {
  test(`scalars of ${framework} are drawn`, async () => {
    const board = await open(foreign(framework), { path: "#/series" });
    await board.page.locator(".chart canvas").first().waitFor();
    await board.page.waitForFunction(
      () => !/no points/.test(document.querySelector(".chart canvas")?.getAttribute("aria-label") ?? "no points"),
    );
    await axe(board.page);
    await board.close();
  });
}

test("of twelve thousand tags only the charts near the screen are there, wherever it is", async () => {
  const board = await open(await large(1, 12_000, 3), { path: "#/series" });
  const { page } = board;
  await page.locator(".chart").first().waitFor();
  assert.ok((await page.locator(".chart").count()) < 40);
  await page.locator("main").evaluate((main) => main.scrollTo(0, main.scrollHeight / 2));
  await page.waitForFunction(() => {
    const charts = [...document.querySelectorAll(".chart")];
    return charts.some((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      return top < innerHeight && bottom > 0;
    });
  });
  assert.ok((await page.locator(".chart").count()) < 40);
  await board.close();
});
