"""A row of figures: what was measured, beside what it cannot beat and what others take for the same."""

import json
from typing import TypedDict

NUMBERS = ("ours_s", "bound_s", "ratio", "per_s", "peer_s")


class Row(TypedDict):
    """One measurement; every ratio comes from one run, so that a slow machine slows both sides.

    bench: name of the bench, `log.tiles`.      n: how many of the unit that `note` names.
    ours_s: seconds that Comity took.           bound_s: seconds of the bare work that cannot be left out, if any.
    ratio: ours_s / bound_s (or / peer_s).      per_s: units a second, ours.
    peer, peer_s: who else did the same, and its seconds, if anyone.
    note: the unit of n, and what a reader must know.
    """

    bench: str
    n: int
    ours_s: float
    bound_s: float | None
    ratio: float | None
    per_s: float | None
    peer: str | None
    peer_s: float | None
    note: str


def parse(name: str, line: str) -> list[Row]:
    """Rows that a bench printed; a field too many or too few is a fault of that bench."""
    rows: list[Row] = json.loads(line)
    for row in rows:
        if set(row) != set(Row.__annotations__):
            odd = sorted(set(row) ^ set(Row.__annotations__))
            raise SystemExit(f"bench {name}: found or missed the fields {', '.join(odd)}; way out: see bench.row.Row")
    return rows


def spelt(value: float | str | None, digits: int = 3) -> str:
    """A figure for a table: three significant digits, thousands apart, nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if value == int(value) or abs(value) >= 1000:
        return f"{round(value):,}".replace(",", " ")
    return f"{value:.{digits}g}"


HEADS = {
    "bench": "bench", "n": "n", "ours_s": "ours, s", "per_s": "a second",
    "bound_s": "bound, s", "peer": "peer", "peer_s": "peer, s", "ratio": "ratio",
}  # fmt: skip


def table(rows: list[Row]) -> str:
    """Rows as text in columns, the note under each."""
    cells = [list(HEADS.values()), *([spelt(row[key]) for key in HEADS] for row in rows)]  # type: ignore[literal-required]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], *(f"{line}\n    {row['note']}" for line, row in zip(lines[1:], rows, strict=True))])
