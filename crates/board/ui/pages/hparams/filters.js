// Above every view: which columns it has, and which ranges narrow the runs down.

import { Fragment, html, useState } from "../../lib/html.js";
import { valueText } from "./axis.js";
import { byDefault } from "./rows.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./brush.js").Range} Range */
/** @typedef {import("./rows.js").Column} Column */
/** @typedef {import("./rows.js").Row} Row */

/**
 * What every view gets.
 *
 * @typedef {object} Properties
 * @property {Row[]} rows  Those in all ranges.
 * @property {Row[]} all
 * @property {Column[]} columns
 * @property {Column[]} chosen  Those that are shown.
 * @property {Map<string, Axis>} axes
 * @property {Map<string, Range>} brushes
 * @property {(brushes: Map<string, Range>) => void} setBrushes
 */

/** @param {Properties & {setColumns: (keys: string[]|null) => void}} properties */
export function Filters({ rows, all, columns, chosen, axes, brushes, setBrushes, setColumns }) {
  const without = (/** @type {string} */ key) => setBrushes(new Map([...brushes].filter(([other]) => other !== key)));
  return html`
    <${Fragment}>
      <${Columns} columns=${columns} chosen=${chosen} setColumns=${setColumns} />
      <${Ranges} columns=${columns} axes=${axes} brushes=${brushes} setBrushes=${setBrushes} />
      ${[...brushes].map(([key, range]) => {
        const axis = axes.get(key);
        return (
          axis &&
          html`
          <button type="button" class="pill on" key=${key} title="Take this range away" onClick=${() => without(key)}>
            ${axis.column.name}: ${rangeText(axis, range)} <span aria-hidden="true">×</span><span class="hidden">, take away</span>
          </button>
        `
        );
      })}
      <p class="muted small" title="All runs that pass the filter and are not hidden, also those that other pages leave out because they are too many">${rows.length === all.length ? `${all.length} runs` : `${rows.length} of ${all.length} runs`}</p>
    </${Fragment}>
  `;
}

/** @param {Axis} axis @param {Range} range */
function rangeText(axis, { low, high }) {
  const [a, b] = axis.kind === "steps" ? [axis.steps[low] ?? null, axis.steps[high] ?? null] : [low, high];
  return a === b ? valueText(a) : `${valueText(a)} to ${valueText(b)}`;
}

/** @param {{columns: Column[], chosen: Column[], setColumns: (keys: string[]|null) => void}} properties */
function Columns({ columns, chosen, setColumns }) {
  const on = new Set(chosen.map(({ key }) => key));
  const turn = (/** @type {string} */ key) => {
    const keys = columns.map((column) => column.key).filter((other) => (other === key ? !on.has(key) : on.has(other)));
    setColumns(keys.length > 0 ? keys : null);
  };
  const usual = byDefault(columns);
  const same = usual.length === chosen.length && usual.every(({ key }) => on.has(key));
  return html`
    <details class="menu" data-lively>
      <summary>Columns <span class="muted">${chosen.length} of ${columns.length}</span></summary>
      <div class="menu-body">
        <div class="menu-actions">
          <button type="button" disabled=${same} onClick=${() => setColumns(null)}>Those that differ</button>
          <button type="button" onClick=${() => setColumns(columns.map(({ key }) => key))}>All</button>
        </div>
        ${["param", "metric"].map(
          (kind) => html`
          <fieldset>
            <legend>${kind === "param" ? "Parameters" : "Results"}</legend>
            ${columns
              .filter((column) => column.kind === kind)
              .map(
                (column) => html`
              <label key=${column.key}><input type="checkbox" checked=${on.has(column.key)} onChange=${() => turn(column.key)} /> ${column.name}${column.differs ? "" : html` <span class="muted">(same in all)</span>`}</label>
            `,
              )}
          </fieldset>
        `,
        )}
      </div>
    </details>
  `;
}

/** Ranges by keyboard: what a brush on an axis does. @param {Pick<Properties, "columns"|"axes"|"brushes"|"setBrushes">} properties */
function Ranges({ columns, axes, brushes, setBrushes }) {
  const differing = columns.filter(({ differs }) => differs);
  const [key, setKey] = useState("");
  const axis = axes.get(key || (differing[0]?.key ?? ""));
  if (!axis) return null;
  const range = brushes.get(axis.column.key);
  const set = (/** @type {Partial<Range>} */ change) => {
    const whole = axis.kind === "steps" ? { low: 0, high: axis.steps.length - 1 } : { low: -1e300, high: 1e300 };
    const next = { ...whole, ...range, ...change };
    if (next.low <= next.high) setBrushes(new Map([...brushes, [axis.column.key, next]]));
  };
  const value = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).value;
  return html`
    <details class="menu" data-lively>
      <summary>Narrow down</summary>
      <div class="menu-body">
        <label class="field wide"><span>Column</span>
          <select value=${axis.column.key} onChange=${(/** @type {Event} */ event) => setKey(value(event))}>
            ${differing.map((column) => html`<option value=${column.key} selected=${column.key === axis.column.key}>${column.name}</option>`)}
          </select>
        </label>
        ${
          /** @type {const} */ (["low", "high"]).map(
            (end) => html`
          <label class="field wide"><span>${end === "low" ? "from" : "to"}</span>
            ${
              axis.kind === "steps"
                ? html`<select onChange=${(/** @type {Event} */ event) => set({ [end]: Number(value(event)) })}>
                  ${axis.steps.map((step, i) => html`<option value=${i} selected=${i === (range?.[end] ?? (end === "low" ? 0 : axis.steps.length - 1))}>${valueText(step)}</option>`)}
                </select>`
                : html`<input type="number" step="any" value=${range && Math.abs(range[end]) < 1e300 ? range[end] : ""} onChange=${(/** @type {Event} */ event) => set({ [end]: value(event) === "" ? (end === "low" ? -1e300 : 1e300) : Number(value(event)) })} />`
            }
          </label>
        `,
          )
        }
      </div>
    </details>
  `;
}
