"""Copies of a release, and of its maps, with one thing changed in each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from comity.services.demo.processes import failed
from comity.services.demo.tamper import canonical


def figure(release: Path) -> str:
    """A figure: the largest area gets a tenth more."""
    path = release / "release.json"
    record = json.loads(path.read_bytes())
    areas = [one for one in record["figures"] if one["measure"] == "area"]
    largest = max(areas, key=lambda one: float(one["value"] or 0))
    before = largest["value"]
    largest["value"] = f"{float(before) * 1.1:.6f}"
    path.write_bytes(canonical(record))
    return f"the area of {', '.join(largest['key'])} says {largest['value']} instead of {before} km2"


def part(release: Path) -> str:
    """A block's part: one of its exact numbers is one more."""
    path = release / "blocks.json"
    blocks: dict[str, Any] = json.loads(path.read_bytes())
    for one in blocks["parts"]:
        if one["values"]:
            place, value = max(one["values"].items(), key=lambda item: int(item[1]))
            one["values"][place] = str(int(value) * 11 // 10)
            path.write_bytes(canonical(blocks))
            at = one["block"]
            return f"the block at row {at['row']}, column {at['column']} holds a tenth more of one class"
    raise failed("no part to tamper with", where=str(path), found="none", wanted="a block that holds something")


COPIES: Final[dict[str, Callable[[Path], str]]] = {"figure": figure, "part": part}


def pixel(raster: Path) -> str:
    """An input: one bit of the last byte of a map."""
    data = bytearray(raster.read_bytes())
    data[-1] ^= 1
    raster.write_bytes(data)
    return f"one bit of {raster.name}, {len(data):,} bytes, is another"
