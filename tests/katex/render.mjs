// SPDX-License-Identifier: MIT
// node tests/katex/render.mjs build/release/matgrad: renders what `matgrad diff … --format latex` prints for every line
// of expressions.txt, and all rules, with KaTeX, which must accept it without an error and without a warning.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import katex from "katex";

const program = process.argv[2];
const list = readFileSync(fileURLToPath(new URL("expressions.txt", import.meta.url)), "utf8");
const lines = list.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

const render = (latex) => katex.renderToString(latex, { throwOnError: true, strict: "error", displayMode: true });

let failures = 0;
for (const line of lines) {
  try {
    const words = `"$0" diff ${line} --format latex --quiet`;
    const latex = execFileSync("sh", ["-c", words, program], { encoding: "utf8" }).replace(/\n$/, "");
    if (latex === "" || latex.includes("\n")) throw new Error(`not one line: ${JSON.stringify(latex)}`);
    if (!render(latex).includes("katex-html")) throw new Error(`nothing was rendered of ${latex}`);
  } catch (error) {
    failures += 1;
    console.error(`${line}\n  ${error.message}`);
  }
}

// The formulas of `matgrad rules --format latex` stand between lines of text.
const rules = execFileSync(program, ["rules", "--format", "latex"], { encoding: "utf8" });
const formulas = [...rules.matchAll(/^\\begin\{align\*\}\n[^]*?\n\\end\{align\*\}$/gm)].map((match) => match[0]);
if (formulas.length < 10) {
  failures += 1;
  console.error(`only ${formulas.length} formulas in the rules`);
}
for (const formula of formulas) {
  try {
    render(formula);
  } catch (error) {
    failures += 1;
    console.error(`${formula}\n  ${error.message}`);
  }
}

// What is no LaTeX must not pass.
for (const broken of ["\\frac{1", "\\left(x", "x^1^2", "\\nosuch{x}", "矩阵"]) {
  let accepted = true;
  try {
    render(broken);
  } catch {
    accepted = false;
  }
  if (accepted) {
    failures += 1;
    console.error(`accepted: ${broken}`);
  }
}

console.log(`latex: ${lines.length} derivations, ${formulas.length} rules, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
