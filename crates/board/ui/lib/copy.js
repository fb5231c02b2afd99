// Text for the reader's clipboard.

/**
 * @param {string} text
 * @returns {Promise<boolean>}  Whether it is there.
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers offer the clipboard to pages of this machine and of HTTPS only: others copy what is selected.
  }
  const field = document.createElement("textarea");
  field.value = text;
  // In the dialog, if there is one: outside of it nothing can have the focus.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
