// What lines are made of on the screen, kept from frame to frame so that drawing makes no rubbish.

/** @param {Float32Array<ArrayBuffer>} old @param {number} length */
function roomier(old, length) {
  if (length <= old.length) return old;
  const grown = new Float32Array(Math.max(length, 2 * old.length));
  grown.set(old);
  return grown;
}

/** Corners of lines: x and y in turn; NaN ends a line. */
export class Corners {
  constructor() {
    this.xy = new Float32Array(1024);
    this.length = 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  push(x, y) {
    this.xy = roomier(this.xy, this.length + 2);
    this.xy[this.length] = x;
    this.xy[this.length + 1] = y;
    this.length += 2;
  }

  /** Ends the present line, if one was begun. */
  end() {
    if (this.length > 0 && !Number.isNaN(this.xy[this.length - 1])) this.push(Number.NaN, Number.NaN);
  }
}

/** Columns of pixels that a line goes up and down in: x of the middle, upper and lower end in turn; NaN is a gap. */
export class Spans {
  constructor() {
    this.ends = new Float32Array(1024);
    this.length = 0;
  }

  /**
   * @param {number} x
   * @param {number} top
   * @param {number} bottom
   */
  push(x, top, bottom) {
    this.ends = roomier(this.ends, this.length + 3);
    this.ends[this.length] = x;
    this.ends[this.length + 1] = top;
    this.ends[this.length + 2] = bottom;
    this.length += 3;
  }

  /** Begins a gap. */
  end() {
    if (this.length > 0 && !Number.isNaN(this.ends[this.length - 1])) this.push(Number.NaN, Number.NaN, Number.NaN);
  }
}

/**
 * The areas that spans cover, as polygons: along the upper ends and back along the lower ones.
 *
 * @param {Spans} spans
 * @param {number} half  Of the line's width.
 * @param {Corners} corners  Emptied first.
 */
export function areas({ ends, length }, half, corners) {
  corners.length = 0;
  let first = 0;
  for (let i = 0; i <= length; i += 3) {
    if (i < length && !Number.isNaN(ends[i])) continue;
    if (i > first) {
      const last = i - 3;
      corners.push(ends[first] - half, ends[first + 1] - half);
      for (let j = first; j <= last; j += 3) corners.push(ends[j], ends[j + 1] - half);
      corners.push(ends[last] + half, ends[last + 1] - half);
      corners.push(ends[last] + half, ends[last + 2] + half);
      for (let j = last; j >= first; j -= 3) corners.push(ends[j], ends[j + 2] + half);
      corners.push(ends[first] - half, ends[first + 2] + half);
      corners.end();
    }
    first = i + 3;
  }
}
