// Matches names with a regular expression where nobody waits for it: an expression such as (a+)+$ can take longer than
// anybody lives. Whoever started this worker ends it when it has had its time.

/** The worker's own side of the channel. @type {any} */
const self_ = globalThis;

self_.onmessage = (/** @type {MessageEvent<{pattern: string, names: string[]}>} */ { data: { pattern, names } }) => {
  const expression = new RegExp(pattern, "i");
  self_.postMessage(names.map((name) => expression.test(name)));
};
self_.postMessage("ready");
