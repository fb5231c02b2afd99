// The present view as one HTML file that opens without a server and without a network.

import { isAsking } from "./api.js";
import { download } from "./download.js";
import { everything } from "./html.js";
import { catalogue } from "./live.js";
import { styled } from "./styled.js";

/** What only makes sense while the page is alive. */
const LIVELY =
  ".choice, .field, button, input, select, dialog, .runs, .tabs, .scrubber, .tip, .card-actions, [data-lively]";

/** The rules of all style sheets of the page. */
function styles() {
  return [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join("\n");
}

/**
 * Writes the state of a copy's drawings into it, from the original's.
 *
 * @param {Element} original
 * @param {Element} copy
 */
function settle(original, copy) {
  const [canvases, copies] = [original.querySelectorAll("canvas"), copy.querySelectorAll("canvas")];
  for (const [i, canvas] of canvases.entries()) {
    const picture = document.createElement("img");
    picture.src = canvas.width > 0 && canvas.height > 0 ? canvas.toDataURL("image/png") : "data:,";
    picture.alt = canvas.getAttribute("aria-label") ?? "";
    picture.className = canvas.className;
    picture.style.cssText = canvas.style.cssText;
    const { width, height } = canvas.getBoundingClientRect();
    picture.style.width = `${width}px`;
    picture.style.height = `${height}px`;
    copies[i].replaceWith(picture);
  }
  const [images, imageCopies] = [original.querySelectorAll("img"), copy.querySelectorAll("img[src^='api/']")];
  const bySource = new Map([...images].map((image) => [image.getAttribute("src"), image]));
  for (const image of imageCopies) {
    const source = bySource.get(image.getAttribute("src"));
    if (!source?.complete || source.naturalWidth === 0) {
      image.remove();
      continue;
    }
    const canvas = document.createElement("canvas");
    canvas.width = source.naturalWidth;
    canvas.height = source.naturalHeight;
    canvas.getContext("2d")?.drawImage(source, 0, 0);
    image.setAttribute("src", canvas.toDataURL("image/png"));
  }
  for (const sound of copy.querySelectorAll("audio, video")) sound.remove();
}

/** @param {string} text */
const escaped = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);

/**
 * The report as text.
 *
 * @param {Element} main  What is shown.
 * @param {string} title
 * @param {Element} findings  What is said of the shown runs.
 */
export function report(main, title, findings) {
  const copy = /** @type {Element} */ (main.cloneNode(true));
  settle(main, copy);
  copy.append(findings);
  // What a button says may be what the picture is about: a column's head, a run's name.
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (copy.querySelectorAll("button[data-kept]"))) {
    const text = document.createElement("span");
    text.className = button.className;
    text.style.cssText = button.style.cssText;
    text.append(...button.childNodes);
    button.replaceWith(text);
  }
  for (const element of copy.querySelectorAll(LIVELY)) element.remove();
  // Where a link within the page led to is not in the report.
  for (const anchor of copy.querySelectorAll("a[href^='#']")) {
    const text = document.createElement("span");
    text.className = anchor.className;
    text.append(...anchor.childNodes);
    anchor.replaceWith(text);
  }
  const theme = document.documentElement.dataset.theme ?? "light";
  const logdir = catalogue.peek()?.logdir ?? "";
  const when = new Date().toISOString().replace("T", " ").slice(0, 19);
  return `<!doctype html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>${styles().replaceAll("</", "<\\/")}</style>
</head>
<body class="report">
<header class="report-head"><h1>${escaped(title)}</h1><p>${escaped(logdir)} · ${when} UTC · view ${escaped(location.hash)}</p></header>
${copy.outerHTML}
</body>
</html>
`;
}

/** How long a report waits for what it shows, in milliseconds. */
const PATIENCE = 15_000;

/** How often it is looked whether everything has come, in milliseconds, and how often it must have come in a row. */
const LOOK = 60;
const QUIET = 5;

/**
 * Waits until what was below the fold has come too, and was drawn.
 *
 * @param {Element} main
 */
async function settled(main) {
  const end = performance.now() + PATIENCE;
  for (let quiet = 0; quiet < QUIET && performance.now() < end; ) {
    const images = [...main.querySelectorAll("img")];
    for (const image of images) image.loading = "eager";
    await new Promise((resolve) => setTimeout(resolve, LOOK));
    quiet = isAsking() || images.some((image) => !image.complete) ? 0 : quiet + 1;
  }
}

/**
 * Gives the reader the report.
 *
 * @param {string} title
 */
export async function saveReport(title) {
  const main = document.querySelector("main");
  if (!main || everything.peek()) return;
  everything.value = true;
  try {
    await settled(main);
    // Loaded when it is needed: most visitors save none.
    const { reported } = await styled("components/findings", import("../components/findings-report.js"));
    const text = report(main, title, await reported());
    const name = `headwater-${title.toLowerCase().replace(/\W+/g, "-")}.html`;
    download(name, new Blob([text], { type: "text/html;charset=utf-8" }));
  } finally {
    everything.value = false;
  }
}
