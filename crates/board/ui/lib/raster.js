// Spans put into pixels by hand. A canvas takes half a second to fill a hundred ragged areas without a GPU; writing the same
// pixels takes some milliseconds.

/** @typedef {import("./corners.js").Spans} Spans */

export class Raster {
  constructor() {
    this.width = 0;
    this.height = 0;
    this.pixels = new Uint32Array(0);
    this.bytes = new Uint8ClampedArray(0);
    this.used = false;
  }

  /**
   * An empty picture.
   *
   * @param {number} width  In pixels of the screen.
   * @param {number} height
   */
  clear(width, height) {
    if (width !== this.width || height !== this.height) {
      this.pixels = new Uint32Array(width * height);
      this.bytes = new Uint8ClampedArray(this.pixels.buffer);
      this.width = width;
      this.height = height;
    } else if (this.used) this.pixels.fill(0);
    this.used = false;
  }

  /**
   * Draws spans in a colour. Neighbours are joined, and between those that are further apart what lies between is covered.
   *
   * @param {Spans} spans  In CSS pixels.
   * @param {string} colour  "#rrggbb"
   * @param {number} alpha
   * @param {number} half  Of the line's width, in CSS pixels.
   * @param {number} ratio  Pixels of the screen to one CSS pixel.
   */
  draw({ ends, length }, colour, alpha, half, ratio) {
    if (length === 0) return;
    this.used = true;
    const rgb = Number.parseInt(colour.slice(1), 16);
    const paint = { r: rgb >> 16, g: (rgb >> 8) & 255, b: rgb & 255, alpha };
    const air = half * ratio;
    let [beforeX, beforeTop, beforeBottom] = [Number.NaN, 0, 0];
    for (let i = 0; i < length; i += 3) {
      if (Number.isNaN(ends[i])) {
        beforeX = Number.NaN;
        continue;
      }
      const [x, top, bottom] = [Math.floor(ends[i] * ratio), ends[i + 1] * ratio, ends[i + 2] * ratio];
      if (Number.isNaN(beforeX)) this.#column(x, top - air, bottom + air, paint);
      else {
        const way = x - beforeX;
        let [lastTop, lastBottom] = [beforeTop, beforeBottom];
        for (let k = 1; k <= way; k += 1) {
          const [newTop, newBottom] = [
            beforeTop + ((top - beforeTop) * k) / way,
            beforeBottom + ((bottom - beforeBottom) * k) / way,
          ];
          // A column reaches to where its neighbour ends: the line has no gaps.
          this.#column(beforeX + k, Math.min(newTop, lastBottom) - air, Math.max(newBottom, lastTop) + air, paint);
          [lastTop, lastBottom] = [newTop, newBottom];
        }
      }
      [beforeX, beforeTop, beforeBottom] = [x, top, bottom];
    }
  }

  /**
   * @param {number} x
   * @param {number} top
   * @param {number} bottom
   * @param {{r: number, g: number, b: number, alpha: number}} paint
   */
  #column(x, top, bottom, paint) {
    if (x < 0 || x >= this.width) return;
    const from = Math.max(top, 0);
    const to = Math.min(bottom, this.height);
    if (!(from < to)) return;
    const first = Math.floor(from);
    const last = Math.min(Math.ceil(to), this.height) - 1;
    if (first === last) {
      this.#blend(first * this.width + x, paint, (to - from) * paint.alpha);
      return;
    }
    this.#blend(first * this.width + x, paint, (first + 1 - from) * paint.alpha);
    this.#blend(last * this.width + x, paint, (to - last) * paint.alpha);
    const end = last * this.width + x;
    if (paint.alpha === 1) {
      // Little-endian, as every machine that runs a browser is: alpha, blue, green, red.
      const solid = ((255 << 24) | (paint.b << 16) | (paint.g << 8) | paint.r) >>> 0;
      for (let i = (first + 1) * this.width + x; i < end; i += this.width) this.pixels[i] = solid;
    } else for (let i = (first + 1) * this.width + x; i < end; i += this.width) this.#blend(i, paint, paint.alpha);
  }

  /**
   * One pixel over what is there (Porter and Duff's "over").
   *
   * @param {number} pixel
   * @param {{r: number, g: number, b: number}} paint
   * @param {number} alpha
   */
  #blend(pixel, { r, g, b }, alpha) {
    const { bytes } = this;
    const i = 4 * pixel;
    const under = (bytes[i + 3] / 255) * (1 - alpha);
    const whole = alpha + under;
    if (whole === 0) return;
    bytes[i] = (r * alpha + bytes[i] * under) / whole;
    bytes[i + 1] = (g * alpha + bytes[i + 1] * under) / whole;
    bytes[i + 2] = (b * alpha + bytes[i + 2] * under) / whole;
    bytes[i + 3] = 255 * whole;
  }
}
