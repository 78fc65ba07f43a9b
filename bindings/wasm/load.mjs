// SPDX-License-Identifier: MIT
// matgrad from JavaScript: `const matgrad = await load(factory)` and then `matgrad.diff({expr, wrt, …})`, which takes and
// gives the objects of `matgrad diff --format json`. In node pass {wasmBinary} as well.

export async function load(factory, options = {}) {
  const module = await factory(options);
  const call = (name, request) => {
    const text = module.ccall(name, "number", ["string"], [JSON.stringify(request)]);
    try {
      return JSON.parse(module.UTF8ToString(text));
    } finally {
      module._matgrad_free(text);
    }
  };
  return { diff: (request) => call("matgrad_diff_json", request) };
}
