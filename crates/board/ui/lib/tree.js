// Run names as a tree: "sweep/relu/seed-0" lies in "relu", which lies in "sweep".

/**
 * @typedef {object} Branch
 * @property {string} path  The names up to here, with slashes.
 * @property {string} label
 * @property {string|null} run  The run of this name, if there is one.
 * @property {Branch[]} children
 * @property {string[]} runs  All runs at and below it.
 */

/**
 * The tree of some names. A branch with a single child and no run of its own is joined with it.
 *
 * @param {string[]} names
 * @returns {Branch[]}
 */
export function tree(names) {
  /** @type {Branch} */
  const root = { path: "", label: "", run: null, children: [], runs: [] };
  const branches = new Map([["", root]]);
  for (const name of names) {
    let parent = root;
    let path = "";
    for (const part of name.split("/")) {
      path = path === "" ? part : `${path}/${part}`;
      let branch = branches.get(path);
      if (!branch) {
        branch = { path, label: part, run: null, children: [], runs: [] };
        branches.set(path, branch);
        parent.children.push(branch);
      }
      branch.runs.push(name);
      parent = branch;
    }
    parent.run = name;
  }
  return root.children.map(joined);
}

/**
 * @param {Branch} branch
 * @returns {Branch}
 */
function joined(branch) {
  const children = branch.children.map(joined);
  if (branch.run === null && children.length === 1) {
    return { ...children[0], label: `${branch.label}/${children[0].label}` };
  }
  return { ...branch, children };
}
