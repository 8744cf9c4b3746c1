"""Writes docs/performance.md: the last figures of each bench, as they were measured, with their machine."""

import json
from pathlib import Path
from typing import Any

from bench.row import HEADS, spelt

ABOUT = """# Performance

Made by `make performance` from the last `make bench`; nothing here is typed by hand. Every ratio comes from one run on
one machine, ours beside the bare work that cannot be left out (the bound), or beside a peer that does the same. Read
the ratios; the seconds are this machine's.

"""


def last_of_each(lines: list[str]) -> list[dict[str, Any]]:
    """Rows of the last run of every bench; the rows of one run share the second they were written `at`."""
    rows = [json.loads(line) for line in lines]
    last = {row["bench"]: row["at"] for row in rows}
    return sorted((row for row in rows if row["at"] == last[row["bench"]]), key=lambda row: row["bench"])


def page(rows: list[dict[str, Any]]) -> str:
    """The page: a table a machine."""
    machines: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        machine = f"{row['cores']} cores, {row['cpu']}; Python {row['python']}, Comity {row['comity']}"
        machines.setdefault(machine, []).append(row)
    parts = [ABOUT]
    for machine, measured in machines.items():
        parts += [f"## {machine}\n\n", "| " + " | ".join([*HEADS.values(), "what"]) + " |\n"]
        parts.append("|" + "---|" * (len(HEADS) + 1) + "\n")
        for row in measured:
            cells = [f"`{row['bench']}`", *(spelt(row[key]) for key in list(HEADS)[1:]), row["note"]]
            parts.append("| " + " | ".join(cells) + " |\n")
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def write(results: Path, out: Path) -> int:
    """The page from the results; without results, one line that says how to get them."""
    if not results.is_file():
        print("bench: no figures in build/bench.jsonl; way out: make bench")
        return 2
    out.write_text(page(last_of_each(results.read_text().splitlines())))
    print(f"bench: wrote docs/{out.name}")
    return 0
