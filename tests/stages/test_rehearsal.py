"""Made-up people obey the norm, whatever the norm is: read back through the binding that was made with them."""

import csv
import tempfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.tables.counting import NationalTables
from comity.errors import UsageError
from comity.model.bundle.parts import Rule
from comity.model.norm import Code, Codelist, Dimension, Norm, Protection, Variable
from comity.model.source import read_binding
from comity.model.study import Period, Study
from comity.stages import collect, rehearsal
from comity.stages.rehearsal import Rehearsal
from tests import sample
from tests.builders import microdata

CODES = st.lists(
    st.sampled_from(["A", "a", "1", "01", "-1", "NULL", "x,y", 'q"q', "é", "NA", "_T", "true"]), min_size=1, unique=True
).filter(lambda codes: {*codes} - {"NA", "_T"})
BOUNDS = st.tuples(*[st.none() | st.decimals(-999, 999, places=2)] * 2).filter(lambda pair: pair != (None, None))


def spelt(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize() + 0:f}"


@st.composite
def norms(draw: st.DrawFn) -> Norm:
    """A norm of one to three coded variables and up to two numbers, whose persons touch up to four cells."""
    lists = draw(st.lists(CODES, min_size=1, max_size=3))
    numbers = [
        sorted(pair, key=lambda n: (n is None, n)) if None not in pair else pair
        for pair in draw(st.lists(BOUNDS, max_size=2))
    ]
    base, ids = sample.norm(), ["Q", "q", "R"]
    coded = [
        Variable(id=id, concept=f"D{i}", universe="all", unit="person", codelist=f"CL{i}", missing=("NA",))
        for i, (id, _) in enumerate(zip(ids, lists, strict=False))
    ]
    bounded = [
        Variable(id=f"N{i}", concept=f"N{i}", universe="all", unit="person", least=spelt(a), most=spelt(b))
        for i, (a, b) in enumerate(numbers)
    ]
    people = [one for one in base.variables if one.id in (base.unit, base.period)]
    structure = replace(
        base.structure,
        codelists=tuple(
            Codelist(id=f"CL{i}", agency="X", version="1.0", codes=tuple(Code(id=code, name=code) for code in codes))
            for i, codes in enumerate(lists)
        ),
        dimensions=tuple(Dimension(id=f"D{i}", name="", codelist=f"CL{i}") for i, _ in enumerate(lists)),
    )
    return replace(
        base,
        structure=structure,
        variables=(*people, *coded, *bounded),
        questions=(),
        rules=(),
        protection=Protection(unit="person", cells=draw(st.integers(1, 4)), threshold=1),
    )


def study(norm: Norm) -> Study:
    periods = (Period(id="2010-2014", value="6"), Period(id="2005-2009", value="5"))
    return replace(sample.study(), norm=norm.digest, periods=periods)


def made(norm: Norm, *, seed: str = "1", persons: int = 40) -> Rehearsal:
    return rehearsal.rehearsal(study(norm), norm, seed=seed, persons=persons)


@settings(max_examples=8, deadline=None)
@given(norm=norms(), seed=st.text(max_size=5))
def test_rehearsal_rows_obey_the_norm(norm: Norm, seed: str) -> None:
    """Nothing missing, nothing outside, nothing beyond the bounds; all rows in a period; persons as the norm allows."""
    people = made(norm, seed=seed)
    binding = read_binding(people.binding, where="binding.toml")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(people.columns)
            writer.writerows(zip(*people.columns.values(), strict=True))
        source, tables = microdata.source(path), NationalTables()
        covered = tables.coverage(source, norm, binding)
        rows = len(next(iter(people.columns.values())))
        assert (rows, rows, 0, 0) == (covered.rows, covered.counted, covered.missing, covered.outside)
        assert dict.fromkeys(covered.beyond, 0) == covered.beyond
        assert norm.protection.cells > 1 or tables.unique(source, norm, binding).holds
    collect.insist(covered, where="people")
    unit, time = (people.columns[binding.map(name).column] for name in (norm.unit, norm.period))
    several = Counter(zip(unit, time, strict=True))
    assert 2 * 40 == len(several)
    assert max(several.values()) <= norm.protection.cells
    for one in norm.variables:
        if one.least is not None or one.most is not None:
            for value in map(Decimal, people.columns[binding.map(one.id).column]):
                assert one.least is None or Decimal(one.least) <= value
                assert one.most is None or value <= Decimal(one.most)


def test_the_same_seed_makes_the_same_people_and_another_one_others() -> None:
    norm = sample.norm()
    assert made(norm) == made(norm)
    assert made(norm).columns != made(norm, seed="2").columns


def test_a_weight_and_a_design_are_made_up_too() -> None:
    """Each stratum of a period has two clusters at least, so that every variance can be reckoned."""
    people = made(sample.norm(), persons=rehearsal.FEWEST)
    binding = read_binding(people.binding, where="binding.toml")
    assert all(1 <= Decimal(weight) < 4 for weight in people.columns[binding.weight])
    (stage,) = binding.design.stages
    clusters = set(zip(people.columns[binding.design.strata], people.columns[stage.cluster], strict=True))
    assert {"1": 2, "2": 2, "3": 2, "4": 2} == Counter(stratum for stratum, _ in clusters)
    assert len(clusters) == len({cluster for _, cluster in clusters})


def test_a_norms_rules_hold_for_its_made_up_people() -> None:
    """A range of a variable is kept to; who may stand in one row alone does."""
    norm = sample.norm()
    number = Variable(id="DAYS", concept="DAYS", universe="", unit="person", least="0", most="366")
    rules = (
        Rule(id="R1", kind="range", of=("DAYS",), least="5", most="8"),
        Rule(id="R2", kind="unique", of=(norm.unit, norm.period)),
    )
    protection = replace(norm.protection, cells=4)
    norm = replace(norm, variables=(*norm.variables, number), rules=rules, protection=protection)
    people = made(norm)
    assert all(5 <= Decimal(days) <= 8 for days in people.columns["DAYS"])
    assert 2 * 40 == len(people.columns["DAYS"])


@pytest.mark.parametrize("persons", [0, rehearsal.FEWEST - 1, rehearsal.MOST + 1])
def test_so_many_persons_are_not_made(persons: int) -> None:
    with pytest.raises(UsageError, match="not so many persons"):
        made(sample.norm(), persons=persons)


def test_a_norm_that_nobody_could_answer_is_refused() -> None:
    norm = sample.norm()
    lists = tuple(replace(one, codes=one.codes[:0]) for one in norm.structure.codelists)
    with pytest.raises(UsageError, match="nobody could answer"):
        made(replace(norm, structure=replace(norm.structure, codelists=lists)))
