// Style sheets of what is shown later, so that the first page need not wait for them.

/**
 * A module with its style sheet.
 *
 * @template T
 * @param {string} sheet  Below `ui`, without its ending.
 * @param {Promise<T>} module
 */
export async function styled(sheet, module) {
  const address = `ui/${sheet}.css`;
  if (!document.querySelector(`link[href="${address}"]`)) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    const loaded = new Promise((resolve, reject) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", () => reject(new Error(`${address} could not be loaded`)));
    });
    document.head.append(link);
    await loaded;
  }
  return module;
}
