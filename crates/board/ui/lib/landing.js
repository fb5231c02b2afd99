// The page that one lands on: the one that says most of what these logs hold.

/** @typedef {import("./types.js").Catalogue} Catalogue */

/** Pages by the kinds of tags that they show, the ones that say more first. @type {[string, import("./types.js").Tag["kind"][]][]} */
const BY_KIND = [
  ["series", ["scalar"]],
  ["histograms", ["histogram"]],
  ["pr", ["pr_curve"]],
  ["media", ["image", "audio", "text"]],
  ["graph", ["graph"]],
];

/** Whether a quantity is of measured layers: theory alone is nothing to look at. @param {{quantity: string}} one */
const isMeasured = ({ quantity }) => !quantity.startsWith("theory/");

/**
 * Flow where there are layers, HParams of several configurations, and of other logs the page of what they hold.
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
  // What advises to record layers also says how.
  return BY_KIND.find(([, kinds]) => has(kinds))?.[0] ?? "flow";
}
