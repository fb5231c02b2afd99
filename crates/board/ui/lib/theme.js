// Light, dark, or as the system has it.

import { computed, effect, signal } from "./html.js";

/** @typedef {"system"|"light"|"dark"} Choice */
/**
 * Colours for what is drawn by hand. @typedef {object} Ink
 * @property {string} background
 * @property {string} surface
 * @property {string} text
 * @property {string} muted
 * @property {string} line
 * @property {string} accent
 * @property {string} warning
 * @property {string} bad
 * @property {string} font
 */

const STORED = "headwater.theme";

/** @returns {Choice} */
function stored() {
  try {
    const text = localStorage.getItem(STORED);
    return text === "light" || text === "dark" ? text : "system";
  } catch {
    return "system";
  }
}

/** What the reader chose. */
export const choice = signal(stored());

const media = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(media.matches);
media.addEventListener("change", () => {
  systemIsDark.value = media.matches;
});

/** Whether the page is dark. */
export const dark = computed(() => (choice.value === "system" ? systemIsDark.value : choice.value === "dark"));

/** The colours of the page as it is now. */
export const ink = signal(/** @type {Ink} */ ({}));

effect(() => {
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  ink.value = {
    background: colour("background"),
    surface: colour("surface"),
    text: colour("text"),
    muted: colour("muted"),
    line: colour("line"),
    accent: colour("accent"),
    warning: colour("warning"),
    bad: colour("bad"),
    font: `11px ${colour("font")}`,
  };
});

/** The next choice: system, light, dark. */
export function turn() {
  choice.value = choice.peek() === "system" ? "light" : choice.peek() === "light" ? "dark" : "system";
  try {
    localStorage.setItem(STORED, choice.peek());
  } catch {
    // A browser that keeps nothing: the choice is for this visit.
  }
}
