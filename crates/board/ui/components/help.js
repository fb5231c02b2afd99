// The keys, on `?`.

import { html } from "../lib/html.js";
import { Drawer } from "./drawer.js";

const KEYS = [
  ["?", "this sheet"],
  ["1 … 9", "the pages, from left to right"],
  ["f or /", "filter runs"],
  ["t", "filter tags, where there are tags"],
  ["← →", "move the step; with Shift ten times as far"],
  ["Home, End", "the first step; follow the newest"],
  ["m", "the mean over the whole training, in Flow and Graph"],
  ["space", "play the steps"],
  ["d", "light, dark, as the system has it"],
  ["r", "hide or show the runs"],
  ["w", "what is wrong: the findings"],
  ["p", "what could not be read"],
  ["s", "save this view as a file that opens offline"],
  ["Esc", "close what lies over the page"],
];

/** @param {{onClose: () => void}} properties */
export const Help = ({ onClose }) => html`
  <${Drawer} title="Keys" onClose=${onClose}>
    <table class="facts keys">
      <tbody>${KEYS.map(([key, meaning]) => html`<tr><th scope="row"><kbd>${key}</kbd></th><td>${meaning}</td></tr>`)}</tbody>
    </table>
    <p class="muted">What you choose stands in the page's address: send it, and the other sees what you see. Only colours and light or dark stay in this browser.</p>
  </${Drawer}>
`;
