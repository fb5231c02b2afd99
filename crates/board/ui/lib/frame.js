// The server's binary answers: a JSON header, then arrays of numbers. All little-endian, as every machine that runs a browser is.

/** @typedef {Float64Array|Float32Array|Uint32Array|Uint16Array|Uint8Array} Numbers */

/** @type {Record<string, {new (buffer: ArrayBuffer, offset: number, length: number): Numbers, BYTES_PER_ELEMENT: number}>} */
const TYPES = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };

/** @param {number} length */
const padded = (length) => Math.ceil(length / 8) * 8;

/** What is wrong with an answer that is not as it should be. */
export class FrameError extends Error {}

/**
 * A number that counts something.
 *
 * @param {unknown} value
 * @param {string} what
 * @returns {number}
 */
export function counted(value, what) {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw new FrameError(`${what} is ${JSON.stringify(value)}; expected a whole number that is not negative`);
}

/** @param {Uint8Array} bytes */
function headerOf(bytes) {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes));
    if (Array.isArray(header?.arrays)) return header;
  } catch {
    // Said below.
  }
  throw new FrameError("a frame's header is not an object in JSON that lists arrays");
}

/**
 * Reads a frame. The arrays are views of the buffer; nothing is copied.
 *
 * @param {ArrayBuffer} buffer
 * @returns {{header: any, arrays: Numbers[]}}
 */
export function decode(buffer) {
  if (buffer.byteLength < 4)
    throw new FrameError(`a frame has at least 4 bytes, and this one has ${buffer.byteLength}`);
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) {
    throw new FrameError(`a frame's header is ${length} bytes long, and only ${buffer.byteLength - 4} came`);
  }
  const header = headerOf(new Uint8Array(buffer, 4, length));
  let offset = padded(4 + length);
  const arrays = header.arrays.map((/** @type {any} */ one) => {
    const Type = Object.hasOwn(TYPES, one?.type) ? TYPES[one.type] : null;
    if (!Type)
      throw new FrameError(
        `a frame has an array of type ${JSON.stringify(one?.type)}; expected f64, f32, u32, u16 or u8`,
      );
    const count = counted(one.length, "the length of a frame's array");
    const bytes = count * Type.BYTES_PER_ELEMENT;
    if (offset + bytes > buffer.byteLength) {
      throw new FrameError(
        `a frame announces ${count} numbers of type ${one.type} at byte ${offset}, and ends at ${buffer.byteLength}`,
      );
    }
    const array = new Type(buffer, offset, count);
    offset += padded(bytes);
    return array;
  });
  return { header, arrays };
}
