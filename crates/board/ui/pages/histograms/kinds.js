// Which tags belong together: all of one kind, a layer each.

/** @typedef {{layer: string, tag: string, runs: string[]}} Layer */
/** @typedef {{key: string, label: string, noun: string, layers: Layer[]}} Kind */

/** What we record ourselves, in the order of the question: does the gradient arrive, and if not, why? @type {[string, string, string][]} */
const OURS = [
  ["gradient", "Weight gradients", "weight gradients"],
  ["weight", "Weights", "weights"],
  ["preactivation", "Pre-activations", "pre-activations"],
  ["activation", "Activations", "activations"],
  ["delta", "Deltas", "deltas"],
];

/** Names of parameters in PyTorch and Keras, at the end of a tag: "fc1.weight.grad", "dense/kernel_0", "dense/bias:0". */
const PARAMETER =
  /^(?:(.*)[./])?((?:weights?|bias|kernel|gamma|beta|moving_mean|moving_variance|running_mean|running_var|recurrent_kernel|embeddings?)(?:_\d+)?(?::\d+)?(?:[._/](?:grad|gradient)s?)?)$/i;

/** The same at its beginning: "grad/fc1.weight". */
const ROLE = /^(grad|gradient|weight|param|parameter|activation|output)s?[./](.+)$/i;

/**
 * What a tag is of, and of which layer.
 *
 * @param {string} tag
 * @returns {{kind: string, layer: string}}
 */
export function split(tag) {
  const parameter = PARAMETER.exec(tag);
  if (parameter?.[1]) {
    const role = ROLE.exec(parameter[1]);
    return role
      ? { kind: `${role[1]} of ${parameter[2]}`, layer: role[2] }
      : { kind: parameter[2], layer: parameter[1] };
  }
  const slash = tag.lastIndexOf("/");
  return slash > 0 ? { kind: tag.slice(0, slash), layer: tag.slice(slash + 1) } : { kind: "", layer: tag };
}

/**
 * The kinds of some histogram tags. Tags that are alone in their kind are put together under "other".
 *
 * @param {Iterable<[string, {runs: string[]}]>} tags  In natural order, which layers and kinds keep.
 * @returns {Kind[]}
 */
export function kinds(tags) {
  /** @type {Map<string, Layer[]>} */
  const found = new Map();
  /** @type {Layer[]} */
  const alone = [];
  for (const [tag, { runs }] of tags) {
    const { kind, layer } = split(tag);
    const members = found.get(kind) ?? [];
    members.push({ layer, tag, runs });
    found.set(kind, members);
  }
  /** @type {Kind[]} */
  const named = [];
  for (const [key, members] of found) {
    const ours = OURS.find(([name]) => name === key);
    if (key === "" || (members.length === 1 && !ours)) {
      alone.push(...members.map(({ tag, runs }) => ({ layer: tag, tag, runs })));
      continue;
    }
    named.push({ key, label: ours?.[1] ?? key, noun: ours?.[2] ?? "values", layers: members });
  }
  const place = (/** @type {Kind} */ { key }) => OURS.findIndex(([name]) => name === key) + 1 || OURS.length + 1;
  named.sort((a, b) => place(a) - place(b));
  if (alone.length > 0) {
    named.push({ key: "other", label: named.length > 0 ? "Other" : "All tags", noun: "values", layers: alone });
  }
  return named;
}
