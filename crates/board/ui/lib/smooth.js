// Smoothing as TensorBoard does it: an exponential moving average that is freed of its bias towards zero.
//
//     m_i = w m_(i-1) + (1 - w) y_i,   s_i = m_i / (1 - w^i),   m_0 = 0
//
// (Kingma and Ba, "Adam", 2015, section 3, for the division.)

/**
 * What the average has come to, so that new points can be added to it.
 *
 * @typedef {object} Average
 * @property {number} sum  m_i
 * @property {number} share  1 - w^i, the sum of the weights in m_i.
 */

/** @returns {Average} */
export const average = () => ({ sum: 0, share: 0 });

/**
 * Smooths `values[from..to]` into the same places of `into`. A value that is not finite stays what it is and does not
 * enter the average. Where a training was begun anew the average begins anew.
 *
 * @param {ArrayLike<number>} values
 * @param {number} weight  From 0, nothing is smoothed, to below 1.
 * @param {Float64Array} into
 * @param {number} from
 * @param {number} to
 * @param {Average} state  Changed.
 * @param {(index: number) => boolean} [anew]  Whether a training begins at an index.
 */
export function smooth(values, weight, into, from, to, state, anew) {
  for (let i = from; i < to; i += 1) {
    if (anew?.(i)) {
      state.sum = 0;
      state.share = 0;
    }
    const value = values[i];
    if (!Number.isFinite(value)) {
      into[i] = value;
      continue;
    }
    state.sum = weight * state.sum + (1 - weight) * value;
    state.share = weight * state.share + (1 - weight);
    into[i] = state.sum / state.share;
  }
}
