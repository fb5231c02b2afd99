// A server under everything at once, for a long time. Thousand runs grow, two hundred clients come, go and stall, a byte
// of some file is damaged every second, and the server is killed and started again under open pages, three times.
//
//     cargo build --release -p headwater -p headwater-events --bins --examples
//     cd crates/board && node tests/browser/soak.js [SECONDS]
//
// Every second it compares what the pages hold with what was written. Every ten seconds it prints the server's memory and
// how long a catalogue took. It ends with 1 if a page held a number that was not written.

import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fresh } from "./logs.js";
import { EXAMPLES } from "./paths.js";
import { finish, serve, shared } from "./server.js";

/** @typedef {import("playwright-core").Page} Page */

const SECONDS = Number(process.argv[2] ?? 1800);
const RUNS = 1000;
const CLIENTS = 200;
const RESTARTS = 3;
/** Pages that stay open over all restarts. */
const PAGES = ["#/", "#/series", "#/series?x=time", "#/hparams"];
const TAGS = ["loss", "accuracy"];

/** Numbers from 0 to 1, the same in every soak: mulberry32 (Tommy Ettinger, 2017). */
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
let seed = 1;

/** @param {number} below */
const pick = (below) => Math.floor(random() * below);

/** What the server is at the moment. @type {{url: string, pid: number, stop: () => Promise<void>}} */
let server;
let over = false;

const counts = { answered: 0, refused: 0, cut: 0, damaged: 0, compared: 0, wrong: 0, requests: 0 };
/** @type {number[]} Milliseconds that a catalogue took, since they were last printed. */
let catalogues = [];

/** What a client asks for. */
const requests = [
  "GET /api/catalogue",
  "GET /api/status",
  "GET /api/scalars?run=run0007&tag=loss",
  "GET /api/findings",
  "GET /",
  "GET /api/events",
  "GET /api/flow?run=run0003&quantity=gradient%2Frms",
  "GET /nowhere/at/all",
];

/** One visit of a client: it asks, and then reads all, leaves early, does not read, or sends its request byte by byte. */
async function visitOnce() {
  const { hostname, port } = new URL(server.url);
  const manner = ["reads", "leaves", "stalls", "dribbles"][pick(4)];
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const text = `${requests[pick(requests.length)]} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`;
  const patience = 200 + pick(8000);
  const timer = setTimeout(() => socket.destroy(), patience);
  counts.requests += 1;
  let head = "";
  if (manner === "stalls") socket.pause();
  else
    socket.on("data", (bytes) => {
      if (head.length < 16) head += bytes.subarray(0, 16).toString("latin1");
      if (manner === "leaves") socket.destroy();
    });
  if (manner === "dribbles") {
    for (const byte of text) {
      if (socket.destroyed) break;
      socket.write(byte);
      await pause(50);
    }
  } else socket.write(text);
  await closed;
  clearTimeout(timer);
  if (head.startsWith("HTTP/1.1 5") || head.startsWith("HTTP/1.1 429")) counts.refused += 1;
  else if (head.startsWith("HTTP/1.1")) counts.answered += 1;
  else counts.cut += 1;
}

async function client() {
  while (!over) {
    await visitOnce();
    await pause(pick(500));
  }
}

/**
 * Turns one byte of a file around.
 *
 * @param {string} folder
 */
async function damage(folder) {
  const run = path.join(folder, `run${String(pick(RUNS)).padStart(4, "0")}`);
  const [name] = await fs.readdir(run).catch(() => []);
  if (!name) return;
  const file = await fs.open(path.join(run, name), "r+");
  const { size } = await file.stat();
  const place = pick(size);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, place);
  buffer[0] ^= 0xff;
  await file.write(buffer, 0, 1, place);
  await file.close();
  counts.damaged += 1;
}

/**
 * Compares every number that a page holds with what `growing_logs` wrote. It runs in the page: by the end there are
 * millions of numbers.
 *
 * @param {Page} page
 */
async function compare(page) {
  const { compared, wrong } = await page.evaluate(
    async ({ runs, tags }) => {
      const { column } = await import(new URL("ui/lib/scalars.js", document.baseURI).href);
      let compared = 0;
      /** @type {string[]} */
      const wrong = [];
      for (let run = 0; run < runs; run += 1) {
        for (const [tag, name] of tags.entries()) {
          const { steps, values } = column(`run${String(run).padStart(4, "0")}`, name);
          compared += steps.length;
          for (let i = 0; i < steps.length; i += 1) {
            const written = (run * 7919 + tag * 15485863 + steps[i] * 104729) % 1000003;
            const isAfter = i === 0 || steps[i] > steps[i - 1];
            if (values[i] !== written || !isAfter) wrong.push(`run${run} ${name}: ${values[i]} at step ${steps[i]}`);
          }
        }
      }
      return { compared, wrong };
    },
    { runs: RUNS, tags: TAGS },
  );
  counts.compared += compared;
  counts.wrong += wrong.length;
  for (const one of wrong.slice(0, 5)) console.log(`WRONG: ${one}`);
}

/** Resident memory of the server in MB. */
async function memory() {
  const status = await fs.readFile(`/proc/${server.pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(status.match(/VmRSS:\s+(\d+)/)?.[1] ?? 0) / 1024);
}

/** Seconds of processor time that the server took. */
async function processor() {
  const stat = await fs.readFile(`/proc/${server.pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function timed() {
  const started = performance.now();
  const response = await fetch(new URL("api/catalogue", server.url)).catch(() => null);
  if (!response?.ok) return;
  await response.arrayBuffer().catch(() => null);
  catalogues.push(performance.now() - started);
}

async function soak() {
  const folder = await fresh();
  const writer = spawn(path.join(EXAMPLES, "growing_logs"), [folder, String(RUNS), String(SECONDS)], {
    stdio: "inherit",
  });
  server = await serve(folder);
  const port = Number(new URL(server.url).port);
  const context = await (await shared()).newContext({ viewport: { width: 1400, height: 900 } });
  const pages = [];
  for (const where of PAGES) {
    const page = await context.newPage();
    await page.goto(server.url + where);
    pages.push(page);
  }
  const clients = Array.from({ length: CLIENTS }, client);
  const started = performance.now();
  let restarts = 0;
  let printed = 0;
  for (;;) {
    const seconds = (performance.now() - started) / 1000;
    if (seconds > SECONDS) break;
    if (seconds > ((restarts + 1) * SECONDS) / (RESTARTS + 1)) {
      await server.stop();
      server = await serve(folder, port);
      restarts += 1;
      console.log(`${Math.round(seconds)} s: killed and started again`);
    }
    await damage(folder);
    await timed();
    await Promise.all(
      pages.map((page) =>
        compare(page).catch((error) => {
          // A page reloads when its server was replaced.
          if (!String(error).includes("context was destroyed")) throw error;
        }),
      ),
    );
    if (seconds - printed >= 10) {
      printed = seconds;
      catalogues.sort((a, b) => a - b);
      const middle = Math.round(catalogues[Math.floor(catalogues.length / 2)] ?? Number.NaN);
      const longest = Math.round(catalogues.at(-1) ?? Number.NaN);
      catalogues = [];
      console.log(
        `${Math.round(seconds)} s: ${await memory()} MB, ${await processor()} s of processor time, catalogue ${middle} ms (longest ${longest}), ${JSON.stringify(counts)}`,
      );
    }
    await pause(1000);
  }
  over = true;
  await Promise.all(clients);
  if (writer.exitCode === null) writer.kill();
  await context.close();
  console.log(`${counts.wrong} wrong numbers of ${counts.compared} compared`);
  if (counts.wrong > 0) process.exitCode = 1;
}

await soak().finally(finish);
