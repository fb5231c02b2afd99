// Where in ascending numbers one stands.

/**
 * The first index of `xs[from..to]` whose x is not less than `wanted`.
 *
 * @param {ArrayLike<number>} xs  Ascending there.
 * @param {number} wanted
 * @param {number} from
 * @param {number} to
 */
export function lowerBound(xs, wanted, from, to) {
  let [a, b] = [from, to];
  while (a < b) {
    const middle = (a + b) >> 1;
    if (xs[middle] < wanted) a = middle + 1;
    else b = middle;
  }
  return a;
}

/** As `lowerBound`, for an answer that is near `from`. @type {typeof lowerBound} */
export function gallop(xs, wanted, from, to) {
  let reach = 1;
  let start = from;
  while (start + reach < to && xs[start + reach] < wanted) {
    start += reach;
    reach *= 2;
  }
  return lowerBound(xs, wanted, start, Math.min(to, start + reach + 1));
}

/**
 * The index of the last of these ascending steps that is not after `wanted`; 0 if all are.
 *
 * @param {ArrayLike<number>} steps
 * @param {number} wanted
 */
export function indexAt(steps, wanted) {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
