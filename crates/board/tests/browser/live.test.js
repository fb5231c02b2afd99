import path from "node:path";
import { test } from "node:test";
import { counted, experiment, fresh, live, open, serve, shared, train } from "./harness.js";

test("a run that grows is seen growing, without a reload", async () => {
  const folder = await fresh();
  const run = live(path.join(folder, "growing"));
  await run.write(0, 1, "loss");
  const board = await open(folder, { path: "#/series" });
  const { page } = board;
  await page.locator("main canvas").first().waitFor();
  /** @param {number} step */
  const reached = (step) =>
    page.waitForFunction(
      async (step) => {
        const { runs } = await (await fetch("api/catalogue")).json();
        return runs[0].last_step === step;
      },
      step,
      { polling: 100 },
    );
  await run.write(1, 0.5, "loss");
  await reached(1);
  await run.write(2, 0.25, "another");
  await page.getByText("another").first().waitFor();
  await run.end();
  await board.close();
});

test("the experiment is watched while it trains", async () => {
  const folder = await fresh();
  const board = await open(folder);
  await board.page.getByRole("heading", { name: "No records yet" }).waitFor();
  const training = train(folder);
  await board.page.locator("main canvas").first().waitFor();
  await training;
  for (const run of ["sigmoid/seed-0", "leaky_relu/seed-1"]) {
    const row = board.page.locator("li.run", { has: board.page.getByRole("button", { name: `Show ${run} alone` }) });
    await row.getByText("done").waitFor();
  }
  await board.settled();
  await board.close();
});

test("a page whose server goes away says so, and goes on when it is back", async () => {
  const logs = await experiment();
  const first = await serve(logs);
  const port = Number(new URL(first.url).port);
  const context = await (await shared()).newContext();
  const page = await context.newPage();
  await page.goto(first.url);
  await page.locator("main canvas").first().waitFor();
  await first.stop();
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
  const second = await serve(logs, port);
  await counted(page.getByRole("alert"), 0);
  await context.close();
  await second.stop();
});

test("a page under which the server is replaced shows the new log alone", async () => {
  const [before, after] = [await fresh(), await fresh()];
  for (const [folder, points, value] of /** @type {[string, number, number][]} */ ([
    [before, 3, 1],
    [after, 6, 2],
  ])) {
    const run = live(path.join(folder, "run"));
    for (let step = 0; step < points; step += 1) await run.write(step, value, "loss");
    await run.end();
  }
  const first = await serve(before);
  const context = await (await shared()).newContext();
  const page = await context.newPage();
  /** @param {number[]} values */
  const shows = (values) =>
    page.waitForFunction(
      async (values) => {
        const { column } = await import(new URL("ui/lib/scalars.js", document.baseURI).href);
        return JSON.stringify([...column("run", "loss").values]) === JSON.stringify(values);
      },
      values,
      { polling: 100 },
    );
  await page.goto(`${first.url}#/series`);
  await shows([1, 1, 1]);
  await first.stop();
  const second = await serve(after, Number(new URL(first.url).port));
  await shows([2, 2, 2, 2, 2, 2]);
  await context.close();
  await second.stop();
});

test("a run that the catalogue has no more is gone from every part of the page", async () => {
  const folder = await fresh();
  const [kept, gone] = [live(path.join(folder, "kept")), live(path.join(folder, "gone"))];
  for (let step = 0; step < 5; step += 1) {
    await kept.write(step, 1 / (step + 1), "loss");
    await gone.write(step, step === 4 ? Number.NaN : 1, "loss");
  }
  await gone.end();
  const board = await open(folder, { path: "#/series?solo=gone" });
  const { page } = board;
  await page.getByRole("button", { name: /^Findings: 1 of 2 runs/ }).waitFor();
  await page.getByRole("group", { name: /^loss: 1 run,.* gone / }).waitFor();
  // As if its folder had been removed.
  await page.route("**/api/catalogue", async (route) => {
    const response = await route.fetch();
    const all = await response.json();
    await route.fulfill({
      response,
      json: { ...all, runs: all.runs.filter((/** @type {any} */ run) => run.name !== "gone") },
    });
  });
  await kept.write(5, 0.1, "loss");
  await page.getByText("1 of 1 shown").waitFor();
  await counted(page.getByRole("button", { name: /gone/ }), 0);
  await page.getByRole("group", { name: /^loss: 1 run,.* kept / }).waitFor();
  await page.getByRole("button", { name: "Findings", exact: true }).waitFor();
  await kept.end();
  await board.close();
});
