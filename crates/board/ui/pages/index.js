// The pages, in the order of their tabs. Each is loaded when it is first shown.

import { styled } from "../lib/styled.js";

/** @typedef {import("../lib/types.js").Page} Page */
/** @typedef {import("../lib/types.js").Catalogue} Catalogue */

/** @param {...import("../lib/types.js").Tag["kind"]} kinds */
const has =
  (...kinds) =>
  (/** @type {Catalogue} */ { tags }) =>
    tags.some((tag) => kinds.includes(tag.kind));

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
    load: () => styled("pages/series", import("./series.js")),
  },
  {
    id: "histograms",
    title: "Histograms",
    hint: "How weights, gradients and activations are distributed, layer by layer",
    available: has("histogram"),
    load: () => styled("pages/histograms", import("./histograms.js")),
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
    available: has("graph", "json"),
    load: () => styled("pages/graph", import("./graph.js")),
  },
  {
    id: "hparams",
    title: "HParams",
    hint: "Configurations against results",
    available: ({ runs }) => runs.length > 1,
    load: () => styled("pages/hparams", import("./hparams.js")),
  },
  {
    id: "media",
    title: "Media",
    hint: "Images, sounds and texts",
    available: has("image", "audio", "text"),
    load: () => styled("pages/media", import("./media.js")),
  },
  {
    id: "pr",
    title: "PR curves",
    hint: "Precision against recall",
    available: has("pr_curve"),
    load: () => styled("pages/media", import("./pr.js")),
  },
];
