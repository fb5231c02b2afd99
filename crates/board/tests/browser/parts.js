// The test files in a few parts, each for one process with one browser: `node --test` alone would start a process and a
// browser for each file.

import fs from "node:fs/promises";

const HERE = new URL(".", import.meta.url);

/**
 * Deals files to parts: the longest first, and each to the part that has least to do so far.
 *
 * @param {{name: string, size: number}[]} files
 * @param {number} parts
 * @returns {string[][]}  Names; every file is in exactly one part.
 */
export function dealt(files, parts) {
  const found = Array.from({ length: parts }, () => ({ load: 0, names: /** @type {string[]} */ ([]) }));
  for (const { name, size } of [...files].sort((a, b) => b.size - a.size || a.name.localeCompare(b.name))) {
    const least = found.reduce((best, part) => (part.load < best.load ? part : best));
    least.load += size;
    least.names.push(name);
  }
  return found.map(({ names }) => names);
}

/**
 * Loads the test files of one part.
 *
 * @param {number} part  From 1.
 * @param {number} parts
 */
export async function load(part, parts) {
  const names = (await fs.readdir(HERE)).filter((name) => name.endsWith(".test.js"));
  const sizes = names.map(async (name) => ({ name, size: (await fs.stat(new URL(name, HERE))).size }));
  for (const name of dealt(await Promise.all(sizes), parts)[part - 1]) await import(new URL(name, HERE).href);
}
