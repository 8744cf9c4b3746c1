"""Files of cells as tables: with margins or without, grouped in one way or two, and published before or not."""

import numpy as np
import pytest

from comity.errors import ConfigError, FormatError
from comity.model.cell_file import CellDimension, CellFile
from comity.stages.protect import placing
from comity.stages.protect.cells import Cells
from comity.stages.protect.placing import Placed
from comity.stages.protect.tables import HIDDEN, OPEN, SHOWN

COUNTS = CellFile(counts=True)
NORTH = CellFile(counts=True, dimension=(CellDimension(id="R", parents={"a": "AB", "b": "AB"}),))


def file(*lines: str, name: str = "a.csv") -> Cells:
    header, *rows = [line.split(",") for line in lines]
    return Cells(name=name, columns={column: [row[at] for row in rows] for at, column in enumerate(header)})


def held(one: Placed) -> dict[str, int]:
    """A table as its cells' codes and values."""
    return {one.table.name(at): int(value) for at, value in enumerate(one.table.values)}


FINEST = file("R,S,VALUE", "a,F,1", "a,M,2", "b,F,3", "c,M,5")
WHOLE = file("R,VALUE,CONTRIBUTORS,LARGEST1", "_T,60,4,50", "a,40,1,40", "b,20,4,10")


def test_margins_that_a_file_lacks_are_made_and_cells_that_it_lacks_are_zero() -> None:
    (one,) = placing.placed([FINEST], COUNTS)
    expected = {
        "R=_T S=_T": 11, "R=_T S=F": 4, "R=_T S=M": 7, "R=a S=_T": 3, "R=a S=F": 1, "R=a S=M": 2,
        "R=b S=_T": 3, "R=b S=F": 3, "R=b S=M": 0, "R=c S=_T": 5, "R=c S=F": 0, "R=c S=M": 5,
    }  # fmt: skip
    assert expected == held(one)
    assert ["R=a S=F", "R=a S=M", "R=b S=F", "R=c S=M"] == [one.table.name(int(at)) for at in one.cell]


def test_groups_are_above_their_codes() -> None:
    (one,) = placing.placed([file("R,VALUE", "a,1", "b,2", "c,4")], NORTH)
    assert {"R=_T": 7, "R=AB": 3, "R=a": 1, "R=b": 2, "R=c": 4} == held(one)


def test_a_file_of_groups_alone_has_them_as_its_finest_cells() -> None:
    """Its parts are not in it, though the structure knows them for other files."""
    (one,) = placing.placed([file("R,VALUE", "AB,3", "c,4")], NORTH)
    assert {"R=_T": 7, "R=AB": 3, "R=c": 4} == held(one)


def test_margins_of_a_file_keep_what_it_says_of_their_contributors() -> None:
    """One enterprise stands in both regions: the total has four, not one and four, and 50 of it are that one's."""
    (one,) = placing.placed([WHOLE], CellFile())
    assert ([4, 1, 4], [[50, 40, 10]]) == (one.table.number.tolist(), one.table.largest.tolist())


def test_a_dimension_grouped_in_two_ways_is_two_tables_over_the_same_cells() -> None:
    two = CellFile(
        counts=True,
        dimension=(CellDimension(id="R", parents={"a": "AB", "b": "AB"}), CellDimension(id="R", parents={"b": "BC"})),
    )
    first, second = placing.placed([file("R,VALUE", "a,1", "b,2", "c,4")], two)
    assert {"R=_T": 7, "R=AB": 3, "R=a": 1, "R=b": 2, "R=c": 4} == held(first)
    assert {"R=_T": 7, "R=BC": 2, "R=a": 1, "R=b": 2, "R=c": 4} == held(second)


def test_a_file_with_one_ways_groups_is_a_table_by_that_way() -> None:
    two = CellFile(
        counts=True,
        dimension=(CellDimension(id="R", parents={"a": "AB", "b": "AB"}), CellDimension(id="R", parents={"b": "BC"})),
    )
    (one,) = placing.placed([file("R,VALUE", "_T,7", "a,1", "b,2", "c,4", "BC,2")], two)
    assert {"R=_T": 7, "R=BC": 2, "R=a": 1, "R=b": 2, "R=c": 4} == held(one)


def test_files_have_one_unit() -> None:
    """Figures of 10.5 and 3 are 105 and 30 of one tenth."""
    other = file("R,VALUE,CONTRIBUTORS", "a,3,9", name="b.csv")
    found = placing.placed([file("R,VALUE,CONTRIBUTORS", "a,10.5,9"), other], CellFile())
    assert [(1, [105]), (1, [30])] == [(one.decimals, one.table.values.tolist()) for one in found]


def test_a_line_that_says_it_is_confidential_is_hidden_already() -> None:
    (one,) = placing.placed([file("R,VALUE,CONF_STATUS", "a,1,F", "b,2,C")], COUNTS)
    assert [OPEN, OPEN, HIDDEN] == one.table.status.tolist()


@pytest.mark.parametrize(
    ("given", "form", "told"),
    [
        (file("R,VALUE", "a,1", "b,2"), CellFile(), "how many contributors"),
        (file("R,VALUE", "a,1.5", "b,2"), COUNTS, "not whole"),
        (file("R,VALUE", "_T,4", "a,1", "b,2"), COUNTS, "R=_T: a margin that is not the sum"),
        (file("R,VALUE", "_T,3", "a,1"), COUNTS, "not the sum"),
        (file("R,VALUE", "a,1", "a,2"), COUNTS, "a cell twice"),
        (file("R,VALUE", "a,1", ",2"), COUNTS, "without a code"),
        (file("R,VALUE", "a,1", "b,"), COUNTS, "a cell without a figure"),
        (file("R,VALUE", "a,1", "b,-2"), COUNTS, "cannot be"),
        (file("R,VALUE,CONTRIBUTORS", "a,1,1", "b,2,-1"), CellFile(), "cannot be"),
        (file("R,VALUE,CONTRIBUTORS", "_T,3,4", "a,1,1", "b,2,2"), CellFile(), "more contributors"),
        (file("R,VALUE,CONTRIBUTORS,LARGEST1", "a,9,2,10", "b,2,1,2"), CellFile(), "cannot be"),
        (file("R,VALUE,CONTRIBUTORS,LARGEST1,LARGEST2", "a,9,2,4,5", "b,2,1,2,0"), CellFile(), "cannot be"),
        (file("TIME_PERIOD,VALUE", "2023,1", "2024,2"), COUNTS, "several periods"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_one_line(given: Cells, form: CellFile, told: str) -> None:
    with pytest.raises((ConfigError, FormatError), match=r"a\.csv") as refused:
        placing.placed([given], form)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_dimension_that_no_file_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="no file has such a dimension"):
        placing.placed([FINEST], CellFile(counts=True, dimension=(CellDimension(id="AGE"),)))


def test_more_cells_than_can_be_protected_are_refused() -> None:
    codes = [f"c{at}" for at in range(200)]
    given = Cells(name="a.csv", columns=dict.fromkeys(("R", "S", "T"), codes) | {"VALUE": ["1"] * 200})
    declared = CellFile(counts=True, dimension=tuple(CellDimension(id=name) for name in ("R", "S", "T")))
    with pytest.raises(FormatError, match="too many cells"):
        placing.placed([given], declared)


def test_what_was_published_before_is_shown_or_hidden() -> None:
    placed = placing.placed([FINEST], COUNTS)
    before = file("R,VALUE", "_T,11", "a,", "b,3", "c,5", name="old.csv")
    (one,) = placing.published(placed, before, COUNTS)
    marks = {one.table.name(int(at)): int(one.table.status[at]) for at in np.flatnonzero(one.table.status)}
    assert {"R=_T S=_T": SHOWN, "R=a S=_T": HIDDEN, "R=b S=_T": SHOWN, "R=c S=_T": SHOWN} == marks


@pytest.mark.parametrize(
    ("line", "told"), [("b,4", "old.csv: R=b S=_T: was published with another figure"), ("d,4", "old.csv, line 2")]
)
def test_what_was_published_otherwise_is_refused(line: str, told: str) -> None:
    with pytest.raises(FormatError) as refused:
        placing.published(placing.placed([FINEST], COUNTS), file("R,VALUE", line, name="old.csv"), COUNTS)
    assert told in str(refused.value)


TOTALLED = file("R,S,VALUE", "a,F,1", "a,M,2", "b,F,3", "c,M,5", "all,F,4", "all,M,7")


def test_a_total_by_a_name_that_nobody_said_is_refused() -> None:
    """As one more code it would be added to its own cells, and nobody would be asked what it gives away."""
    with pytest.raises(FormatError, match=r"a\.csv: R: a code that is the sum of all others"):
        placing.placed([TOTALLED], COUNTS)


@pytest.mark.parametrize(("total", "whole"), [("all", 11), ("_T", 22)])
def test_a_dimension_that_a_structure_names_is_as_it_says(total: str, whole: int) -> None:
    form = CellFile(counts=True, dimension=(CellDimension(id="R", total=total),))
    (one,) = placing.placed([TOTALLED], form)
    assert whole == held(one)[f"R={total} S=_T"]


def test_a_code_that_is_the_sum_of_the_others_here_and_there_is_a_code() -> None:
    (one,) = placing.placed([file("R,S,VALUE", "a,F,1", "b,F,3", "c,F,4", "a,M,1", "b,M,1", "c,M,3")], COUNTS)
    assert 13 == held(one)["R=_T S=_T"]
