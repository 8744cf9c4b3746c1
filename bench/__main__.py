"""Runs the benches: `python -m bench [ONLY]`, or `python -m bench --write-docs` for docs/performance.md.

A bench is a module `bench/log_tiles.py`, named `log.tiles`, whose `run()` gives rows (see `bench.row.Row`). Each runs
in a process of its own, so that none warms the next. Decides nothing about what is fast enough: it prints what was
measured beside a bound or a peer, in one run on one machine.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from bench import machine, performance
from bench.row import Row, parse, table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = ROOT / "build" / "bench.jsonl"
NOT_BENCHES = {"__init__", "__main__", "machine", "performance", "row"}

# The module runs under `-c`, so its own output stays apart from the rows, which are the last line.
RUN = "import importlib, json, sys; print(json.dumps(importlib.import_module('bench.' + sys.argv[1]).run()))"


def found() -> dict[str, str]:
    """Name of each bench and its module."""
    modules = sorted(file.stem for file in HERE.glob("*.py") if file.stem not in NOT_BENCHES)
    return {module.replace("_", ".", 1): module for module in modules}


def measure(name: str, module: str) -> list[Row]:
    """One bench in a fresh process; its other output is shown when it fails."""
    done = subprocess.run([sys.executable, "-c", RUN, module], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench {name}: ended with exit {done.returncode}; way out: python -c 'import bench.{module}'")
    *said, rows = done.stdout.splitlines()
    print(*(f"    {line}" for line in said), sep="\n", end="\n" if said else "")
    return parse(name, rows)


def main(arguments: list[str]) -> int:
    """Run what is asked for, append its rows to build/bench.jsonl, print them as a table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures of Comity beside bounds and peers.")
    parser.add_argument("only", nargs="*", help="names such as log.tiles; without any, all")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md from build/bench.jsonl")
    asked = parser.parse_args(arguments)
    if asked.write_docs:
        return performance.write(RESULTS, ROOT / "docs" / "performance.md")
    benches = found()
    if unknown := [name for name in asked.only if name not in benches]:
        parser.error(
            f"no bench {', '.join(unknown)}; wanted some of {', '.join(benches) or 'none: there are none yet'}"
        )
    names = asked.only or list(benches)
    RESULTS.parent.mkdir(exist_ok=True)
    rows: list[Row] = []
    for position, name in enumerate(names, start=1):
        print(f"[{position}/{len(names)}] {name} ...", flush=True)
        started = time.monotonic()
        measured = measure(name, benches[name])
        print(f"    {len(measured)} rows in {time.monotonic() - started:.1f} s", flush=True)
        facts = {"at": int(time.time()), **machine.facts(ROOT)}
        with RESULTS.open("a") as file:
            file.writelines(json.dumps({**facts, **row}) + "\n" for row in measured)
        rows += measured
    print("\n" + table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
