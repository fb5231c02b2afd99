// A sentence with factors in it.

import { html } from "../lib/html.js";

/**
 * The sentence, whose factors are not broken over lines.
 *
 * @param {string} said
 * @param {boolean} [bold]  Whether the factor of its first sentence is bold.
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
