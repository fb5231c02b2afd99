// The programs that a test starts: our server and one Chromium; `finish` ends what is left of them.

import { spawn } from "node:child_process";
import { chromium } from "playwright-core";
import { discard } from "./logs.js";
import { BIN } from "./paths.js";

/** @typedef {import("playwright-core").Browser} Browser */

/** @type {Promise<Browser>|undefined} */
let browser;

/** What is still open when the tests of a file are over, because one of them failed. @type {Set<() => Promise<void>>} */
export const leftovers = new Set();

/** The servers of logs that are only read, by log directory. @type {Map<string, ReturnType<typeof serve>>} */
const kept = new Map();

/**
 * A server of a log directory that nobody writes to, for all tests of this process.
 *
 * @param {string} logdir
 */
export function servedOnce(logdir) {
  const found = kept.get(logdir) ?? serve(logdir);
  kept.set(logdir, found);
  return found;
}

/** Ends everything that was started and removes the folders that were made for it. */
export async function finish() {
  for (const end of leftovers) await end();
  if (browser) await (await browser).close();
  await discard();
}

const ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"];

/** What makes a browser cheaper and slower, or less like a reader's. */
const FRUGAL = [
  // Without a GPU, a process for it only carries pictures to and fro.
  "--in-process-gpu",
  // One process for the pages of a test, and not one for the empty page before them and one to spare.
  "--renderer-process-limit=1",
  // What runs for seconds need not be optimised.
  "--js-flags=--no-opt",
];

/**
 * The browser that all tests of a process share.
 *
 * @param {string[]} more  Arguments; none to measure how fast the page is.
 */
export function shared(more = FRUGAL) {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [...ARGUMENTS, ...more],
  });
  return browser;
}

/**
 * Serves a log directory until `stop` is called.
 *
 * @param {string} logdir
 * @param {number} [port]  Any that is free, if it is not given.
 * @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>}
 */
export async function serve(logdir, port = 0) {
  const child = spawn(BIN, ["serve", logdir, "--port", String(port)], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  // Also if this program ends before it comes to `finish`.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    leftovers.delete(stop);
    process.off("exit", kill);
    kill();
    await ended;
  };
  leftovers.add(stop);
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
      const found = printed.match(/https?:\/\/\S+/);
      if (found && printed.includes("\n")) resolve(found[0]);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`headwater serve ended with ${code} before it listened:\n${said}`)));
  });
  return { url, pid: child.pid ?? 0, stop };
}
