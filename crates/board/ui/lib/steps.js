// Finding a step among recorded ones.

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
