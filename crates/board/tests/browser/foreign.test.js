// Logs of other frameworks: every page opens without a fault.

import assert from "node:assert/strict";
import { test } from "node:test";
import { foreign, open, screenshot, visit } from "./harness.js";

for (const framework of /** @type {const} */ (["pytorch", "tensorflow", "tensorboardx", "tensorboard"])) {
  test(`every page opens logs written with ${framework}`, async () => {
    const board = await open(foreign(framework));
    for await (const { id } of visit(board)) {
      assert.equal(await board.page.locator("main [role=alert]").count(), 0, `${id} complains`);
      await screenshot(board.page, `${framework}-${id}`);
    }
    await board.close();
  });
}
