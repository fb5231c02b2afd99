// Labels beside the ends of lines, moved so far apart that they can be read.

/**
 * Places for labels, as near to where they want to be as they can: at least `gap` apart, between `low` and `high`, in the
 * order in which they want to stand. If there is no room for all, they stand closer.
 *
 * @param {number[]} wanted
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const room = wanted.length > 1 ? Math.min(gap, (high - low) / (wanted.length - 1)) : gap;
  // Labels that touch are a block, which stands where its labels would like it best on average.
  /** @type {{sum: number, count: number}[]} */
  const blocks = [];
  const start = (/** @type {{sum: number, count: number}} */ { sum, count }) =>
    Math.min(Math.max(sum / count, low), high - (count - 1) * room);
  for (const i of order) {
    blocks.push({ sum: wanted[i], count: 1 });
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2);
      if (start(before) + before.count * room <= start(last) + 1e-9) break;
      // Each label of the later block wants its start to be so much further up.
      before.sum += last.sum - last.count * before.count * room;
      before.count += last.count;
      blocks.pop();
    }
  }
  const places = new Array(wanted.length).fill(0);
  let next = 0;
  for (const block of blocks) {
    for (let k = 0; k < block.count; k += 1) {
      places[order[next]] = start(block) + k * room;
      next += 1;
    }
  }
  return places;
}
