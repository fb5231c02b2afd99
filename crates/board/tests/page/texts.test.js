// Texts as they were logged. The server's answers are stubbed.

import assert from "node:assert/strict";
import { test } from "node:test";

// What the modules ask of a browser when they are loaded.
const media = { matches: false, addEventListener() {} };
const page = {
  location: { hash: "" },
  localStorage: { getItem: () => null },
  matchMedia: () => media,
  document: { documentElement: { dataset: {} } },
  getComputedStyle: () => ({ getPropertyValue: () => "" }),
};
for (const [name, value] of Object.entries({ ...page, addEventListener() {} })) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
const { Content, loadTexts } = await import("../../ui/pages/media/texts.js");

/** Element names and texts of what a component draws. @param {any} node @returns {any} */
function drawn(node) {
  if (Array.isArray(node)) return node.map(drawn);
  if (node === null || typeof node !== "object") return node;
  const { children, dangerouslySetInnerHTML: markup } = node.props;
  return [node.type, markup ? { html: markup.__html } : drawn(children)];
}

const RAW = "  <b>not bold</b>\n\n\t*as it is*  ";

test("as logged, a text is text: blanks and line breaks are kept, and nothing is markup", () => {
  const record = { index: 0, step: 0, wall_time: 0, shape: [], raw: [RAW] };
  assert.deepEqual(drawn(Content({ record, raw: true })), [["pre", RAW]]);
});

test("as logged, a tensor of texts is a table of texts", () => {
  const record = { index: 0, step: 0, wall_time: 0, shape: [1, 2], raw: ["a", RAW] };
  const table = JSON.stringify(drawn(Content({ record, raw: true })));
  assert.match(table, /"td",\["pre","a"\]/);
  assert.ok(table.includes(JSON.stringify(["pre", RAW])) && !table.includes("html"));
});

test("formatted, a text is the HTML that the server made of it", () => {
  const record = { index: 0, step: 0, wall_time: 0, shape: [], html: ["<p>a</p>"] };
  assert.deepEqual(drawn(Content({ record, raw: false })), [["div", { html: "<p>a</p>" }]]);
});

test("until the other form has come, nothing is shown as it", () => {
  const record = { index: 0, step: 0, wall_time: 0, shape: [], html: ["<p>a</p>"] };
  assert.deepEqual(drawn(Content({ record, raw: true })), []);
});

test("the server is asked for raw texts only if they are wanted", async () => {
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    return new Response(JSON.stringify({ total: 1, values: [{ step: 0 }] }));
  };
  await loadTexts({ run: "r", tag: "t", raw: true }, 0);
  await loadTexts({ run: "r", tag: "t", raw: false }, 0);
  assert.deepEqual(
    asked.map((url) => new URLSearchParams(url.split("?")[1]).get("raw")),
    ["true", null],
  );
});
