// A sheet that slides over the page from the right, and goes away on Escape.

import { html, useEffect, useRef } from "../lib/html.js";

/**
 * @param {object} properties
 * @param {string} properties.title
 * @param {() => void} properties.onClose
 * @param {any} [properties.children]
 */
export function Drawer({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement|null} */ (null));
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closed before it goes: only then does the browser give the focus back to what had it.
    return () => element?.close();
  }, []);
  const outside = (/** @type {MouseEvent} */ event) => {
    if (event.target === dialog.current) onClose();
  };
  return html`
    <dialog class="drawer" ref=${dialog} aria-label=${title} onClose=${() => dialog.current && onClose()} onClick=${outside}>
      <div class="drawer-inside">
        <header>
          <h2>${title}</h2>
          <button type="button" class="quiet" onClick=${onClose}>Close</button>
        </header>
        ${children}
      </div>
    </dialog>
  `;
}
