// The order of the groups on the page. It changes only when something notable happens.

import { useRef } from "../../lib/html.js";
import { runs as runsOf } from "../../lib/runs.js";
import { badnessOf, sickestFirst } from "./sickest.js";

/** @typedef {import("../../lib/types.js").Group} Group */
/** @typedef {import("../../lib/types.js").Summary} Summary */

/**
 * Sorts groups, the sickest first. While runs train, groups keep their places until there is a new finding, or a run
 * starts or ends. Otherwise the text would jump with every record.
 *
 * @param {Group[]} groups
 * @param {Map<string, Summary>} summaries
 * @param {((group: Group) => number)|null} fallOf  Null until it is known for all groups.
 * @returns {Group[]}
 */
export function useSickestFirst(groups, summaries, fallOf) {
  const kept = useRef({ key: "", order: /** @type {string[]} */ ([]) });
  const known = runsOf.peek();
  const key = groups
    .map((group) => [
      group.key,
      badnessOf(group, summaries),
      ...group.runs.map((run) => `${run} ${known.get(run)?.status === "live"}`),
    ])
    .concat([[String(fallOf !== null)]])
    .map((one) => one.join("\t"))
    .join("\n");
  if (kept.current.key !== key) {
    const order = sickestFirst(groups, (group) => badnessOf(group, summaries), fallOf ?? (() => Number.NaN));
    kept.current = { key, order: order.map((group) => group.key) };
  }
  const byKey = new Map(groups.map((group) => [group.key, group]));
  return kept.current.order.flatMap((one) => byKey.get(one) ?? []);
}
