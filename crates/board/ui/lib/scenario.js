// Scenarios: runs that differ only in their seed.

/** The part of a name that seeds of one scenario share: "sigmoid/seed-0" is "sigmoid". @param {string} name */
export const scenario = (name) => name.replace(/\/seed-\d+$/, "");

/**
 * Up to `most` names, spread over the scenarios: the first name of each scenario, then the second of each, and so on.
 * If there are at most `most` scenarios, each of them is included.
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
