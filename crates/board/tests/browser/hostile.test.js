// Names and texts out of logs are shown as they are, and are never markup, scripts, addresses or property names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hostile, open, screenshot, visit } from "./harness.js";

/** What the names and texts would be if they were markup. */
const MARKUP = "main script, main iframe, main style, x-evil, img[src=x], [onload], [onerror]";

test("on no page do hostile names and texts become anything but text", async () => {
  const board = await open(await hostile());
  for await (const { id } of visit(board)) {
    const found = await board.page.evaluate(
      (MARKUP) => ({
        pwned: "pwned" in globalThis,
        elements: [...document.querySelectorAll(MARKUP)].map((element) => element.outerHTML.slice(0, 100)),
        links: [...document.querySelectorAll("a")].map((a) => a.href).filter((href) => /^javascript:/i.test(href)),
        broken: document.querySelectorAll("main .empty[role=alert]").length,
      }),
      MARKUP,
    );
    assert.deepEqual(found, { pwned: false, elements: [], links: [], broken: 0 }, `on the page ${id}`);
    await screenshot(board.page, `hostile-${id}`);
  }
  await board.close();
});

test("hostile runs are listed by their names, and can be shown alone", async () => {
  const board = await open(await hostile());
  const name = "<img src=x onerror=pwned=1>";
  await board.page.getByRole("button", { name: `Show ${name} alone` }).click();
  await board.page.getByText("1 of 6 shown").waitFor();
  await board.page.waitForURL(/solo=/);
  await board.page.reload();
  await board.page.getByText("1 of 6 shown").waitFor();
  await board.close();
});

for (const query of ["runs=%2B%25,-&step=NaN&solo=__proto__&group=constructor", "f=(&tags=[&runs=%2Bnobody"]) {
  test(`an address that was tampered with still shows the page: ${query}`, async () => {
    const board = await open(await hostile(), { path: `#/flow?${query}` });
    await board.page.getByRole("complementary", { name: "Runs" }).waitFor();
    await board.settled();
    assert.equal(await board.page.locator("main .empty[role=alert]").count(), 0);
    await board.close();
  });
}
