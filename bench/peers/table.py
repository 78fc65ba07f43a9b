# SPDX-License-Identifier: MIT
"""What run.py measured, as Markdown tables and SVG charts.

    table.py RESULTS.json FOLDER     writes FOLDER/tables.md and FOLDER/*.svg; where FOLDER/README.md has a line
                                     "<!-- tables -->", the tables take the place of what follows it
"""
import json
import re
import sys
from pathlib import Path

import numpy as np

from charts import bars
from workloads import KINDS, TITLES

# A column is the fastest of several ways.
COLUMNS = {
    "matgrad": ["matgrad"],
    "PyTorch": ["torch", "torch_loop", "torch_vec", "torch_func"],
    "PyTorch, expert": ["torch_x", "torch_loop_x", "torch_vec_x", "torch_func_x"],
    "JAX": ["jax"],
    "JAX, expert": ["jax_x"],
    "CasADi": ["casadi", "casadi_c"],
    "CasADi, expert": ["casadi_x", "casadi_c_x"],
    "naive NumPy": ["naive"],
}
SIZES = ("S", "M", "L")
NOTHING_TO_MAKE = 2e-8  # seconds: a Hessian that is made of the arguments themselves
NAMES = {"matgrad": "matgrad", "sympy": "SymPy", "tensorgrad": "tensorgrad", "casadi": "CasADi"}


def figure(ratio):
    return f"{ratio:.3g}" if ratio < 1000 else f"{ratio:.0f}"


def duration(seconds):
    for unit, scale in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale or unit == "µs":
            return f"{seconds / scale:.3g} {unit}"


def median_of(cell):
    return float(np.median(cell["times"])) if cell.get("times") else float("inf")


def base_of(row):
    """What ratios are to: the limit, or the fastest of the peers where there is none."""
    if row["cells"].get("limit", {}).get("times"):
        return "limit"
    others = {name: median_of(cell) for name, cell in row["cells"].items() if name != "matgrad" and cell.get("times")}
    return min(others, key=others.get) if others else None


def fastest(row, names):
    """Of these candidates, or the one that says best why there is no time."""
    cells = {name: row["cells"][name] for name in names if name in row["cells"]}
    if not cells:
        return None
    return cells[min(cells, key=lambda name: median_of(cells[name]))]


def ratios(cell, base):
    """In every round; of a candidate that was called once only, to the median."""
    if len(cell["times"]) != len(base["times"]):
        return np.array([median_of(cell) / median_of(base)])
    return np.array(cell["times"]) / np.array(base["times"])


def ratio_of(row, column):
    """An expert who finds nothing to rewrite leaves the expression as it is."""
    base, cell = base_of(row), fastest(row, COLUMNS[column]) or fastest(row, COLUMNS[column.split(",")[0]])
    if base is None or cell is None or not cell.get("times"):
        return None
    return float(np.median(ratios(cell, row["cells"][base])))


def spread(values):
    quarter, three_quarters = np.percentile(values, [25, 75])
    return (three_quarters - quarter) / np.median(values)


def reason(cell):
    if "refused" in cell:
        text = cell["refused"].replace("about ", "").replace("more than ", ">")
        return text if text[0].isdigit() or text[0] == ">" else "not run"
    if "error" in cell:
        return "wrong" if cell["error"].startswith("differs") else "fails"
    return "not run"


def cell_text(row, column):
    cell = fastest(row, COLUMNS[column])
    if cell is None:
        return "=" if column.endswith("expert") else ""
    if not cell.get("times"):
        return reason(cell)
    values = ratios(cell, row["cells"][base_of(row)])
    if len(values) == 1:
        return figure(values[0]) + "~"
    return f"{figure(np.median(values))} ({100 * spread(values):.0f})"


def line(cells):
    return "| " + " | ".join(cells) + " |"


def geometric_mean(values):
    return float(np.exp(np.mean(np.log(values)))) if values else None


def lead(row):
    """How many times as long as matgrad the fastest peer takes that is not the limit."""
    own = ratio_of(row, "matgrad")
    others = [ratio_of(row, column) for column in COLUMNS if column != "matgrad"]
    others = [ratio for ratio in others if ratio is not None]
    return min(others) / own if own and others else None


def evaluation(result, kind):
    rows = [row for row in result["rows"] if row["kind"] == kind and base_of(row)]
    if not rows:
        return []
    with_limit = any(base_of(row) == "limit" for row in rows)
    base = "limit" if with_limit else "fastest peer"
    text = [f"## Evaluation: {TITLES[kind]}", ""]
    columns = [name for name in COLUMNS if any(fastest(row, COLUMNS[name]) for row in rows)]
    text.append(line(["workload", "size", base, *columns, "fastest peer / matgrad"]))
    text.append(line(["---", "---"] + ["---:"] * (len(columns) + 2)))
    for row in rows:
        reference = row["cells"][base_of(row)]
        sizes = ", ".join(f"{name}={size}" for name, size in row["sizes"].items())
        cells = [cell_text(row, column) for column in columns]
        ahead = lead(row)
        ending = [figure(ahead) if ahead else ""]
        text.append(line([row["id"], f"{row['size']}: {sizes}", duration(median_of(reference)), *cells, *ending]))
    for size in SIZES:
        of_size = [row for row in rows if row["size"] == size]
        if not of_size:
            continue
        means = []
        for column in columns:
            values = [ratio for row in of_size if (ratio := ratio_of(row, column)) is not None]
            mean = geometric_mean(values)
            means.append(f"**{figure(mean)}**" + (f" of {len(values)}" if len(values) < len(of_size) else "") if mean else "")
        leads = geometric_mean([ahead for row in of_size if (ahead := lead(row))])
        text.append(line(["**geometric mean**", size, "", *means, f"**{figure(leads)}**" if leads else ""]))
    return text + [""]


def estimate_of(row, column):
    """Of what was not run because it would take too long: as many times the base as it is said to take."""
    texts = [row["cells"][name].get("refused", "") for name in COLUMNS[column] if name in row["cells"]]
    seconds = [float(text.split()[1]) for text in texts if re.match(r"about [\d.]+ s\b", text)]
    return min(seconds) / median_of(row["cells"][base_of(row)]) if seconds else None


def fastest_of(row, columns):
    found = [ratio for column in columns if (ratio := ratio_of(row, column)) is not None]
    return min(found) if found else None


def leads(result):
    """Geometric means of how many times as long as matgrad the others take."""
    groups = {column: [column] for column in COLUMNS if column != "matgrad"}
    groups["fastest of PyTorch and JAX"] = ["PyTorch", "JAX"]
    text = ["## Times as long as matgrad: geometric means", "", line(["", "size", *groups])]
    text.append(line(["---", "---"] + ["---:"] * len(groups)))
    for kind in KINDS:
        for size in SIZES:
            rows = [row for row in result["rows"] if (row["kind"], row["size"]) == (kind, size) and ratio_of(row, "matgrad")]
            cells = []
            for columns in groups.values():
                timed = {row["id"]: fastest_of(row, columns) / ratio_of(row, "matgrad") for row in rows if fastest_of(row, columns)}
                guessed = {
                    row["id"]: estimate_of(row, columns[0]) / ratio_of(row, "matgrad")
                    for row in rows
                    if len(columns) == 1 and row["id"] not in timed and estimate_of(row, columns[0])
                }
                cell = figure(geometric_mean(list(timed.values()))) if timed else ""
                if len(timed) < len(rows) and timed:
                    cell += f" of {len(timed)}"
                if guessed and timed:
                    both = geometric_mean([*timed.values(), *guessed.values()])
                    cell += f"; {figure(both)} of {len(timed) + len(guessed)}"
                cells.append(cell)
            if rows:
                text.append(line([TITLES[kind], size, *cells]))
    note = "Behind a semicolon are rows counted that were not run, with the time that they would take."
    return [*text, "", note, ""] if len(text) > 4 else []


def derivation(result):
    if not result["derivations"]:
        return []
    peers = [peer for peer in NAMES if any(peer in entry["cells"] for entry in result["derivations"])]
    head = [f"{NAMES[peer]}, {what}" for peer in peers for what in ("gradient", "second")]
    text = ["## Derivation", "", line(["workload", *head]), line(["---"] + ["---:"] * len(head))]
    sums = {}
    for entry in result["derivations"]:
        cells = []
        for peer in peers:
            for what in ("gradient", "second"):
                answer = entry["cells"].get(peer, {})
                answer = answer.get(what, answer)
                if "seconds" in answer:
                    sums.setdefault((peer, what), []).append(answer["seconds"])
                cells.append(duration(answer["seconds"]) if "seconds" in answer else verdict(answer))
        text.append(line([entry["id"], *cells]))
    for name, of in (("median", np.median), ("worst", np.max)):
        cells = [duration(of(sums[key])) if (key := (peer, what)) in sums else "" for peer in peers for what in ("gradient", "second")]
        text.append(line([f"**{name}**", *cells]))
    count = [f"{len(sums.get((peer, what), []))}" for peer in peers for what in ("gradient", "second")]
    return text + [line(["**right**", *count]), ""]


def verdict(answer):
    text = answer.get("error") or answer.get("refused", "")
    if text.startswith(("could not be evaluated", "no formula")):
        return "unchecked"
    if text.startswith("more than"):
        return text.replace("more than ", ">")
    return {"wrong": "wrong", "": ""}.get(text, "fails")


def planning(result):
    """By workload, for the largest size that was run."""
    wanted = {"matgrad": "matgrad", "jax": "JAX", "casadi": "CasADi"}
    rows = {}
    for row in result["rows"]:
        rows[row["id"], row["kind"]] = row
    head = [f"{title}, {'Hessian' if kind == 'hess' else 'value+gradient'}" for title in wanted.values() for kind in KINDS]
    body = []
    for id in dict.fromkeys(row["id"] for row in result["rows"]):
        cells = []
        for peer in wanted:
            for kind in KINDS:
                notes = rows.get((id, kind), {}).get("cells", {}).get(peer, {}).get("notes", {})
                cells.append(duration(notes["planning"]) if "planning" in notes else "")
        sizes = "/".join(rows[id, kind]["size"] for kind in KINDS if (id, kind) in rows)
        if any(cells):
            body.append(line([id, sizes, *cells]))
    if not body:
        return []
    return ["## Planning", "", line(["workload", "size", *head]), line(["---", "---"] + ["---:"] * len(head)), *body, ""]


def structures(result):
    """Hessians that are kept as structure: what they are made of, beside all of their entries."""
    body = []
    for row in result["rows"]:
        cell = row["cells"].get("matgrad", {})
        notes = cell.get("notes", {})
        if "structure" not in notes or not cell.get("times"):
            continue
        made, applied, form = notes["structure"], notes["applied"], notes["form"]
        if made < NOTHING_TO_MAKE or made > median_of(cell) / 2:
            continue
        times = [made, applied, median_of(cell)]
        others = [fastest_of(row, ["PyTorch"]) or estimate_of(row, "PyTorch"), fastest_of(row, ["JAX"])]
        reference = median_of(row["cells"][base_of(row)])
        ahead = [figure(ratio * reference / made) if ratio else "" for ratio in others]
        short = form if len(form) <= 48 else form[:47] + "…"
        body.append(line([row["id"], row["size"], f"`{short}`", *map(duration, times), *ahead]))
    if not body:
        return []
    head = ["workload", "size", "Hessian", "structure", "applied", "all entries", "PyTorch / structure", "JAX / structure"]
    return ["## Hessians kept as structure", "", line(head), line(["---"] * 3 + ["---:"] * 5), *body, ""]


def missing(result):
    """What is not run, or not shown, and why; the same reason once."""
    reasons = {}
    for row in result["rows"]:
        for name, cell in row["cells"].items():
            if not cell.get("times"):
                text = cell.get("error") or cell.get("refused") or "lost with a process that was stopped"
                reasons.setdefault((name, text), []).append(f"{row['id']} {row['kind']} {row['size']}")
    if not reasons:
        return []
    text = ["## Not shown, and why", ""]
    for (name, why), where in sorted(reasons.items()):
        text.append(f"- {name}: {why}: {', '.join(where)}")
    return text + [""]


def about(result):
    machine = result["machine"]
    versions = []
    for peer, answer in result["peers"].items():
        if "error" in answer or "refused" in answer:
            versions.append(f"{peer} is not there")
        else:
            versions += [f"{name} {version}" for name, version in answer.items()]
    has_limit = any(base_of(row) == "limit" for row in result["rows"])
    text = [
        f"{result['date']}, {machine['processor']}, {machine['processors']} processors, {machine['system']}, Python "
        f"{machine['python']}; {result['threads']} thread, {result['rounds']} rounds; {'; '.join(versions)}."
    ]
    if result["rows"] and not has_limit:
        text.append("The hand-optimised limit was not there: ratios are to the fastest of the peers in each row.")
    if result["note"]:
        text += ["", f"**{result['note']}**"]
    return [*text, ""]


def charts(result, folder):
    text = []
    for kind in KINDS:
        for size in SIZES:
            rows = [row for row in result["rows"] if (row["kind"], row["size"]) == (kind, size) and base_of(row)]
            if not rows:
                continue
            series = {
                column: [ratio_of(row, column) for row in rows]
                for column in COLUMNS
                if any(ratio_of(row, column) for row in rows)
            }
            base = "the limit" if base_of(rows[0]) == "limit" else "the fastest peer"
            title = f"{TITLES[kind]}, size {size}: times as long as {base}"
            (folder / f"{kind}-{size}.svg").write_text(bars(title, [row["id"] for row in rows], series))
            text.append(f"![{title}]({kind}-{size}.svg)")
    return [*text, ""] if text else []


def plain(result):
    """For a reader with a program: medians, ratios and spreads rather than every time."""
    rows = []
    for row in result["rows"]:
        base = base_of(row)
        cells = {}
        for name, cell in row["cells"].items():
            if cell.get("times"):
                values = ratios(cell, row["cells"][base])
                cells[name] = {
                    "seconds": median_of(cell),
                    "ratio": float(np.median(values)),
                    "spread": float(spread(values)),
                    "rounds": len(cell["times"]),
                    "difference": cell.get("difference"),
                    **cell.get("notes", {}),
                }
            else:
                cells[name] = {key: cell[key] for key in ("error", "refused") if key in cell}
        rows.append({**row, "base": base, "cells": cells})
    return {**result, "rows": rows}


def main():
    result = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    text = about(result) + charts(result, folder)
    for kind in KINDS:
        text += evaluation(result, kind)
    text += leads(result) + structures(result) + derivation(result) + planning(result) + missing(result)
    page = folder / "README.md"
    mark = "<!-- tables -->\n"
    if page.exists() and mark in page.read_text():  # elsewhere the times themselves stay, for --resume
        (folder / "results.json").write_text(json.dumps(plain(result), indent=1) + "\n")
        page.write_text(page.read_text().split(mark)[0] + mark + "\n" + "\n".join(text).rstrip() + "\n")
    else:
        (folder / "tables.md").write_text("\n".join(text).rstrip() + "\n")
    print(f"{page if page.exists() else folder / 'tables.md'} and charts are written", file=sys.stderr)


if __name__ == "__main__":
    main()
