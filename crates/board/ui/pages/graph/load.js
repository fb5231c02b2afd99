// What runs recorded of their networks: the network record, or else a graph of operations.

import * as api from "../../lib/api.js";
import { tagsOf } from "../../lib/runs.js";
import { network } from "./network.js";
import { networkOf, operationsOf } from "./record.js";

/** @typedef {import("./network.js").GraphNode} GraphNode */
/** @typedef {import("./network.js").Network} Network */

/** The tag of the network record. */
const RECORD = "network";

/**
 * @typedef {object} Source  Where the network of a run is to be found.
 * @property {string} run
 * @property {string} tag
 * @property {boolean} isRecord  Whether it is a network record.
 */

/** Those of the shown runs. A run with a network record has no other one. @returns {Source[]} */
export function sources() {
  const recorded = tagsOf("json").get(RECORD)?.runs ?? [];
  const known = new Set(recorded);
  const graphs = [...tagsOf("graph").values()].flatMap(({ tag, runs }) =>
    runs.filter((run) => !known.has(run)).map((run) => ({ run, tag: tag.tag, isRecord: false })),
  );
  return [...recorded.map((run) => ({ run, tag: RECORD, isRecord: true })), ...graphs];
}

/**
 * The operations of a run's network, and its layers if it is not another program's graph.
 *
 * @param {Source} source
 * @param {AbortSignal} signal
 * @returns {Promise<{nodes: GraphNode[], network: Network|null}>}
 */
export async function load({ run, tag, isRecord }, signal) {
  if (isRecord) {
    const record = await api.json("network", { run }, signal);
    return { nodes: operationsOf(record), network: networkOf(record) };
  }
  const { nodes } = await api.json("graph", { run, tag }, signal);
  return { nodes, network: network(nodes) };
}
