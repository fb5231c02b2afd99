import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../ui/lib/frame.js";

/**
 * A frame as the server writes it.
 *
 * @param {object} header
 * @param {ArrayBufferView[]} arrays
 */
function encode(header, arrays) {
  const padded = (/** @type {number} */ length) => Math.ceil(length / 8) * 8;
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = arrays.reduce((sum, array) => sum + padded(array.byteLength), padded(4 + text.length));
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let offset = padded(4 + text.length);
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += padded(array.byteLength);
  }
  return bytes.buffer;
}

const header = {
  run: "Läufer",
  arrays: [
    { type: "f64", length: 2 },
    { type: "u16", length: 3 },
    { type: "f32", length: 0 },
    { type: "u8", length: 1 },
  ],
};
const arrays = [
  new Float64Array([1.5, Number.NaN]),
  new Uint16Array([0, 1, 65535]),
  new Float32Array(0),
  new Uint8Array([7]),
];

test("a frame gives back its header and its arrays, each of its type", () => {
  const read = decode(encode(header, arrays));
  assert.equal(read.header.run, "Läufer");
  assert.deepEqual(read.arrays, arrays);
});

test("whatever the length of the header, the arrays are where they should be", () => {
  for (let length = 0; length < 16; length += 1) {
    const read = decode(encode({ ...header, run: "x".repeat(length) }, arrays));
    assert.deepEqual(read.arrays, arrays, `with a name of ${length} letters`);
  }
});

test("a frame that is cut anywhere is an error, never wrong numbers", () => {
  const whole = encode(header, arrays);
  const used = whole.byteLength - 7; // The last array is one byte and seven of padding.
  for (let end = 0; end < used; end += 1) assert.throws(() => decode(whole.slice(0, end)), `cut at ${end}`);
});
