// Every number over the steps: one chart for each tag, in sections.

import { Empty } from "../components/card.js";
import { count } from "../lib/format.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState, useValue } from "../lib/html.js";
import { catalogue } from "../lib/live.js";
import { isMatching, matched, matcher } from "../lib/matching.js";
import { useParameter } from "../lib/route.js";
import * as selection from "../lib/runs.js";
import { scalarsFailure } from "../lib/scalars.js";
import { SeriesCard } from "./series/card.js";
import { between, columnsOf, layout } from "./series/layout.js";
import { join, sections, split, titleIn } from "./series/sections.js";
import { useSettings } from "./series/settings.js";
import { Toolbar } from "./series/toolbar.js";

/** @typedef {import("./series/sections.js").Section} Section */

/** So many pixels above and below the screen are kept ready. */
const AHEAD = 320;

/** The section of what is pinned. */
const PINNED = "★";

/**
 * Which part of an element is on the screen, in its own pixels, and how wide it is.
 *
 * @param {{current: HTMLElement|null}} box
 */
function useWindow(box) {
  const [view, setView] = useState({ from: 0, to: 0, width: 0 });
  useLayoutEffect(() => {
    let asked = 0;
    const look = () => {
      asked = 0;
      if (!box.current) return;
      const { top, width } = box.current.getBoundingClientRect();
      // In coarse strides, so that scrolling does not render at every pixel.
      const from = Math.floor((-top - AHEAD) / 100) * 100;
      const to = Math.ceil((innerHeight - top + AHEAD) / 100) * 100;
      setView((old) => (old.from === from && old.to === to && old.width === width ? old : { from, to, width }));
    };
    const soon = () => {
      asked ||= requestAnimationFrame(look);
    };
    look();
    const observer = new ResizeObserver(soon);
    if (box.current) observer.observe(box.current);
    // The page scrolls in main, or on a narrow screen in what is around it: scrolling does not bubble, but it is captured.
    document.addEventListener("scroll", soon, { capture: true, passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(asked);
      observer.disconnect();
      document.removeEventListener("scroll", soon, { capture: true });
      removeEventListener("resize", soon);
    };
  }, []);
  return view;
}

/**
 * A set of names in the address, and a function that puts one in or takes it out.
 *
 * @param {string} name
 * @returns {[Set<string>, (one: string) => void]}
 */
function useNames(name) {
  const [text, setText] = useParameter(name, "");
  const names = useMemo(() => new Set(split(text)), [text]);
  return [
    names,
    (one) => {
      const next = new Set(names);
      if (!next.delete(one)) next.add(one);
      setText(join(next));
    },
  ];
}

export function View() {
  const all = useValue(catalogue);
  const shown = useValue(selection.shown);
  const groups = useValue(selection.groups);
  const failed = useValue(scalarsFailure);
  const settings = useSettings();
  const [filter, setFilter] = useParameter("tags", "");
  const [pins, togglePin] = useNames("pin");
  const [wides, toggleWide] = useNames("wide");
  // Those that are not as they were at first.
  const [turned, turn] = useNames("sections");
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const { from, to, width } = useWindow(box);

  const answers = useValue(matched);

  const tags = useMemo(() => selection.tagsOf("scalar"), [all, shown]);
  const parts = useMemo(() => {
    const names = [...tags.keys()].filter(matcher(filter));
    const pinned = names.filter((name) => pins.has(name));
    return {
      found: names.length,
      list: [
        ...(pinned.length > 0 ? [{ key: PINNED, title: "Pinned", tags: pinned, open: true }] : []),
        ...sections(names),
      ],
    };
  }, [tags, filter, pins, answers]);
  const columns = columnsOf(width);
  const { rows, height } = useMemo(() => {
    const isOpen = (/** @type {Section} */ section) => (section.open || filter !== "") !== turned.has(section.key);
    return layout(parts.list, isOpen, (id) => wides.has(id), columns);
  }, [parts, filter, turned, wides, columns]);
  const having = useMemo(() => new Map([...tags].map(([name, { runs }]) => [name, runs])), [tags]);

  useEffect(() => {
    // Another filter shows another page: from its beginning.
    box.current?.closest("main")?.scrollTo?.({ top: 0 });
  }, [filter]);

  const empty = tags.size === 0 ? Nothing : parts.found === 0 && !isMatching(filter) ? NoMatch : null;
  return html`
    <div class="series">
      <h2 class="hidden">Series</h2>
      <${Toolbar} settings=${settings} filter=${filter} onFilter=${setFilter} found=${parts.found} total=${tags.size} />
      ${failed && html`<p class="error" role="alert">The points could not be loaded: ${failed}</p>`}
      <div class="series-page" ref=${box} style=${{ height: `${height}px` }}>
        ${
          width > 0 &&
          between(rows, from, to).map((row) =>
            row.kind === "head"
              ? html`<${Heading} key=${`head ${row.section.key}`} row=${row} onTurn=${() => turn(row.section.key)} />`
              : html`
              <div
                key=${row.cards[0].id} class="series-row"
                style=${{ top: `${row.top}px`, height: `${row.height}px`, gridTemplateColumns: `repeat(${row.cards[0].wide ? 1 : columns}, minmax(0, 1fr))` }}
              >
                ${row.cards.map(
                  ({ id, tag, section, wide }) => html`
                  <${SeriesCard}
                    key=${id} tag=${tags.get(tag)?.tag} title=${titleIn(tag, section)} having=${having.get(tag)} groups=${groups} settings=${settings}
                    pinned=${pins.has(tag)} onPin=${() => togglePin(tag)} wide=${wide} onWide=${() => toggleWide(id)}
                  />
                `,
                )}
              </div>
            `,
          )
        }
      </div>
      ${empty && html`<${empty} />`}
    </div>
  `;
}

/** @param {{row: import("./series/layout.js").Head, onTurn: () => void}} properties */
const Heading = ({ row: { section, open, top, height }, onTurn }) => html`
  <h2 class="series-head" style=${{ top: `${top}px`, height: `${height}px` }}>
    <button type="button" class="quiet" aria-expanded=${open} onClick=${onTurn}>
      <span aria-hidden="true">${open ? "▾" : "▸"}</span> ${section.title} <span class="muted">${count(section.tags.length)}</span>
    </button>
    <span class="printed">${section.title}</span>
  </h2>
`;

const Nothing = () => html`
  <${Empty} title=${selection.shown.peek().length === 0 ? "No run is shown" : "These runs have no scalars"}>
    ${
      selection.shown.peek().length === 0
        ? html`<p>Switch runs on in the list on the left.</p>`
        : html`
        <p>Write numbers and they are drawn here, as they come.</p>
        <h3>PyTorch</h3>
        <pre>writer.add_scalar("loss", loss, step)</pre>
        <h3>Keras</h3>
        <pre>model.fit(..., callbacks=[keras.callbacks.TensorBoard(LOGDIR)])</pre>
        <h3>Headwater</h3>
        <pre>headwater train --logdir LOGDIR</pre>
      `
    }
  </${Empty}>
`;

const NoMatch = () =>
  html`<${Empty} title="No tag matches the filter"><p>The filter is text or a regular expression, in small or large letters alike.</p></${Empty}>`;
