// The order of the groups on the page, which stays while nothing of note happens.

import { useRef } from "../../lib/html.js";
import { runs as runsOf } from "../../lib/runs.js";
import { badnessOf, sickestFirst } from "./sickest.js";

/** @typedef {import("../../lib/types.js").Group} Group */
/** @typedef {import("../../lib/types.js").Summary} Summary */

/**
 * Groups, the sickest first. While runs are trained they keep their places until something is found, or one comes or ends:
 * what is read does not jump with every record.
 *
 * @param {Group[]} groups
 * @param {Map<string, Summary>} summaries
 * @param {((group: Group) => number)|null} fallOf  Null as long as it is not known of all.
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
