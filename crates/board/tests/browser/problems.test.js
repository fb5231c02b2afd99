import { test } from "node:test";
import { corrupt, experiment, open, screenshot } from "./harness.js";

test("what could not be read is said, with the file and where in it, and everything else is shown", async () => {
  const board = await open(await corrupt());
  await board.page.getByRole("button", { name: /\d+ problems?/ }).click();
  const drawer = board.page.getByRole("dialog");
  await drawer
    .getByText(/sigmoid\/seed-0\/events\.out\.tfevents/)
    .first()
    .waitFor();
  await drawer
    .getByText(/At byte [\d,]+: /)
    .first()
    .waitFor();
  await screenshot(board.page, "problems");
  await board.page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  for (const run of ["sigmoid/seed-0", "relu/seed-1"]) {
    await board.page.getByRole("button", { name: `Show ${run} alone` }).waitFor();
  }
  await board.close();
});

test("where everything could be read, no problem is shown, and the drawer says so", async () => {
  const board = await open(await experiment());
  await board.settled();
  await board.page.getByRole("button", { name: /problem/ }).waitFor({ state: "detached" });
  await board.page.keyboard.press("p");
  await board.page.getByRole("dialog").getByText("There are none.").waitFor();
  await board.close();
});
