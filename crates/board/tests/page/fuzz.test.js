import { test } from "node:test";
import { once } from "./fuzz.js";

test("whatever the server sends and whatever stands in an address, nothing breaks and everything has a place", () => {
  for (let seed = 0; seed < 400; seed += 1) once(seed);
});
