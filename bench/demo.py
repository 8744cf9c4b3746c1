"""`demo`: the demonstration with 12 members, by stage. Most of it is waiting for the steps that the study gives."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.row import Row

MEMBERS = 12


def run() -> list[Row]:
    """A row a stage, and one for the whole."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        command = [sys.executable, "-m", "comity", "demo", "run", "--out", str(out)]
        command += ["--members", str(MEMBERS), "--data", "synthetic"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        timings = json.loads((out / "timings.json").read_text(encoding="utf-8"))
    stages = [(f"stage {step['number']}: {step['title']}", step["seconds"]) for step in timings["steps"]]
    return [_row(title, seconds) for title, seconds in [*stages, ("the whole", timings["seconds"])]]


def _row(title: str, seconds: float) -> Row:
    return Row(
        bench="demo",
        n=MEMBERS,
        ours_s=seconds,
        bound_s=None,
        ratio=None,
        per_s=None,
        peer=None,
        peer_s=None,
        note=f"members, synthetic people; {title}",
    )
