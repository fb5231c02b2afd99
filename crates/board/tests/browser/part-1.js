import { load } from "./parts.js";

await load(1, 2);
