"""A table that was decided on, as bytes: read back as it was written, and every other bytes refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.errors import FormatError
from comity.model.protection import Rules
from comity.stages.protect import released, sdc
from comity.stages.protect.released import Kept, Released
from tests.attacks.test_sum_minus_own import table


def decided(cells: list[list[int]]) -> Released:
    kept = sdc.protected(table(cells, "D", "E"), Rules(threshold=10), measures={}).kept
    study = canon.digest(b"study")
    return Released(study=study, period="2020", source="survey", norm="N", value="6", way="suppression", kept=kept)


def parts(kept: Kept) -> list[list[int]]:
    arrays = (kept.table.values, kept.table.number, kept.table.status, kept.published, kept.primary, kept.upper)
    return [array.astype(int).tolist() for array in (*arrays, kept.lower, kept.alone)]


@settings(max_examples=15, deadline=None)
@given(cells=st.lists(st.lists(st.sampled_from([0, 1, 7, 30]), min_size=2, max_size=2), min_size=2, max_size=3))
def test_what_is_written_is_read(cells: list[list[int]]) -> None:
    one = decided(cells)
    back = released.decode(released.encode(one))
    assert released.encode(one) == released.encode(back)
    assert (one.study, one.source, one.value, one.way) == (back.study, back.source, back.value, back.way)
    assert [parts(kept) for kept in one.kept] == [parts(kept) for kept in back.kept]
    assert [kept.table.variables for kept in one.kept] == [kept.table.variables for kept in back.kept]


def test_true_values_stay_beside_what_was_shown() -> None:
    (persons,) = decided([[3, 30], [30, 40]]).kept
    assert 103 == persons.table.values[0] == persons.published[0]  # the total, then rows
    hidden = np.flatnonzero(persons.hidden)
    assert 0 < len(hidden) < persons.table.cells
    assert {0} == set(persons.published[hidden].tolist())
    assert 3 in persons.table.values[hidden].tolist()


def test_no_largest_parts_are_kept() -> None:
    """The largest contributor's part is one person's: whatever a rule asked of it, it is kept nowhere."""
    parts = np.full((2, 1, 4), 7, np.int64)
    sums = {"n": sdc.Measured(what="income", counts=False, part=0)}
    rules = Rules(threshold=2, p=10)
    found = sdc.protected(table([[30, 30], [30, 40]], "D", "E"), rules, measures=sums, largest=parts)
    assert ["persons", "income"] == [kept.what for kept in found.kept]
    assert {(0, 9)} == {kept.table.largest.shape for kept in found.kept}


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b.replace(b"/1", b"/2", 1), bytes])
def test_other_bytes_are_refused(spoil: "object") -> None:
    body = b"" if spoil is bytes else spoil(released.encode(decided([[3, 30], [30, 40]])))  # type: ignore[operator]
    with pytest.raises(FormatError):
        released.decode(body)
