// Scenarios: runs that differ in nothing but their seed.

/** The part of a name that seeds of one scenario share: "sigmoid/seed-0" is "sigmoid". @param {string} name */
export const scenario = (name) => name.replace(/\/seed-\d+$/, "");

/**
 * So many names that every scenario is among them, if there are not too many: the first of each, then the second of each,
 * and so on.
 *
 * @param {Iterable<string>} names
 * @param {number} most
 * @returns {Set<string>}
 */
export function someOfEach(names, most) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const placed = [...names].map((name) => {
    const place = counts.get(scenario(name)) ?? 0;
    counts.set(scenario(name), place + 1);
    return { name, place };
  });
  placed.sort((a, b) => a.place - b.place);
  return new Set(placed.slice(0, most).map(({ name }) => name));
}
