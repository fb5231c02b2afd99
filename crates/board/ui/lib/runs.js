// Which runs are shown, in which colours, and how they are grouped.

import * as api from "./api.js";
import { PALETTE } from "./colour.js";
import { computed, effect, signal } from "./html.js";
import { catalogue } from "./live.js";
import { matched, matcher, reading } from "./matching.js";
import { parameter, setParameter } from "./route.js";
import { scenario, someOfEach } from "./scenario.js";

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Group} Group */

/** If there are more runs than this, only some of each scenario are shown until the reader chooses. */
const SHOWN_AT_FIRST = 24;

/** All runs by name. */
export const runs = computed(() => new Map((catalogue.value?.runs ?? []).map((run) => [run.name, run])));

/** The filter over run names. */
export const filter = computed(() => parameter("f").value ?? "");

/** How the filter is read. */
export const filterReading = computed(() => {
  matched.value;
  return reading(filter.value);
});

/** Names of the runs that pass the filter, in order. */
export const listed = computed(() => {
  matched.value;
  return [...runs.value.keys()].filter(matcher(filter.value));
});

/** The runs that were switched on (+) or off (-) by hand: "+a,-b", names percent-encoded. */
const choices = computed(() => {
  const chosen = new Map();
  for (const part of (parameter("runs").value ?? "").split(",")) {
    if (part.length > 1) chosen.set(decoded(part.slice(1)), part[0] === "+");
  }
  return chosen;
});

/** An address that somebody wrote by hand may hold what is no encoding: it stands for itself. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {Map<string, boolean>} chosen */
function setChoices(chosen) {
  const text = [...chosen].map(([name, on]) => (on ? "+" : "-") + encodeURIComponent(name)).join(",");
  setParameter("runs", text || null);
}

/** The one run that is shown alone, if any. */
export const solo = computed(() => {
  const name = parameter("solo").value;
  return name !== null && runs.value.has(name) ? name : null;
});

/** Names of the runs that are shown, in order. */
export const shown = computed(() => {
  if (solo.value !== null) return [solo.value];
  const first = someOfEach(runs.value.keys(), SHOWN_AT_FIRST);
  return listed.value.filter((name) => choices.value.get(name) ?? (filter.value !== "" || first.has(name)));
});

/** Names of the runs that pass the filter and were not hidden by hand, however many, and whether or not one is shown alone: what is compared. */
export const compared = computed(() => listed.value.filter((name) => choices.value.get(name) ?? true));

const shownSet = computed(() => new Set(shown.value));

/** @param {string} name */
export const isShown = (name) => shownSet.value.has(name);

/**
 * Shows or hides runs.
 *
 * @param {string[]} names
 * @param {boolean} on
 */
export function show(names, on) {
  const chosen = new Map(choices.peek());
  for (const name of names) chosen.set(name, on);
  setParameter("solo", null);
  setChoices(chosen);
}

/** @param {string|null} name */
export const setSolo = (name) => setParameter("solo", name);

/** @param {string} text */
export const setFilter = (text) => setParameter("f", text || null);

const STORED = "headwater.colours";

/** @returns {Record<string, string>} */
function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}");
  } catch {
    return {};
  }
}

/** Colours that the reader chose, by run name. They are kept in this browser. */
const chosenColours = signal(stored());

/**
 * Gives a run another colour; null gives it back its own.
 *
 * @param {string} name
 * @param {string|null} colour  "#rrggbb"
 */
export function setColour(name, colour) {
  const { [name]: _, ...others } = chosenColours.peek();
  chosenColours.value = colour === null ? others : { ...others, [name]: colour };
  try {
    localStorage.setItem(STORED, JSON.stringify(chosenColours.peek()));
  } catch {
    // A browser that keeps nothing: the colour is for this visit.
  }
}

/** Colours of runs: seeds of one scenario have the same. */
const colours = computed(() => {
  const places = new Map();
  const result = new Map();
  for (const name of runs.value.keys()) {
    const family = scenario(name);
    if (!places.has(family)) places.set(family, places.size);
    result.set(
      name,
      (Object.hasOwn(chosenColours.value, name) ? chosenColours.value[name] : null) ??
        PALETTE[places.get(family) % PALETTE.length],
    );
  }
  return result;
});

/** @param {string} name */
export const colour = (name) => colours.value.get(name) ?? PALETTE[PALETTE.length - 1];

/** The configurations of all runs, once somebody has asked. */
export const configurations = signal(/** @type {import("./types.js").HParams|null} */ (null));

let wanted = false;

/** Loads the configurations, and again when runs come, end or are replaced. */
export function wantConfigurations() {
  if (wanted) return;
  wanted = true;
  let names = "";
  effect(() => {
    const now = (catalogue.value?.runs ?? []).map((run) => `${run.name} ${run.generation} ${run.status}`).join();
    if (now === names) return;
    names = now;
    api.hparams().then(
      (found) => {
        // Of two questions on their way the later one counts.
        if (now !== names) return;
        const known = runs.peek();
        const sessions = found.sessions.map((one) => ({ ...one, status: known.get(one.run)?.status ?? one.status }));
        configurations.value = { ...found, sessions };
      },
      // The next catalogue asks again.
      () => {
        if (now === names) names = "";
      },
    );
  });
}

/** By what runs are grouped: "" not at all, "scenario", or a configuration key. A key that no run has groups nothing. */
export const grouping = computed(() => {
  const by = parameter("group").value ?? "";
  const known = configurations.value?.params;
  return by === "scenario" || known === undefined || known.includes(by) ? by : "";
});

/** @param {string} by */
export const setGrouping = (by) => setParameter("group", by || null);

/** What can be grouped by: keys in which the runs differ, seeds first. */
export const groupings = computed(() => {
  const sessions = configurations.value?.sessions ?? [];
  const keys = (configurations.value?.params ?? []).filter(
    (key) => new Set(sessions.map((session) => String(session.params[key] ?? ""))).size > 1,
  );
  const seeds = [...runs.value.keys()].some((name) => scenario(name) !== name);
  return [...(seeds ? ["scenario"] : []), ...keys];
});

/** What is drawn: one group for each shown run, or one for each value of what is grouped by. @type {import("../vendor/signals.js").ReadonlySignal<Group[]>} */
export const groups = computed(() => {
  const by = grouping.value;
  if (by === "") {
    return shown.value.map((name) => ({ key: name, label: name, colour: colour(name), runs: [name] }));
  }
  const params = new Map((configurations.value?.sessions ?? []).map((session) => [session.run, session.params]));
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const name of shown.value) {
    const value = by === "scenario" ? scenario(name) : String(params.get(name)?.[by] ?? "not recorded");
    const group = found.get(value);
    if (group) group.runs.push(name);
    else {
      const label = by === "scenario" ? value : `${by} = ${value}`;
      found.set(value, { key: value, label, colour: by === "scenario" ? colour(name) : "", runs: [name] });
    }
  }
  const result = [...found.values()];
  for (const [i, group] of result.entries()) group.colour ||= PALETTE[i % PALETTE.length];
  return result;
});

/**
 * The tags of shown runs that are of a kind: by tag, with the runs that have it.
 *
 * @param {...import("./types.js").Tag["kind"]} kinds
 * @returns {Map<string, {tag: import("./types.js").Tag, runs: string[]}>}
 */
export function tagsOf(...kinds) {
  const all = catalogue.value;
  const found = new Map();
  if (!all) return found;
  const names = shownSet.value;
  /** @type {Map<number, string[]>} */
  const bySet = new Map();
  for (const run of all.runs) {
    if (!names.has(run.name)) continue;
    const of = bySet.get(run.set);
    if (of) of.push(run.name);
    else bySet.set(run.set, [run.name]);
  }
  for (const [set, members] of bySet) {
    for (const index of all.sets[set].tags) {
      const tag = all.tags[index];
      if (!kinds.includes(tag.kind)) continue;
      const entry = found.get(tag.tag);
      if (entry) entry.runs.push(...members);
      else found.set(tag.tag, { tag, runs: [...members] });
    }
  }
  return new Map([...found].sort(([a], [b]) => compare(a, b)));
}

const ORDER = new Intl.Collator("en", { numeric: true });

/** Natural order: layer2 before layer10. @param {string} a @param {string} b */
export const compare = (a, b) => ORDER.compare(a, b);
