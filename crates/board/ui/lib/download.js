// Files for the reader to keep.

/**
 * @param {string} name
 * @param {Blob} blob
 */
export function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w.-]+/g, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type  Its MIME type.
 */
export const downloadText = (name, text, type) => download(name, new Blob([text], { type: `${type};charset=utf-8` }));

/**
 * A canvas as a PNG file.
 *
 * @param {string} name
 * @param {HTMLCanvasElement} canvas
 */
export function downloadCanvas(name, canvas) {
  canvas.toBlob((blob) => {
    if (blob) download(name, blob);
  }, "image/png");
}
