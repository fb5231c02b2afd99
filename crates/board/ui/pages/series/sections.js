// Tags in sections: the layers of one quantity together, and otherwise what has the same beginning.

/**
 * @typedef {object} Section
 * @property {string} key  What its tags begin with; "" for those of the whole run.
 * @property {string} title
 * @property {string[]} tags
 * @property {boolean} open  Before the reader has opened or closed anything.
 */

const LAYER = /^(.+)\/layer_?\d+$/i;

/** What tells of the whole run: its loss and its accuracy, and tags that begin with nothing. */
const WHOLE = /^(validation|final)\//;

/** What a reader looks for first, in this order. */
const FIRST = ["", "gradient/mean_abs"];

/** Of so few tags, all are open. */
const FEW = 24;

/**
 * The section of a tag.
 *
 * @param {string} tag
 */
export function sectionOf(tag) {
  const layer = LAYER.exec(tag);
  if (layer) return layer[1];
  if (WHOLE.test(tag) || !tag.includes("/")) return "";
  return tag.slice(0, tag.indexOf("/"));
}

/**
 * The sections of tags, which keep their order; those that matter most first.
 *
 * @param {string[]} tags
 * @returns {Section[]}
 */
export function sections(tags) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const tag of tags) {
    const key = sectionOf(tag);
    const members = found.get(key);
    if (members) members.push(tag);
    else found.set(key, [tag]);
  }
  const rank = (/** @type {string} */ key) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  const keys = [...found.keys()].sort((a, b) => rank(a) - rank(b));
  const none = !keys.some((key) => FIRST.includes(key));
  return keys.map((key, i) => {
    const members = /** @type {string[]} */ (found.get(key));
    const title =
      key || (members.some((tag) => /loss|acc/i.test(tag)) ? "Loss, accuracy and others" : "Without a prefix");
    return {
      key,
      title,
      tags: key === "" ? wholeFirst(members) : members,
      open: FIRST.includes(key) || tags.length <= FEW || (none && i === 0),
    };
  });
}

/** Loss, accuracy, then the same of validation, then the end. @param {string[]} tags */
function wholeFirst(tags) {
  const order = [
    /^loss$/,
    /^accuracy$/,
    /^validation\/loss$/,
    /^validation\/accuracy$/,
    /^validation\//,
    /loss/i,
    /acc/i,
  ];
  const rank = (/** @type {string} */ tag) => {
    if (tag.startsWith("final/")) return order.length + 1;
    const i = order.findIndex((pattern) => pattern.test(tag));
    return i < 0 ? order.length : i;
  };
  return [...tags].sort((a, b) => rank(a) - rank(b));
}

/**
 * What the title of a card need not say again below its section's title.
 *
 * @param {string} tag
 * @param {string} key  Of the section.
 */
export const titleIn = (tag, key) => (key !== "" && tag.startsWith(`${key}/`) ? tag.slice(key.length + 1) : tag);

/**
 * A list of names in one parameter of the address.
 *
 * @param {Iterable<string>} names
 */
export const join = (names) => [...names].map(encodeURIComponent).join(",");

/** @param {string} text */
export const split = (text) => (text === "" ? [] : text.split(",").map(decode));

/** Whoever writes an address by hand may write a lone percent sign. @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
