// The first page: does the gradient reach the first layers?

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { axe, counted, drawn, experiment, foreign, fresh, live, open, screenshot } from "./harness.js";

/** @param {import("playwright-core").Page} page */
const sentences = (page) => page.locator(".flow-said li").allInnerTexts();

/** Waits until a sentence is read. @param {import("playwright-core").Page} page @param {RegExp} wanted */
const reads = (page, wanted) => page.locator(".flow-said li", { hasText: wanted }).first().waitFor();

test("every run is said to lose gradient or not, and drawn, and the words are those of the numbers", async () => {
  const board = await open(await experiment(), { path: "#/flow", viewport: { width: 1440, height: 900 } });
  const { page } = board;
  await reads(page, /sigmoid\/seed-0/);
  await board.settled();
  const said = await sentences(page);
  assert.equal(said.length, 6);
  for (const one of said) assert.match(one, /: the gradient (falls|grows|reaches) .*layer6.*\.$/);
  await counted(page.locator(".flow-heats canvas"), 6);
  await drawn(page, ".flow-heats canvas");
  await drawn(page, ".flow-profile canvas");

  await page.locator(".flow-profile .table-toggle").click();
  const rows = await page.locator(".flow-profile tbody tr").allInnerTexts();
  for (const [i, row] of rows.entries()) {
    const cells = row.split("\t").map((cell) => cell.replace("−", "-").trim());
    const ratio = Number(cells[6]) / Number(cells[1]);
    const written = /([\d.,]+)-fold/.exec(said[i]);
    assert.ok(written, said[i]);
    const fold = Number(written[1].replace(",", ""));
    assert.ok(Math.abs(Math.max(ratio, 1 / ratio) / fold - 1) < 0.06, `${said[i]} from ${row}`);
  }
  await axe(page);
  await screenshot(page, "flow");
  await board.close();
});

test("the scrubber and a click on a picture move everything to a step", async () => {
  const board = await open(await experiment(), { path: "#/flow?step=0" });
  const { page } = board;
  await reads(page, /sigmoid\/seed-0/);
  const first = await sentences(page);
  await page.locator(".flow-heats canvas").first().waitFor();
  const box = await page.locator(".flow-heats .canvas-box").first().boundingBox();
  assert.ok(box);
  await page.mouse.click(box.x + box.width * 0.6, box.y + 20);
  await page.waitForFunction(() => /step=\d{2,}/.test(location.hash));
  const step = Number(/step=(\d+)/.exec(page.url())?.[1]);
  assert.ok(step > 100 && step < 250 && step % 20 === 0, `${step} is where a record is, and where was clicked`);
  await page.getByText(`at step ${step},`).first().waitFor();
  assert.notDeepEqual(await sentences(page), first);
  await board.close();
});

test("the quantity stands in the address, and seeds are one panel when they are grouped", async () => {
  const board = await open(await experiment(), { path: "#/flow?group=scenario" });
  const { page } = board;
  await page.getByRole("combobox", { name: /at step/ }).selectOption("units/dead");
  await reads(page, /unit/);
  await page.waitForFunction(() => location.hash.includes("q=units%2Fdead"));
  await page.reload();
  await reads(page, /unit/);
  await board.settled();
  await counted(page.locator(".flow-heats .flow-panel"), 3);
  await counted(page.getByText("mean of 2"), 3);
  await axe(page);
  await board.close();
});

test("a gradient that dies and comes back is told as it happens", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "run"));
  await run.write(0, 0, "gradient/mean_abs/layer1");
  await run.write(0, 0.5, "gradient/mean_abs/layer2");
  const board = await open(folder, { path: "#/flow" });
  const { page } = board;
  await reads(page, /no gradient reaches layer1/);
  await page.getByText("zero", { exact: true }).waitFor();
  await run.write(10, 0.05, "gradient/mean_abs/layer1");
  await run.write(10, 0.5, "gradient/mean_abs/layer2");
  await reads(page, /falls 10-fold from layer2 to layer1/);
  await run.write(20, Number.NaN, "gradient/mean_abs/layer1");
  await run.write(20, Number.NaN, "gradient/mean_abs/layer2");
  await reads(page, /not a number in all 2 layers/);
  await run.end();
  await board.close();
});

test("logs that say nothing of layers are told what to record", async () => {
  const board = await open(foreign("pytorch"), { path: "#/flow" });
  const { page } = board;
  await page.getByRole("heading", { name: "The shown runs say nothing of their layers" }).waitFor();
  for (const what of ["PyTorch", "Keras", "Headwater"]) await page.getByRole("heading", { name: what }).waitFor();
  await axe(page);
  await board.close();
});

test("theory's profile stands beside delta's, and why is told beside what is seen", async () => {
  const board = await open(await experiment(), { path: "#/flow?q=delta%2Frms&step=0" });
  const { page } = board;
  await reads(page, /theory expected [\d.,]+-fold at initialisation/);
  await page.locator(".flow-profile .table-toggle").click();
  const rows = await page.locator(".flow-profile tbody tr").allInnerTexts();
  const cells = (/** @type {string} */ row) => row.split("\t").map((cell) => cell.replace("−", "-").trim());
  const measured = cells(rows.find((row) => row.startsWith("sigmoid/seed-0\t")) ?? "");
  const expected = cells(rows.find((row) => row.startsWith("sigmoid/seed-0, expected")) ?? "");
  assert.equal(expected[6], measured[6], "anchored at the last layer");
  const off = Number(expected[1]) / Number(measured[1]);
  assert.ok(off > 1 / 3 && off < 3, `${measured}; ${expected}`);

  await page.locator(".flow-lines .why").click();
  await page.locator(".idea", { hasText: "chi_1" }).waitFor();
  await axe(page);
  await page.getByRole("button", { name: "All ideas" }).click();
  await page.getByRole("button", { name: "Saturation" }).click();
  await page.locator(".idea", { hasText: "tanh" }).waitFor();
  await page.keyboard.press("Escape");
  await counted(page.locator("dialog"), 0);
  await board.close();
});
