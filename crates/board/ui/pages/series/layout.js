// Where everything stands on a page of thousands of cards, so that only what is on the screen has to be there.

/** @typedef {import("./sections.js").Section} Section */

export const HEAD = 40;
export const CARD = 262;
export const WIDE = 470;
export const GAP = 14;
/** No narrower than this is a card, if the page is not. */
const NARROWEST = 330;

/**
 * @typedef {object} Card
 * @property {string} id  Unique on the page.
 * @property {string} tag
 * @property {string} section  Key.
 * @property {boolean} wide
 */

/**
 * A line of the page.
 *
 * @typedef {{kind: "head", section: Section, open: boolean, top: number, height: number}} Head
 * @typedef {{kind: "cards", cards: Card[], top: number, height: number}} Cards
 */

/** How many cards stand side by side. @param {number} width */
export const columnsOf = (width) => Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));

/**
 * @param {Section[]} sections
 * @param {(section: Section) => boolean} isOpen
 * @param {(id: string) => boolean} isWide
 * @param {number} columns
 * @returns {{rows: (Head|Cards)[], height: number}}
 */
export function layout(sections, isOpen, isWide, columns) {
  /** @type {(Head|Cards)[]} */
  const rows = [];
  let top = 0;
  for (const section of sections) {
    const open = isOpen(section);
    rows.push({ kind: "head", section, open, top, height: HEAD });
    top += HEAD;
    if (!open) continue;
    /** @type {Card[]} */
    let line = [];
    const end = () => {
      if (line.length === 0) return;
      const height = line[0].wide ? WIDE : CARD;
      rows.push({ kind: "cards", cards: line, top, height });
      top += height + GAP;
      line = [];
    };
    for (const tag of section.tags) {
      const id = `${section.key}\n${tag}`;
      const wide = isWide(id);
      if (wide) end();
      line.push({ id, tag, section: section.key, wide });
      if (wide || line.length === columns) end();
    }
    end();
  }
  return { rows, height: top };
}

/**
 * The rows that lie, wholly or in part, between two heights.
 *
 * @template {{top: number, height: number}} T
 * @param {T[]} rows  From top to bottom.
 * @param {number} from
 * @param {number} to
 * @returns {T[]}
 */
export function between(rows, from, to) {
  let [a, b] = [0, rows.length];
  while (a < b) {
    const middle = (a + b) >> 1;
    if (rows[middle].top + rows[middle].height < from) a = middle + 1;
    else b = middle;
  }
  let end = a;
  while (end < rows.length && rows[end].top <= to) end += 1;
  return rows.slice(a, end);
}
