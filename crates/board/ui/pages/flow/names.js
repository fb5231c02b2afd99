// Names of layers where there is little room.

/** Names that are no longer than this stay as they are. */
const SHORT = 12;

/** @param {string} name */
const pieces = (name) => name.split(/(?<=[./_-])/);

/**
 * How many pieces all have in common, from the beginning.
 *
 * @param {string[][]} all
 */
function common(all) {
  let count = 0;
  while (all.every((name) => name.length > count + 1 && name[count] === all[0][count])) count += 1;
  return count;
}

/**
 * Long names without what they all have in common, but for the last word before what tells them apart:
 * "encoder.block.1.dense" becomes "block.1".
 *
 * @param {string[]} names
 * @returns {string[]}
 */
export function brief(names) {
  if (names.length < 2 || names.every(({ length }) => length <= SHORT)) return names;
  const all = names.map(pieces);
  const head = Math.max(0, common(all) - 1);
  const tail = common(all.map((name) => [...name.slice(head)].reverse()));
  const found = all.map((name) =>
    name
      .slice(head, name.length - tail)
      .join("")
      .replace(/[./_-]$/, ""),
  );
  return new Set(found).size === new Set(names).size && !found.includes("") ? found : names;
}
