// SPDX-License-Identifier: MIT
// node smoke.mjs build/wasm/matgrad.mjs: derives least squares in WebAssembly and compares the text.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { load } from "./load.mjs";

const path = process.argv[2];
const { default: factory } = await import(pathToFileURL(path));
const matgrad = await load(factory, { wasmBinary: readFileSync(path.replace(/mjs$/, "wasm")) });

const answer = matgrad.diff({ expr: "norm2(X*w - y)^2", wrt: "w" });
assert.equal(answer.result?.text, "2*X'*(X*w - y)", JSON.stringify(answer));
const refusal = matgrad.diff({ expr: "norm2(X*w - ", wrt: "w" });
assert.equal(refusal.result, undefined, "a broken expression has no derivative");
console.log(`wasm: ${answer.result.text}`);
