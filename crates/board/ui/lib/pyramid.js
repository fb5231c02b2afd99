// Extremes of any range of a series without looking at all of its points. A node of the lowest level sums up sixteen
// values, a node of the next one sixteen nodes, and so on: one and a half bytes and a bit for each point. A spike of one point in a
// million is in every answer that it belongs to.

const FAN = 16;

/** What is not a number that has a place: as bits, so that a range can have several. */
export const NAN = 1;
export const PLUS = 2;
export const MINUS = 4;

/**
 * What a range holds.
 *
 * @typedef {object} Extremes
 * @property {number} low  Smallest finite value, Infinity if there is none.
 * @property {number} high  Largest finite value, -Infinity if there is none.
 * @property {number} positive  Smallest positive finite value, Infinity if there is none.
 * @property {number} flags  NAN, PLUS and MINUS, if there are such values.
 */

/** @returns {Extremes} */
export const nothing = () => ({ low: Infinity, high: -Infinity, positive: Infinity, flags: 0 });

/** @param {number} value */
const flag = (value) => (Number.isNaN(value) ? NAN : value > 0 ? PLUS : MINUS);

/**
 * @param {Extremes} into
 * @param {number} value
 */
function takeValue(into, value) {
  if (!Number.isFinite(value)) {
    into.flags |= flag(value);
    return;
  }
  if (value < into.low) into.low = value;
  if (value > into.high) into.high = value;
  if (value > 0 && value < into.positive) into.positive = value;
}

class Level {
  constructor() {
    this.length = 0;
    this.low = new Float64Array(0);
    this.high = new Float64Array(0);
    this.positive = new Float64Array(0);
    this.flags = new Uint8Array(0);
  }

  /** @param {number} length */
  grow(length) {
    if (length > this.low.length) {
      const room = Math.max(length, Math.ceil(this.low.length * 1.5), 4);
      for (const name of /** @type {const} */ (["low", "high", "positive"])) {
        const grown = new Float64Array(room);
        grown.set(this[name].subarray(0, this.length));
        this[name] = grown;
      }
      const flags = new Uint8Array(room);
      flags.set(this.flags.subarray(0, this.length));
      this.flags = flags;
    }
    this.length = length;
  }

  /**
   * @param {Extremes} into
   * @param {number} i
   */
  take(into, i) {
    if (this.low[i] < into.low) into.low = this.low[i];
    if (this.high[i] > into.high) into.high = this.high[i];
    if (this.positive[i] < into.positive) into.positive = this.positive[i];
    into.flags |= this.flags[i];
  }

  /**
   * @param {number} i
   * @param {Extremes} node
   */
  put(i, node) {
    this.low[i] = node.low;
    this.high[i] = node.high;
    this.positive[i] = node.positive;
    this.flags[i] = node.flags;
  }
}

export class Pyramid {
  constructor() {
    this.length = 0;
    /** @type {Level[]} */
    this.levels = [];
  }

  /** Forgets everything. */
  clear() {
    this.length = 0;
    for (const level of this.levels) level.grow(0);
  }

  /**
   * Takes in the values from the present length to `length`; those before must not have changed.
   *
   * @param {ArrayLike<number>} values
   * @param {number} length
   */
  extend(values, length) {
    let first = this.length;
    let below = length;
    for (let k = 0; below > FAN; k += 1) {
      this.levels[k] ??= new Level();
      const level = this.levels[k];
      const under = this.levels[k - 1];
      const nodes = Math.ceil(below / FAN);
      // The last node may have been summed up when it was not yet full; a level that did not exist begins at its first.
      first = Math.min(Math.floor(first / FAN), level.length);
      level.grow(nodes);
      for (let i = first; i < nodes; i += 1) {
        const node = nothing();
        const end = Math.min((i + 1) * FAN, below);
        for (let j = i * FAN; j < end; j += 1) {
          if (under) under.take(node, j);
          else takeValue(node, values[j]);
        }
        level.put(i, node);
      }
      below = nodes;
    }
    this.length = length;
  }

  /**
   * Adds what `values[from..to]` hold to `into`.
   *
   * @param {ArrayLike<number>} values  Those that the pyramid was made of.
   * @param {number} from
   * @param {number} to
   * @param {Extremes} into  Changed, and returned.
   */
  range(values, from, to, into) {
    let [a, b, k] = [from, to, -1];
    while (a < b) {
      const level = this.levels[k];
      const above = this.levels[k + 1];
      const climb = b - a >= 2 * FAN && above !== undefined && above.length > 0;
      const stopA = climb ? Math.ceil(a / FAN) * FAN : b;
      const stopB = climb ? Math.floor(b / FAN) * FAN : b;
      for (; a < stopA; a += 1) {
        if (level) level.take(into, a);
        else takeValue(into, values[a]);
      }
      for (; b > stopB; b -= 1) {
        if (level) level.take(into, b - 1);
        else takeValue(into, values[b - 1]);
      }
      if (!climb) break;
      a /= FAN;
      b /= FAN;
      k += 1;
    }
    return into;
  }
}
