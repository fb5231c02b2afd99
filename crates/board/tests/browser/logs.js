// Log directories for the tests. Those that take a while are made once for all test files and never written to again.

import { execFile, spawn } from "node:child_process";
import { once as event } from "node:events";
import fs from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { BIN, EXAMPLES, OUTPUT, ROOT } from "./paths.js";

const run = promisify(execFile);

/** The default experiment, short: three activations with two seeds each, 16 records. */
const EXPERIMENT = [
  "train",
  "--seeds",
  "2",
  "--set",
  "train.steps=300",
  "--set",
  "record.every=20",
  "--json",
  "--logdir",
];

/** The same with few steps, for who only wants to see that it is trained. */
const BRIEF = ["train", "--seeds", "2", "--set", "train.steps=40", "--set", "record.every=20", "--logdir"];

/** Folders that are never written to again. @type {Set<string>} */
const kept = new Set();

/** Whether a log directory is one of those that are made, or were recorded, once for all tests. @param {string} folder */
export const isKept = (folder) => kept.has(folder);

/**
 * A folder that is made once for each build of the program that makes it. It is made aside and then renamed: of two
 * test files that want it at the same time, one has made it in vain.
 *
 * @param {string} name
 * @param {string} program
 * @param {(folder: string, last: string) => Promise<unknown>} make  Told where to, and where that will lie at last.
 */
async function once(name, program, make) {
  const built = await fs.stat(program).catch(() => {
    throw new Error(`${program} is not there; cargo xtask page builds it`);
  });
  const folder = path.join(OUTPUT, "logs", `${name}-${Math.round(built.mtimeMs)}`);
  const exists = () =>
    fs.access(folder).then(
      () => true,
      () => false,
    );
  kept.add(folder);
  if (await exists()) return folder;
  await fs.mkdir(path.dirname(folder), { recursive: true });
  const aside = await fs.mkdtemp(`${folder}.`);
  await make(path.join(aside, "log"), folder);
  await fs.rename(path.join(aside, "log"), folder).catch(async (error) => {
    if (!(await exists())) throw error;
  });
  await fs.rm(aside, { recursive: true });
  return folder;
}

/** Beside the experiment's folder: what its training printed. @param {string} folder */
const printed = (folder) => `${folder}.json`;

/** The experiment: runs such as `sigmoid/seed-0`. Do not write into it. */
export const experiment = () =>
  once("experiment", BIN, async (folder, last) => {
    const { stdout } = await run(BIN, [...EXPERIMENT, folder]);
    await fs.writeFile(`${folder}.json`, stdout);
    await fs.rename(`${folder}.json`, printed(last));
  });

/**
 * The results that `headwater train --json` prints for the runs of `experiment`.
 *
 * @returns {Promise<{run: string, mean_abs: number[], gains: Record<string, number>}[]>}
 */
export async function verdict() {
  const lines = (await fs.readFile(printed(await experiment()), "utf8")).trim().split("\n");
  return lines
    .map((line) => JSON.parse(line))
    .filter((one) => typeof one.run === "string" && Array.isArray(one.gradient_mean_abs))
    .map((one) => ({ run: one.run, mean_abs: one.gradient_mean_abs, gains: one.gains }));
}

/** The runs of a small sweep. They record configurations and results, but no layers. Do not write into the folder. */
export const sweep = () =>
  once("sweep", BIN, async (folder) => {
    const aside = path.dirname(folder);
    const file = path.join(aside, "sweep.toml");
    const sections = [
      "[train]",
      "steps = 5",
      "[sweep.keys]",
      "train.learning_rate = [0.01, 0.1]",
      "network.depth = [2, 3]",
    ];
    await fs.writeFile(file, `${sections.join("\n")}\n`);
    await run(BIN, ["sweep", file, "--logdir", path.join(aside, "all")]);
    await fs.rename(path.join(aside, "all", "runs"), folder);
  });

/** Logs with runs and tags whose names are markup, paths and control characters. Do not write into it. */
export const hostile = () => {
  const program = path.join(EXAMPLES, "hostile_log");
  return once("hostile", program, (folder) => run(program, [folder]));
};

/**
 * Logs of a given shape. Do not write into it.
 *
 * @param {number} runs
 * @param {number} tags  In each run.
 * @param {number} points  In each tag.
 */
export const large = (runs, tags, points) => {
  const program = path.join(EXAMPLES, "large_log");
  const shape = [runs, tags, points].map(String);
  return once(`large-${shape.join("x")}`, program, (folder) => run(program, [folder, ...shape]));
};

/**
 * The logs of another framework.
 *
 * @param {"pytorch"|"tensorflow"|"tensorboard"|"tensorboardx"} framework
 */
export function foreign(framework) {
  const folder = path.join(ROOT, "crates/events/tests/foreign/logs", framework);
  kept.add(folder);
  return folder;
}

/** Folders of tests that are to go when they are over. @type {string[]} */
const discarded = [];

/** Removes the folders that tests had for themselves. */
export async function discard() {
  for (const folder of discarded.splice(0)) await fs.rm(folder, { recursive: true, force: true });
}

/**
 * A new folder of the test's own, empty or with a copy of other logs.
 *
 * @param {string} [logs]
 */
export async function fresh(logs) {
  await fs.mkdir(path.join(OUTPUT, "logs"), { recursive: true });
  const folder = await fs.mkdtemp(path.join(OUTPUT, "logs", "fresh-"));
  discarded.push(folder);
  if (logs) await fs.cp(logs, folder, { recursive: true });
  return folder;
}

/** A copy of the experiment in which one file has a byte that is not as it was written, and another has lost its end. */
export async function corrupt() {
  const folder = await fresh(await experiment());
  const flipped = await eventFile(path.join(folder, "sigmoid/seed-0"));
  const bytes = await fs.readFile(flipped);
  bytes[Math.floor(bytes.length / 2)] ^= 0xff;
  await fs.writeFile(flipped, bytes);
  const cut = await eventFile(path.join(folder, "relu/seed-1"));
  await fs.truncate(cut, Math.floor((await fs.stat(cut)).size * 0.6));
  return folder;
}

/**
 * A run that grows when it is told to.
 *
 * @param {string} folder  Of the run; it is made if it is not there.
 */
export function live(folder) {
  const child = spawn(path.join(EXAMPLES, "live_log"), [folder], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /**
     * Writes a scalar and resolves once it is flushed.
     *
     * @param {number} step
     * @param {number} value
     * @param {string} tag
     */
    async write(step, value, tag) {
      child.stdin.write(`${step} ${value} ${tag}\n`);
      const { done } = await answers.next();
      if (done) throw new Error(`live_log ended before it wrote ${tag} at step ${step}`);
    },
    async end() {
      child.stdin.end();
      if (child.exitCode === null) await event(child, "exit");
    },
  };
}

/**
 * Trains the runs of the experiment into a folder, for fewer steps; resolves when it is over.
 *
 * @param {string} folder
 */
export const train = (folder) => run(BIN, [...BRIEF, folder]);

/** @param {string} run  The folder of a run. */
async function eventFile(run) {
  const name = (await fs.readdir(run)).find((one) => one.includes("tfevents"));
  if (!name) throw new Error(`${run} has no event file`);
  return path.join(run, name);
}
