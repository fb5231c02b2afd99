// Logs of other frameworks: every page opens without a fault.

import assert from "node:assert/strict";
import { test } from "node:test";
import { foreign, open, screenshot, tabs } from "./harness.js";

for (const framework of /** @type {const} */ (["pytorch", "tensorflow", "tensorboardx", "tensorboard"])) {
  test(`every page opens logs written with ${framework}`, async () => {
    const board = await open(foreign(framework));
    for (const { id } of await tabs(board.page)) {
      await board.page.goto(`${board.url}#/${id}`);
      await board.page.locator(`main[data-page="${id}"] > *`).first().waitFor();
      await board.settled();
      assert.equal(await board.page.locator("main [role=alert]").count(), 0, `${id} complains`);
      await screenshot(board.page, `${framework}-${id}`);
    }
    await board.close();
  });
}
