// SPDX-License-Identifier: MIT
// node tests/katex/render.mjs build/release/matgrad: renders what `matgrad diff … --format latex` prints for every line
// of expressions.txt, all rules, and every formula of the explanations that ../derivations.txt lists, in both languages
// and in every format that holds LaTeX, with KaTeX, which must accept it without an error and without a warning.
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

// Explanations: displayed formulas and those within sentences.
const between = {
  latex: [/\\\[([^]*?)\\\]/g, /(?<!\\)\$([^$]+)\$/g],
  "latex-document": [/\\\[([^]*?)\\\]/g, /(?<!\\)\$([^$]+)\$/g],
  markdown: [/\$\$([^$]+)\$\$/g, /(?<![$\\])\$([^$]+)\$(?!\$)/g],
};
const derivations = readFileSync(fileURLToPath(new URL("../derivations.txt", import.meta.url)), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.replace(/^\S+ /, ""));
let stepFormulas = 0;
for (const line of derivations) {
  for (const format of Object.keys(between)) {
    for (const language of ["en", "zh"]) {
      const words = `"$0" diff ${line} --steps=full --format ${format} --lang ${language} --quiet`;
      const page = execFileSync("sh", ["-c", words, program], { encoding: "utf8" });
      const found = between[format].map((pattern) => [...page.matchAll(pattern)].map((match) => match[1]));
      if (found[0].length < 3 || found[1].length < 2) {
        failures += 1;
        console.error(`${line} as ${format}: only ${found[0].length} displayed formulas, ${found[1].length} in sentences`);
      }
      for (const formula of found.flat()) {
        stepFormulas += 1;
        try {
          render(formula);
        } catch (error) {
          failures += 1;
          console.error(`${line}\n${formula}\n  ${error.message}`);
        }
      }
    }
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

console.log(`latex: ${lines.length} derivations, ${formulas.length} rules, ${stepFormulas} in explanations, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
