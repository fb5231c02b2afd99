// The frame of the page: tabs, runs, keys, and what lies over everything.

import { Help } from "./components/help.js";
import { FindingsButton, OpenedFindings } from "./components/findings-button.js";
import { FirstRun } from "./components/first-run.js";
import { Idea } from "./components/idea.js";
import { Problems } from "./components/problems.js";
import { RunsPanel } from "./components/runs-panel.js";
import { moveStep } from "./components/step-slider.js";
import { openFindings } from "./lib/findings.js";
import { effect, html, render, signal, useEffect, useErrorBoundary, useState, useValue } from "./lib/html.js";
import { idea } from "./lib/idea.js";
import { landingOf } from "./lib/landing.js";
import { catalogue, connect, connection, failure } from "./lib/live.js";
import { saveReport } from "./lib/report.js";
import { go, landing, link, page, route, stay } from "./lib/route.js";
import { solo } from "./lib/runs.js";
import { range, setStep, setWhole, togglePlaying } from "./lib/scrub.js";
import * as theme from "./lib/theme.js";
import { pages } from "./pages/index.js";

/** What lies over the page: the help sheet, the problems, or nothing. */
const overlay = signal(/** @type {"help"|"problems"|null} */ (null));
const runsHidden = signal(matchMedia("(max-width: 700px)").matches);

/** @param {import("./lib/types.js").Catalogue|null} all */
const available = (all) => (all ? pages.filter((one) => one.available(all)) : []);

/** The page that is shown. If the address names a page that does not exist, it is the first one. */
const current = () => pages.find((one) => one.id === page.peek()) ?? pages[0];

/** @param {string} id */
const focus = (id) => document.getElementById(id)?.focus();

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  "?": () => {
    overlay.value = "help";
  },
  p: () => {
    overlay.value = "problems";
  },
  w: () => openFindings(solo.peek() ?? ""),
  d: () => theme.turn(),
  r: () => {
    runsHidden.value = !runsHidden.peek();
  },
  s: () => saveReport(current().title),
  f: () => {
    runsHidden.value = false;
    requestAnimationFrame(() => focus("run-filter"));
  },
  t: () => focus("tag-filter"),
  m: () => setWhole(),
  " ": () => togglePlaying(),
  ArrowLeft: (event) => moveStep(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => moveStep(event.shiftKey ? 10 : 1),
  Home: () => setStep(range.peek().low),
  End: () => setStep(null),
};
KEYS["/"] = KEYS.f;

effect(() => {
  if (catalogue.value) landing.value = landingOf(catalogue.value);
});

// A reader who has started to use a page stays on it, even if the landing page changes when more data arrives.
for (const touch of ["pointerdown", "keydown"]) {
  addEventListener(
    touch,
    () => {
      if (catalogue.peek()?.runs.length) stay();
    },
    { capture: true },
  );
}

addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  // Whoever writes, or moves a control that knows the key itself, means the control.
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    target.closest("input, select, textarea, dialog, [contenteditable], audio")
  )
    return;
  if ([" ", "Enter"].includes(event.key) && target.closest("button, a, summary, [tabindex]")) return;
  if (event.key.startsWith("Arrow") && target.closest("[tabindex]:not([tabindex='-1'])")) return;
  const digit = Number(event.key);
  const tab = available(catalogue.peek())[digit - 1];
  if (digit >= 1 && tab) go(tab.id);
  else if (KEYS[event.key]) KEYS[event.key](event);
  else return;
  event.preventDefault();
});

/** @type {Record<string, string>} */
const CONNECTION = { connecting: "connecting", live: "live", lost: "no server" };

function Header() {
  const all = useValue(catalogue);
  const state = useValue(connection);
  const choice = useValue(theme.choice);
  const shown = useValue(page);
  const home = useValue(landing);
  useValue(route);
  const problems = all?.problems ?? 0;
  return html`
    <header class="top">
      <a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
        event.preventDefault();
        focus("main");
      }}>Skip to content</a>
      <h1 class="hidden">${pages.find((one) => one.id === shown)?.title ?? "Headwater"}</h1>
      <a class="brand" href=${link(home)}><img src="ui/icon.svg" alt="" width="26" height="26" /> <span>Headwater</span></a>
      <nav class="tabs" aria-label="Pages">
        ${available(all).map(
          (one) => html`
          <a key=${one.id} href=${link(one.id)} title=${one.hint} aria-current=${shown === one.id ? "page" : null}>${one.title}</a>
        `,
        )}
      </nav>
      <div class="top-right">
        <span class=${`connection ${state}`} role="status">${all?.loading ? "reading …" : CONNECTION[state]}</span>
        ${
          problems > 0 &&
          html`<button type="button" class="warn" onClick=${() => {
            overlay.value = "problems";
          }}>${problems} ${problems === 1 ? "problem" : "problems"}</button>`
        }
        ${all !== null && all.runs.length > 0 && html`<${FindingsButton} />`}
        <button type="button" class="quiet" title="Save this view as one file that opens offline (s)" onClick=${() => saveReport(current().title)}>Report</button>
        <button type="button" class="quiet" title="Light, dark, as the system has it (d)" onClick=${theme.turn}>${choice === "system" ? "Auto" : choice === "dark" ? "Dark" : "Light"}</button>
        <button type="button" class="quiet" title="What is behind what is seen: formulas, sources, commands" onClick=${() => {
          idea.value = "";
        }}>Ideas</button>
        <button type="button" class="quiet" title="Keys (?)" aria-label="Help" onClick=${() => {
          overlay.value = "help";
        }}>?</button>
      </div>
    </header>
  `;
}

/** The views that have been loaded, by page. @type {Map<string, import("./vendor/preact.js").ComponentType<{}>>} */
const views = new Map();

/** @param {{id: string}} properties */
function View({ id }) {
  const [, rerender] = useState(0);
  const [failed, setFailed] = useState(/** @type {Error|null} */ (null));
  const [broken, mend] = useErrorBoundary();
  const one = pages.find((candidate) => candidate.id === id) ?? pages[0];
  useEffect(() => {
    if (views.has(one.id)) return;
    one.load().then(
      (module) => {
        views.set(one.id, module.View);
        rerender((n) => n + 1);
      },
      () => setFailed(new Error("Its code could not be loaded. Is the server still running?")),
    );
  }, [one]);
  const error = failed ?? broken;
  if (error) {
    return html`
      <div class="empty" role="alert">
        <h2>${one.title} cannot be shown</h2>
        <p>${String(error.message ?? error)}</p>
        <button type="button" onClick=${() => {
          setFailed(null);
          mend();
          location.reload();
        }}>Load the page again</button>
      </div>
    `;
  }
  const Loaded = views.get(one.id);
  return Loaded ? html`<${Loaded} />` : null;
}

function App() {
  const all = useValue(catalogue);
  const id = useValue(page);
  const over = useValue(overlay);
  const hidden = useValue(runsHidden);
  const why = useValue(idea);
  const fault = useValue(failure);
  const state = useValue(connection);
  const empty = all !== null && all.runs.length === 0;
  useEffect(() => {
    document.title = `${pages.find((one) => one.id === id)?.title ?? "Headwater"} · Headwater`;
  }, [id]);
  const close = () => {
    overlay.value = null;
  };
  return html`
    <${Header} />
    ${state === "lost" && html`<p class="banner" role="alert">The server cannot be reached. What is shown is as it was; it goes on by itself when the server is back.</p>`}
    ${fault && state !== "lost" && html`<p class="banner" role="alert">${fault}</p>`}
    <div class="body">
      ${all && !empty && !hidden && html`<${RunsPanel} />`}
      <main id="main" tabindex="-1" data-page=${id}>
        ${all === null ? null : empty ? html`<${FirstRun} logdir=${all.logdir} loading=${all.loading} />` : html`<${View} key=${id} id=${id} />`}
      </main>
    </div>
    ${all !== null && html`<${OpenedFindings} />`}
    ${over === "help" && html`<${Help} onClose=${close} />`}
    ${why !== null && html`<${Idea} name=${why} />`}
    ${over === "problems" && html`<${Problems} onClose=${close} />`}
  `;
}

connect();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
