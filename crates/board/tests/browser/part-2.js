import { load } from "./parts.js";

await load(2, 2);
