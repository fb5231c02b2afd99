// The place on the x axis that the pointer stands at, for all charts of the page.

import { signal } from "./html.js";

/** `owner` is the chart that the pointer is on. @type {import("../vendor/signals.js").Signal<{x: number, owner: object}|null>} */
export const cursor = signal(/** @type {{x: number, owner: object}|null} */ (null));
