import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { experiment, fresh, live, open, screenshot, train } from "./harness.js";

const RUNS = ["leaky_relu", "relu", "sigmoid"].flatMap((name) => [`${name}/seed-0`, `${name}/seed-1`]);

test("who opens the board sees the flow of all runs, and that it is live", async () => {
  const board = await open(await experiment());
  await board.page.locator("main[data-page=flow] canvas").first().waitFor();
  await board.page.getByRole("status").getByText("live", { exact: true }).waitFor();
  for (const run of RUNS) await board.page.getByRole("button", { name: `Show ${run} alone` }).waitFor();
  assert.match(await board.page.title(), /Flow/);
  await board.settled();
  await screenshot(board.page, "first-visit");
  await board.close();
});

test("an empty folder says what to do, and shows the first run by itself", async () => {
  const folder = await fresh();
  const board = await open(folder);
  await board.page.getByRole("heading", { name: "No records yet" }).waitFor();
  await board.page.getByText(`headwater train --logdir ${folder}`).waitFor();
  await screenshot(board.page, "empty");
  const run = live(path.join(folder, "mine"));
  await run.write(0, 1, "loss");
  await board.page.getByRole("button", { name: "Show mine alone" }).waitFor();
  await run.end();
  await board.close();
});

test("a folder that is not there yet is waited for", async () => {
  const folder = path.join(await fresh(), "later");
  const board = await open(folder);
  await board.page.getByRole("heading", { name: "No records yet" }).waitFor();
  await train(folder);
  await board.page.getByRole("button", { name: "Show sigmoid/seed-1 alone" }).waitFor();
  await board.page.locator("main canvas").first().waitFor();
  await board.settled();
  await board.close();
});
