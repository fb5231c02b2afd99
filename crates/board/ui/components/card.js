// The frame around one picture: its title, what can be done with it, and what went wrong.

import { html } from "../lib/html.js";

/**
 * @param {object} properties
 * @param {any} properties.title
 * @param {string} [properties.hint]  Shown when the pointer rests on the title.
 * @param {any} [properties.actions]  Buttons, on the right.
 * @param {Error|null} [properties.error]
 * @param {string} [properties.className]
 * @param {{current: HTMLElement|null}} [properties.box]  Gets the element.
 * @param {any} [properties.children]
 */
export function Card({ title, hint, actions, error, className = "", box, children }) {
  return html`
    <section class=${`card ${className}`} ref=${box}>
      <header class="card-head">
        <h3 title=${hint}>${title}</h3>
        <div class="card-actions">${actions}</div>
      </header>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      ${children}
    </section>
  `;
}

/**
 * What is said where there is nothing to show: why, and what to do.
 *
 * @param {{title: string, children?: any}} properties
 */
export const Empty = ({ title, children }) => html`
  <div class="empty">
    <h2>${title}</h2>
    ${children}
  </div>
`;

/**
 * One of a few.
 *
 * @param {object} properties
 * @param {string} properties.label
 * @param {[string, string][]} properties.options  Value and text.
 * @param {string} properties.value
 * @param {(value: string) => void} properties.onChange
 */
export const Choice = ({ label, options, value, onChange }) => html`
  <fieldset class="choice">
    <legend>${label}</legend>
    ${options.map(
      ([key, text]) => html`
      <button type="button" class=${key === value ? "on" : ""} aria-pressed=${key === value} onClick=${() => onChange(key)}>
        ${text}
      </button>
    `,
    )}
  </fieldset>
`;

/**
 * One of many.
 *
 * @param {object} properties
 * @param {string} properties.label
 * @param {[string, string][]} properties.options  Value and text.
 * @param {string} properties.value
 * @param {(value: string) => void} properties.onChange
 */
export const Select = ({ label, options, value, onChange }) => html`
  <label class="field">
    <span>${label}</span>
    <select value=${value} onChange=${(/** @type {Event} */ event) => onChange(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
    </select>
  </label>
`;
