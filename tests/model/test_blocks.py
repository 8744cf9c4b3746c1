"""Blocks of a raster: they tile a grid, their exact numbers add up in any order, and are rounded once."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon
from comity.errors import FormatError
from comity.model import blocks
from comity.model.blocks import SQUARE_METRE, Block, Blocks, GridText, Input, Part
from comity.model.structure import Axis, Layout, Measure

MEASURES = tuple(Measure(id=name, name=name, decimals=6, bound=2**62) for name in ("area", "points"))
LAYOUT = Layout(dimensions=(Axis(id="ZONE", codes=("N", "S")),), measures=MEASURES)
GRID = GridText(crs="EPSG:6933", transform=("10.0", "0.0", "0.0", "0.0", "-10.0", "0.0"), width=5, height=3)


def release(**changes: Any) -> Blocks:
    """Five by three cells in four blocks of 4; the first zone gains half a square metre in each."""
    half = {"0": str(SQUARE_METRE // 2)}
    record = Blocks(
        version=blocks.VERSION,
        method="land_cover_area/1",
        study=canon.digest(b"study"),
        period="2020",
        grid=GRID,
        size=4,
        inputs=(Input(layer="map", name="map.tif", product="Map v1", digest=canon.digest(b"map"), size=3),),
        parts=tuple(Part(block=block, values=half) for block in blocks.tiling(5, 3, 4)),
        fixed={"2": "7"},
    )
    return replace(record, **changes)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 70))
def test_blocks_cover_every_cell_once_in_row_major_order(width: int, height: int, size: int) -> None:
    """Whatever the size of a block."""
    found = list(blocks.tiling(width, height, size))
    cells = [
        (row, column)
        for block in found
        for row in range(block.row, block.row + block.rows)
        for column in range(block.column, block.column + block.columns)
    ]
    assert sorted(cells) == [(row, column) for row in range(height) for column in range(width)]
    assert found == sorted(found, key=lambda block: (block.row, block.column))


@given(st.integers(-(2**120), 2**120) | st.integers(-9, 9).map(lambda halves: halves * SQUARE_METRE // 2))
def test_an_exact_value_is_rounded_to_square_metres_half_to_even(exact: int) -> None:
    """As the decimal module rounds the same ratio."""
    with localcontext() as context:
        context.prec = 200
        wanted = (Decimal(exact) / SQUARE_METRE).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    assert int(wanted) == blocks.settle(exact)


def test_a_square_metre_is_so_many_parts_of_square_millimetres() -> None:
    """Coverage in 2^-46, area in square millimetres."""
    assert Fraction(1) == Fraction(SQUARE_METRE, 2**46 * 1000**2)


def test_parts_are_added_before_they_are_rounded() -> None:
    """Two blocks of half a square metre are one; entries of no block are taken as they are."""
    assert len(release().parts) == 2
    assert (1, 0, 7, 0) == blocks.totals(release(), LAYOUT)


def test_a_record_of_blocks_is_read_back_as_it_was_written() -> None:
    """Canonical JSON without a float."""
    assert release() == blocks.decode(canon.encode(release()))


@pytest.mark.parametrize("size", [2**53, 0])
def test_another_version_is_refused(size: int) -> None:
    """Parts in units that we do not know must not be added."""
    with pytest.raises(FormatError, match="version"):
        blocks.decode(canon.encode(release(version=f"comity-blocks/{size % 7}")))


@pytest.mark.parametrize(
    "changes",
    [
        {"parts": release().parts[:1]},
        {"parts": (*release().parts, release().parts[0])},
        {"parts": release().parts[::-1]},
        {"parts": (Part(block=Block(row=0, column=0, rows=3, columns=5), values={}),)},
        {"size": 0},
        {"grid": replace(GRID, height=4)},
    ],
)
def test_parts_that_are_not_the_blocks_of_the_grid_are_refused(changes: dict[str, Any]) -> None:
    """One left out, one twice, another order, another size: each would give another total unseen."""
    with pytest.raises(FormatError):
        blocks.totals(release(**changes), LAYOUT)


@pytest.mark.parametrize(
    "values", [{"4": "1"}, {"-1": "1"}, {"00": "1"}, {"0": "+1"}, {"0": "1e3"}, {"0": "0"}, {"0": "9" * 80}, {"0": "²"}]
)
def test_an_index_or_a_number_with_another_spelling_is_refused(values: dict[str, str]) -> None:
    """One part has one spelling, and no index outside the layout."""
    first, *others = release().parts
    with pytest.raises(FormatError):
        blocks.totals(release(parts=(replace(first, values=values), *others)), LAYOUT)


def test_an_entry_is_from_blocks_or_fixed_but_not_both() -> None:
    """Else the sample could write over what the map says."""
    with pytest.raises(FormatError, match="areas come from blocks"):
        blocks.totals(release(fixed={"0": "7"}), LAYOUT)
