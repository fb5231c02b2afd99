// "Why?": opens the idea that explains what stands beside it.

import { html } from "../lib/html.js";
import { idea } from "../lib/idea.js";

/**
 * @param {object} properties
 * @param {string} properties.of  The name of the idea.
 * @param {string} properties.about  What it explains, for those who do not see where the button stands.
 */
export const Why = ({ of, about }) => html`
  <button type="button" class="quiet why" data-lively aria-label=${`Why? ${about}`} onClick=${() => {
    idea.value = of;
  }}>Why?</button>
`;
