// A sentence with factors in it.

import { html } from "../lib/html.js";

/**
 * The sentence, with each factor kept on one line.
 *
 * @param {string} said
 * @param {boolean} [bold]  Whether to set the first factor in bold, if it is in the first sentence.
 */
export const factored = (said, bold = false) =>
  said
    .split(/(\S+-fold)/)
    .map((part, i, all) =>
      i % 2 === 0
        ? part
        : bold && i === 1 && !all[0].includes(". ")
          ? html`<b>${part}</b>`
          : html`<span class="factor">${part}</span>`,
    );
