// The first page: does the gradient reach the first layers?

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { axe, counted, drawn, experiment, foreign, fresh, live, open, screenshot, verdict } from "./harness.js";

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
  for (const one of said) {
    assert.match(one, /: mean \|dC\/dW\| (falls .*|grows .*|neither falls nor grows) from layer6 to layer1\./);
  }
  await counted(page.locator(".flow-heats canvas"), 6);
  await drawn(page, ".flow-heats canvas");
  await drawn(page, ".flow-profile canvas");

  await page.locator(".flow-profile .table-toggle").click();
  const rows = await page.locator(".flow-profile tbody tr").allInnerTexts();
  for (const [i, row] of rows.entries()) {
    const cells = row.split("\t").map((cell) => cell.replace("−", "-").trim());
    const ratio = Number(cells[6]) / Number(cells[1]);
    const written = /dW\| (?:falls|grows) ([\d.,]+)-fold/.exec(said[i]);
    if (!written && Math.abs(Math.log(ratio)) < 0.06) continue;
    assert.ok(written, said[i]);
    const fold = Number(written[1].replace(",", ""));
    assert.ok(Math.abs(Math.max(ratio, 1 / ratio) / fold - 1) < 0.06, `${said[i]} from ${row}`);
  }
  await axe(page);
  await screenshot(page, "flow");
  await board.close();
});

test("the first look is of the whole training, the sickest run first, with the numbers of headwater train", async () => {
  const board = await open(await experiment(), { path: "?" });
  const { page } = board;
  await reads(page, /sigmoid\/seed-0/);
  // The findings come a little later than the numbers.
  await page.locator(".flow-said .flow-finding").nth(1).waitFor();
  await board.settled();
  const said = await sentences(page);
  assert.match(said[0], /^sigmoid/);
  assert.match(said[1], /^sigmoid/);
  const falls = said.slice(0, 2).map((one) => Number(/falls ([\d,.]+)-fold/.exec(one)?.[1].replace(",", "")));
  assert.ok(falls[0] >= falls[1], `${falls}`);
  for (const run of await verdict()) {
    const sentence = said.find((one) => one.startsWith(`${run.run}:`));
    assert.ok(sentence, `${run.run} in ${said}`);
    const { mean_abs: means } = run;
    const ratio = means[means.length - 1] / means[0];
    const written = /dW\| (falls|grows) ([\d.,]+)-fold from layer6/.exec(sentence);
    assert.ok(written, sentence);
    const fold = Number(written[2].replace(",", ""));
    assert.ok(Math.abs((written[1] === "falls" ? ratio : 1 / ratio) / fold - 1) < 0.05, `${sentence} of ${ratio}`);
    // The factors of the parts multiply to the total.
    const factors = [...sentence.matchAll(/(falls|grows|shrinks?|enlarges?) (?:it )?([\d.,]+)-fold/g)].slice(1);
    const [delta, ...parts] = factors.map(([, verb, text]) => {
      const ln = Math.log(Number(text.replace(",", "")));
      return /falls|shrink/.test(verb) ? -ln : ln;
    });
    assert.ok(Math.abs(parts.reduce((sum, ln) => sum + ln, 0) - delta) < 0.02, sentence);
    const sum = Object.values(run.gains).reduce((all, gain) => all + gain, 0);
    assert.ok(Math.abs(sum - delta) < 0.01, `${sentence}, and ${sum}`);
  }
  await page.getByRole("button", { name: "whole training", pressed: true }).waitFor();
  assert.equal(await page.getByRole("spinbutton", { name: "step" }).inputValue(), "");
  await counted(page.locator(".flow-step"), 0);
  await axe(page);
  // The heading of the heatmap and the Graph page show the same number.
  const number = /dW\| (falls [\d.,]+-fold from layer6 to layer1)/.exec(said[0])?.[1] ?? "";
  await page.locator(".flow-heats .flow-panel").first().getByText(number).waitFor();
  await page.getByRole("link", { name: "Graph", exact: true }).click();
  await page.locator(".network-column").first().getByText(`mean |dC/dW| ${number}`).waitFor();
  await board.close();
});

test("at a step every number says so, and m goes back to the whole training", async () => {
  const board = await open(await experiment());
  const { page } = board;
  await page.locator(".flow-said .flow-finding").nth(1).waitFor();
  const whole = await sentences(page);
  await page.locator("main").focus();
  await page.keyboard.press("Home");
  await reads(page, /^sigmoid\/seed-0, at step 0: mean/);
  for (const one of await sentences(page)) assert.match(one, /, at step 0: /);
  for (const head of await page.locator(".flow-panel .flow-product").allInnerTexts()) assert.match(head, /at step 0/);
  await page.getByText("mean |dC/dW| of each layer, at step 0", { exact: true }).waitFor();
  assert.notDeepEqual(await sentences(page), whole);
  await page.keyboard.press("End");
  await reads(page, /^sigmoid\/seed-0, at step 299: mean/);
  await page.waitForURL(/step=newest/);
  await page.keyboard.press("m");
  await page.waitForURL((url) => !url.hash.includes("step"));
  await page.getByText("mean of 16 recorded steps, 0 to 299").waitFor();
  assert.deepEqual((await sentences(page)).sort(), whole.sort());
  await board.close();
});

test("a finding beside a sentence leads to the step since which it is seen", async () => {
  const board = await open(await experiment());
  const { page } = board;
  const finding = page.locator(".flow-said .flow-finding").first();
  await finding.waitFor();
  assert.match((await finding.textContent()) ?? "", /error: vanishing, steps 0 to 299/);
  await finding.click();
  await reads(page, /^sigmoid\/seed-\d, at step 0: mean/);
  assert.match(page.url(), /#\/flow\?.*step=0/);
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
  await page.getByRole("combobox", { name: /over the whole training/ }).selectOption("units/dead");
  await reads(page, /unit/);
  await page.waitForFunction(() => location.hash.includes("q=units%2Fdead"));
  await page.reload();
  await reads(page, /unit/);
  await board.settled();
  await counted(page.locator(".flow-heats .flow-panel"), 3);
  await counted(page.getByText("median of 2"), 3);
  await page.keyboard.press("Home");
  await counted(page.getByText("mean of 2"), 3);
  await axe(page);
  await board.close();
});

test("a gradient that dies and comes back is told as it happens", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "run"));
  await run.write(0, 0, "gradient/mean_abs/layer1");
  await run.write(0, 0.5, "gradient/mean_abs/layer2");
  const board = await open(folder, { path: "#/flow?step=newest" });
  const { page } = board;
  await reads(page, /at step 0: no gradient reaches layer1/);
  await page.getByText("zero", { exact: true }).waitFor();
  await run.write(10, 0.05, "gradient/mean_abs/layer1");
  await run.write(10, 0.5, "gradient/mean_abs/layer2");
  await reads(page, /falls 10-fold from layer2 to layer1/);
  await run.write(20, Number.NaN, "gradient/mean_abs/layer1");
  await run.write(20, Number.NaN, "gradient/mean_abs/layer2");
  await reads(page, /at step 20: mean \|dC\/dW\| is not a number in both layers\./);
  // Over the whole training, NaN is left out, and the sentence says so.
  await page.getByRole("button", { name: "whole training" }).click();
  await reads(
    page,
    /falls 20-fold from layer2 to layer1; 0 in layer1 at 1 of 3 recorded steps; not a number in both layers at 1 of 3 recorded steps/,
  );
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
  await reads(page, /Theory expects that it falls [\d.,]+-fold at initialisation/);
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
