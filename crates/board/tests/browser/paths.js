// Where our programs are and where what the tests make goes; `cargo xtask page` names both.

import path from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");

/** The headwater binary. */
export const BIN = process.env.HEADWATER_BIN ?? path.join(TARGET, "release/headwater");

/** The folder of the built examples of headwater-events. */
export const EXAMPLES = process.env.HEADWATER_EXAMPLES ?? path.join(TARGET, "release/examples");

/** For logs, pictures and saved reports. */
export const OUTPUT = process.env.HEADWATER_OUTPUT ?? path.join(TARGET, "browser");
