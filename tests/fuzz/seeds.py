# SPDX-License-Identifier: MIT
"""Inputs to begin with, and words to put in: seeds.py FOLDER.

Writes FOLDER/parse and FOLDER/derive from the commands in tests/golden, and FOLDER/words.dict from language.dict and
the names of the operators.
"""

import hashlib
import pathlib
import re
import shlex
import sys

here = pathlib.Path(__file__).parent
golden = here.parent / "golden"
options_with_value = {"--wrt", "--var", "--layout", "--form", "--order", "--symmetric-gradient", "--format", "--lang"}


def commands():
    for path in sorted(golden.glob("*.case")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("$ matgrad "):
                try:
                    yield shlex.split(line[2:])[1:]
                except ValueError:
                    pass  # a command for the shell with quotes of its own


def question(words):
    """The expression, the options and the declarations of a command."""
    expression, options, variables = None, {}, []
    rest = iter(words[1:])
    for word in rest:
        if word == "--var":
            variables.append(next(rest, ""))
        elif word in options_with_value:
            options[word] = next(rest, "")
        elif not word.startswith("--") and expression is None:
            expression = word
    return expression, options, variables


def write(folder, text):
    data = text.encode("utf-8")
    (folder / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def main(out):
    for target in ("parse", "derive"):
        (out / target).mkdir(parents=True, exist_ok=True)
    for words in commands():
        expression, options, variables = question(words)
        if expression is None or len(expression) > 300:
            continue
        for text in [expression] + variables:
            write(out / "parse", text)
        if words[0] == "diff" and "--wrt" in options:
            asked = " ".join(value for key, value in options.items() if key != "--wrt")
            write(out / "derive", "\n".join([expression, options["--wrt"], asked] + variables))
    names = set()
    for path in (here.parents[1] / "src/ops").glob("*.cpp"):
        names.update(re.findall(r'(?:\.name = |entry\(|abbreviation\()"(\w+)"', path.read_text(encoding="utf-8")))
    dictionary = (here / "language.dict").read_text(encoding="utf-8")
    (out / "words.dict").write_text(dictionary + "".join(f'"{name}("\n' for name in sorted(names)), encoding="utf-8")


main(pathlib.Path(sys.argv[1]))
