// The landing page: the page that shows most of what the logs contain.

/** @typedef {import("./types.js").Catalogue} Catalogue */

/** Pages and the kinds of tags that they show, the most informative page first. @type {[string, import("./types.js").Tag["kind"][]][]} */
const BY_KIND = [
  ["series", ["scalar"]],
  ["histograms", ["histogram"]],
  ["pr", ["pr_curve"]],
  ["media", ["image", "audio", "text"]],
  ["graph", ["graph", "json"]],
];

/** Whether a quantity was measured in layers. Theory alone is not worth showing. @param {{quantity: string}} one */
const isMeasured = ({ quantity }) => !quantity.startsWith("theory/");

/**
 * Flow if layers were recorded, HParams if there are several configurations, and otherwise a page for a kind of tag that
 * the logs contain.
 *
 * @param {Catalogue} catalogue
 * @returns {string}  A page's id.
 */
export function landingOf({ sets, tags, runs }) {
  if (sets.some(({ flow }) => flow.some(isMeasured))) return "flow";
  const has = (/** @type {import("./types.js").Tag["kind"][]} */ kinds) =>
    tags.some(({ kind }) => kinds.includes(kind));
  const configured = new Set(
    sets.flatMap((set, i) => (set.tags.some((tag) => tags[tag].kind === "hparams") ? [i] : [])),
  );
  if (runs.filter(({ set }) => configured.has(set)).length > 1) return "hparams";
  // With nothing to show, Flow explains how to record layers.
  return BY_KIND.find(([, kinds]) => has(kinds))?.[0] ?? "flow";
}
