// The pages, in the order of their tabs. Each is loaded when it is first shown.

/** @typedef {import("../lib/types.js").Page} Page */
/** @typedef {import("../lib/types.js").Catalogue} Catalogue */

/** @param {...import("../lib/types.js").Tag["kind"]} kinds */
const has =
  (...kinds) =>
  (/** @type {Catalogue} */ { tags }) =>
    tags.some((tag) => kinds.includes(tag.kind));

/**
 * A page with its style sheet, so that the first page need not wait for those of the others.
 *
 * @template T
 * @param {string} sheet
 * @param {Promise<T>} page
 */
async function styled(sheet, page) {
  const address = `ui/pages/${sheet}.css`;
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
  return page;
}

/** @type {Page[]} */
export const pages = [
  {
    id: "flow",
    title: "Flow",
    hint: "Does the gradient reach the first layers?",
    available: () => true,
    load: () => import("./flow.js"),
  },
  {
    id: "series",
    title: "Series",
    hint: "Every number over the steps",
    available: has("scalar"),
    load: () => styled("series", import("./series.js")),
  },
  {
    id: "histograms",
    title: "Histograms",
    hint: "How weights, gradients and activations are distributed, layer by layer",
    available: has("histogram"),
    load: () => styled("histograms", import("./histograms.js")),
  },
  {
    id: "activations",
    title: "Activations",
    hint: "Where on its curve each layer works",
    available: has("histogram"),
    load: () => import("./activations.js"),
  },
  {
    id: "graph",
    title: "Graph",
    hint: "The network, its layers and edges",
    available: has("graph"),
    load: () => styled("graph", import("./graph.js")),
  },
  {
    id: "hparams",
    title: "HParams",
    hint: "Configurations against results",
    available: ({ runs }) => runs.length > 1,
    load: () => styled("hparams", import("./hparams.js")),
  },
  {
    id: "media",
    title: "Media",
    hint: "Images, sounds and texts",
    available: has("image", "audio", "text"),
    load: () => styled("media", import("./media.js")),
  },
  {
    id: "pr",
    title: "PR curves",
    hint: "Precision against recall",
    available: has("pr_curve"),
    load: () => styled("media", import("./pr.js")),
  },
];
