// Random numbers with a seed (mulberry32), so that what fails once fails again.

/**
 * @param {number} seed
 * @returns {() => number}  From 0 to 1, without 1.
 */
export function pseudorandom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
