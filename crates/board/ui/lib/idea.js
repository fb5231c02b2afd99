// Which idea lies over the page.

import { signal } from "./html.js";

/** The name of an idea, "" for the list of all, null for none. */
export const idea = signal(/** @type {string|null} */ (null));
