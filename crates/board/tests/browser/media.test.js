// Images, sounds and texts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, counted, experiment, foreign, hostile, open, screenshot } from "./harness.js";

for (const framework of /** @type {const} */ (["pytorch", "tensorflow"])) {
  test(`images, sounds and texts that ${framework} wrote are shown`, async () => {
    const board = await open(foreign(framework), { path: "#/media" });
    const { page } = board;
    await page.locator(".picture img").first().waitFor();
    await page.waitForFunction(() =>
      [...document.querySelectorAll("img")].every((image) => image.complete && image.naturalWidth > 0),
    );
    // What is far below is loaded when it is scrolled to.
    await page.locator(".sound").first().scrollIntoViewIfNeeded();
    const sound = page.locator("audio").first();
    await sound.waitFor();
    const playable = await sound.evaluate(
      (element) =>
        new Promise((done) => {
          const audio = /** @type {HTMLAudioElement} */ (element);
          audio.onloadedmetadata = () => done(audio.duration > 0);
          audio.onerror = () => done(false);
          audio.load();
          audio.preload = "metadata";
        }),
    );
    assert.ok(playable);
    await page.locator(".text-series").first().scrollIntoViewIfNeeded();
    const text = page.locator(".markdown").first();
    await text.waitFor();
    assert.notEqual(((await text.textContent()) ?? "").trim(), "");
    await axe(page);
    await screenshot(page, `media-${framework}`);
    await board.close();
  });
}

test("the text at the chosen step is shown, and earlier ones on demand", async () => {
  const board = await open(foreign("pytorch"), { path: "#/media?mkind=text&step=1" });
  const { page } = board;
  const series = page.locator(".text-series").first();
  await series.locator(".text-record").first().waitFor();
  await counted(series.locator(".text-record"), 1);
  assert.match((await series.locator("figcaption").textContent()) ?? "", /step 1\b/);
  await series.getByRole("button", { name: "Earlier texts" }).click();
  await counted(series.locator(".text-record"), 2);
  await board.close();
});

test("a tensor of texts is a table", async () => {
  const board = await open(foreign("tensorboard"), { path: "#/media?mkind=text" });
  const { page } = board;
  await page.locator(".markdown").first().waitFor();
  assert.ok((await page.locator(".text-record table td").count()) > 0);
  await board.close();
});

test("our configuration is a text like any other", async () => {
  const board = await open(await experiment(), { path: "#/media" });
  const { page } = board;
  await page.locator(".text-series").first().scrollIntoViewIfNeeded();
  await page.locator(".markdown").first().waitFor();
  await axe(page);
  await screenshot(page, "media-experiment");
  await board.close();
});

test("texts are shown as they were logged on request, and the link shows another the same", async (t) => {
  const board = await open(foreign("pytorch"), { path: "#/media?mkind=text" });
  const { page } = board;
  await page.locator(".markdown").first().waitFor();
  const [tag, run] = ((await page.locator(".text-series").first().getAttribute("aria-label")) ?? "").split(", ");
  const { values } = await (
    await page.request.get(`${board.url}api/text?${new URLSearchParams({ run, tag, raw: "true" })}`)
  ).json();
  if (!values[0].raw) {
    t.skip("this server does not tell texts as they were logged");
    await board.close();
    return;
  }
  await page.getByRole("button", { name: "As logged" }).click();
  await page.locator(".raw").first().waitFor();
  await counted(page.locator(".markdown"), 0);
  await page.waitForURL(/mraw=1/);
  await page.reload();
  const shown = await page.locator(".text-series").first().locator(".raw").first().textContent();
  assert.ok(
    values.some((/** @type {{raw: string[]}} */ value) => value.raw[0] === shown),
    shown ?? "",
  );
  await axe(page);
  await board.close();
});

test("texts and tags from a log are never markup", async () => {
  const board = await open(await hostile(), { path: "#/media" });
  await board.settled();
  const made = await board.page.locator("main script, main iframe, main [onerror], main [onload], main style").count();
  assert.equal(made, 0);
  await board.close();
});
