// The measures that the server describes in its catalogue, for pages that are tested without a server.

import { readFileSync } from "node:fs";
import { catalogue } from "../../ui/lib/live.js";

/** @type {import("../../ui/lib/types.js").Measure[]} */
export const measures = JSON.parse(readFileSync(new URL("measures.json", import.meta.url), "utf8"));

catalogue.value = /** @type {any} */ ({ measures });
