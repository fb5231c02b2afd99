// What the server can be asked for.

import { decode } from "./frame.js";

/** @typedef {import("./types.js").Catalogue} Catalogue */
/** @typedef {import("./types.js").HParams} HParams */
/** @typedef {string|number|boolean|null|undefined} Parameter */

/** What the server said was wrong, in its words. */
export class ServerError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * The address of an answer, relative to the page so that a path prefix is kept.
 *
 * @param {string} name
 * @param {Record<string, Parameter>} [query]
 */
export function address(name, query = {}) {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return `api/${name}${text ? `?${text}` : ""}`;
}

/**
 * @param {string} url
 * @param {RequestInit} init
 */
async function ask(url, init) {
  const response = await fetch(url, init);
  if (response.ok) return response;
  let message = `the server answered ${response.status}`;
  try {
    message = (await response.json()).error ?? message;
  } catch {
    // Not from our server: a proxy's page, for example. The status says more than its text.
  }
  throw new ServerError(message, response.status);
}

let waiting = 0;

/** Whether an answer is still on its way. */
export const isAsking = () => waiting > 0;

/**
 * @template T
 * @param {string} url
 * @param {RequestInit} init
 * @param {(response: Response) => Promise<T>} read
 */
async function answer(url, init, read) {
  waiting += 1;
  try {
    return await read(await ask(url, init));
  } finally {
    waiting -= 1;
  }
}

/**
 * An answer in JSON. "NaN", "Infinity" and "-Infinity" stay strings: see `number` in format.js.
 *
 * @param {string} name
 * @param {Record<string, Parameter>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const json = (name, query, signal) => answer(address(name, query), { signal }, (response) => response.json());

/** @param {Response} response */
const decoded = async (response) => decode(await response.arrayBuffer());

/**
 * A binary answer.
 *
 * @param {string} name
 * @param {Record<string, Parameter>} [query]
 * @param {AbortSignal} [signal]
 */
export const frame = (name, query, signal) => answer(address(name, query), { signal }, decoded);

/**
 * A binary answer to a question that is too long for an address.
 *
 * @param {string} name
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 */
export const post = (name, body, signal) => {
  const headers = { "Content-Type": "application/json" };
  return answer(address(name), { method: "POST", headers, body: JSON.stringify(body), signal }, decoded);
};

/** @returns {Promise<Catalogue>} */
export const catalogue = () => json("catalogue");

/** @returns {Promise<HParams>} */
export const hparams = () => json("hparams");
