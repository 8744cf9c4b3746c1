"""Real samples with published figures and standard errors: an office's columns through binding, plan, engine, `finish`.

California's schools (R package survey: apistrat, apiclus1, apiclus2, apisrs), the U.S. Youth Risk Behavior Survey 2015
(samplics), EU-SILC 2006 and the Structure of Earnings Survey (R package laeken). What is expected stands in the
documentation and test output of these packages; nothing was reckoned with Comity. Figures are compared to the last
digit that was printed.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any, Final

import pytest

from comity.adapters.tables.counting import NationalTables
from comity.methods import registry
from comity.model import norm as norms
from comity.model.norm import Norm
from comity.model.source import Band, Binding, Design, Map, Replicates, Source, Stage
from comity.model.study import Period
from comity.stages import compute, design_effect
from comity.stages.variance import Replicated
from tests import sample
from tests.builders import microdata

TABLES: Final = NationalTables()
MEASURES: Final = ("n", "w", "wy", "wyy", "vw", "cwy", "vy")
SCHOOLS: Final = ("E", "H", "M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to a survey, of the method `mean/1`: a number by one dimension.

    codes: of the dimension; its map, or None for all in one cell.
    most: the norm's bound of the number; decimals: in which it is added, and weigh: in which weights are.
    """

    y: str
    codes: tuple[str, ...] = ("all",)
    by: Map | None = None
    weight: str = ""
    design: Design | None = None
    most: int = 10_000
    decimals: int = 0
    weigh: int = 6
    moments: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Figures as published (value, sampling error), and the sums that they were made of, in the measures' units."""

    figures: Mapping[tuple[str, str], tuple[str | None, str]]
    sums: Mapping[tuple[str, str], Fraction]
    counts: compute.Counts

    def shown(self, measure: str, code: str = "all", *, value: int = 0, error: int = 0) -> str:
        """A figure and its standard error with so many decimals, as R prints them."""
        found, sampling = self.figures[code, measure]
        return f"{Decimal(found or 'NaN'):.{value}f} ({Decimal(sampling):.{error}f})"


def norm(asked: Asked) -> Norm:
    """Persons by one dimension, and a number of each of them."""
    w, y = asked.weigh, asked.decimals
    scales = {"n": 0, "w": w, "wy": w + y, "wyy": w + 2 * y, "vw": 4, "cwy": 4, "vy": 2}
    text = sample.NORM_TOML
    measures = text[text.index("[[structure.measures]]") : text.index("[[codelists]]")]
    every = "".join(
        f'[[structure.measures]]\nid = "{id}"\nname = "{id}"\ndecimals = {scale}\nbound = {2**53 - 1}\n\n'
        for id, scale in scales.items()
    )
    number = '[[variables]]\nid = "Y"\nconcept = "Y"\nuniverse = "all"\nunit = "person"\n'
    number += f'least = "0"\nmost = "{asked.most}"\n\n'
    text = text.replace(measures, every).replace("[protection]", number + "[protection]")
    listed = "id,name\n" + "".join(f"{code},{code}\n" for code in asked.codes)
    return norms.read({**sample.FILES, "norm.toml": text.encode(), "codes/CL_ANSWER.csv": listed.encode()})


def rows(corpus: Path, name: str) -> list[dict[str, str]]:
    with (corpus / "methods" / "surveys" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def parquet(folder: Path, columns: microdata.Columns) -> Source:
    return microdata.source(microdata.write(folder, columns, formats=("parquet",))[0])


def answered(
    people: Sequence[Mapping[str, Any]],
    folder: Path,
    asked: Asked,
    kept: Callable[[Path, microdata.Columns], Source] = parquet,
) -> Answered:
    """What `mean/1` makes of rows as published; each row is a person.

    kept: where the office keeps them.
    """
    columns: dict[str, list[Any]] = {name: [person[name] for person in people] for name in people[0]}
    columns |= {"row": list(range(len(people))), "year": ["2006"] * len(people), "all": ["all"] * len(people)}
    made, method = norm(asked), registry.load("mean", "1")
    binding = Binding(
        id="survey",
        version="1",
        norm="TRUST/1.0.0",
        maps=(
            Map(variable="PERSON", column="row"),
            Map(variable="WAVE", column="year"),
            asked.by or Map(variable="Q1", column="all"),
            Map(variable="Y", column=asked.y),
        ),
        weight=asked.weight,
        design=asked.design or Design(),
    )
    layout = made.structure.layout(("ANSWER",), MEASURES[: 7 if asked.moments else 4])
    study = sample.study(
        norm=made.digest,
        layout=layout,
        periods=(Period(id="2006", value="2006"),),
        parameters={"y": "Y", "y_decimals": str(asked.decimals), "weight_decimals": str(asked.weigh)},
        method=registry.reference("mean", "1"),
    )
    source = TABLES.register(kept(folder, columns), made, binding)
    plan = compute.plan(study, made, binding, "2006", source=source, method=method)
    counts = TABLES.count(plan)
    cube, _ = compute.table(plan, _Counted(counts).count(plan))
    sums = cube.values.tolist()
    figures = method.finish(layout, sums, Decimal(0), study.parameters)
    places = ((code, one) for one in layout.measures for code in asked.codes)
    return Answered(
        figures={(one.key[0], one.measure): (one.value, one.sampling) for one in figures},
        sums={
            (code, one.id): Fraction(value, 10**one.decimals) for (code, one), value in zip(places, sums, strict=True)
        },
        counts=counts,
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """A count is made once, and looked at twice."""

    counts: compute.Counts

    def count(self, plan: compute.Plan) -> compute.Counts:
        return self.counts


# California's schools; expected: tests/testoutput/api.Rout.saved of R's survey

STRATA: Final = Design(strata="stype", stages=(Stage(population="fpc"),))
CLUSTERS: Final = Design(stages=(Stage(cluster="dnum", population="fpc"),))
STAGES: Final = Design(stages=(Stage(cluster="dnum", population="fpc1"), Stage(population="fpc2")))
REPLACED: Final = Design(stages=(Stage(cluster="dnum"),))
TYPE: Final = Map(variable="Q1", column="stype")


@pytest.mark.parametrize(
    ("name", "design", "mean", "total"),
    [
        ("apistrat", STRATA, "662.29 (9.4089)", "3687178 (114642)"),
        ("apiclus1", CLUSTERS, "644.17 (23.542)", "3404940 (932235)"),
        ("apiclus2", STAGES, "670.81 (30.099)", "2639273 (799638)"),
        ("apiclus2", REPLACED, "670.81 (30.712)", "2639273 (820261)"),
    ],
    ids=["strata", "clusters", "two stages", "with replacement"],
)
def test_schools_have_the_standard_errors_that_r_publishes(
    name: str, design: Design, mean: str, total: str, corpus: Path, tmp_path: Path
) -> None:
    """In apiclus2 six schools did not say how many pupils they have: na.rm, as domain estimates."""
    people = rows(corpus, name)
    api = answered(people, tmp_path, Asked(y="api00", weight="pw", design=design))
    pupils = answered(people, tmp_path, Asked(y="enroll", weight="pw", design=design))
    digits = len(mean.split(".")[-1]) - 1
    assert (mean, total) == (api.shown("mean", value=2, error=digits), pupils.shown("total"))


TYPES: Final = {"E": "4873.97 (1333.32)", "H": "473.86 (158.70)", "M": "846.17 (167.55)"}


def types(people: Sequence[Mapping[str, Any]], folder: Path, design: Design) -> dict[str, str]:
    """Numbers of schools by type, which are domains."""
    found = answered(people, folder, Asked(y="api00", codes=SCHOOLS, by=TYPE, weight="pw", design=design))
    sums = {code: (float(found.sums[code, "w"]), sqrt(found.sums[code, "vw"])) for code in SCHOOLS}
    return {code: f"{total:.2f} ({error:.2f})" for code, (total, error) in sums.items()}


def test_numbers_of_schools_by_type_have_the_published_standard_errors(corpus: Path, tmp_path: Path) -> None:
    """r-survey.r-forge.r-project.org, example-summary: svytotal(~stype, dclus1)."""
    assert TYPES == types(rows(corpus, "apiclus1"), tmp_path, CLUSTERS)


@pytest.fixture
def jackknife(corpus: Path) -> tuple[list[dict[str, str]], Design]:
    """as.svrepdesign(dclus1): JK1, each of 15 districts left out once, with the correction for 757 of them."""
    people = rows(corpus, "apiclus1")
    districts = sorted({one["dnum"] for one in people})
    for one in people:
        for place, district in enumerate(districts):
            one[f"r{place}"] = "0" if one["dnum"] == district else f"{float(one['pw']) * 15 / 14:.9f}"
    scale = Fraction(14, 15) * (1 - Fraction(15, 757))
    columns = tuple(f"r{place}" for place in range(15))
    return people, Design(replicates=Replicates(columns=columns, scale=str(scale)))


@pytest.mark.long
def test_a_jackknife_gives_totals_their_published_standard_errors(
    jackknife: tuple[list[dict[str, str]], Design], tmp_path: Path
) -> None:
    """The same as by linearisation: svytotal(~enroll + stype, rclus1)."""
    people, design = jackknife
    assert TYPES == types(people, tmp_path, design)
    pupils = answered(people, tmp_path, Asked(y="enroll", weight="pw", design=design))
    assert "3404940 (932235)" == pupils.shown("total")


def test_replicates_of_a_mean_have_the_published_standard_error(
    jackknife: tuple[list[dict[str, str]], Design], tmp_path: Path
) -> None:
    """svymean(~api00, rclus1), of the replicates of the mean itself around their own mean, or around the estimate; a
    moment knows those of totals, and the error out of it is that of linearisation.
    """
    people, design = jackknife
    found = answered(people, tmp_path, Asked(y="api00", weight="pw", design=design))
    totals = found.counts.totals
    assert isinstance(totals, Replicated)
    assert "644.17 (23.542)" == found.shown("mean", value=2, error=3)
    mean, *means = (Fraction(y, w) for y, w in zip(totals.totals["wy"][0], totals.totals["w"][0], strict=True))
    centre = sum(means) / 15
    errors = [sqrt(totals.scale * sum((one - around) ** 2 for one in means)) for around in (centre, mean)]
    assert ("26.3294", "26.335") == (f"{errors[0]:.4f}", f"{errors[1]:.3f}")


def test_a_simple_random_sample_has_the_published_design_effect(corpus: Path, tmp_path: Path) -> None:
    """svymean(~api00, deff = TRUE) of apisrs with weights and no population: 1.0334, for want of the correction."""
    found = answered(rows(corpus, "apisrs"), tmp_path, Asked(y="api00", weight="pw"))
    n, w, wy, wyy = (found.sums["all", id] for id in ("n", "w", "wy", "wyy"))
    error = Fraction(found.figures["all", "mean"][1])
    effect = design_effect.effect(error**2, persons=int(n), weight=w, total=wy, squares=wyy)
    assert "1.033" == f"{float(effect or 0):.3f}"


# Youth Risk Behavior Survey 2015, who never or rarely wore a bicycle helmet; expected: samplics, test_expansion.py


@pytest.mark.parametrize(
    ("strata", "answered_only", "error"),
    [("stratum", True, "555.5157"), ("", True, "560.0856"), ("stratum", False, "620.0883"), ("", False, "599.3322")],
    ids=["strata", "clusters", "strata of all", "clusters of all"],
)
def test_young_cyclists_have_the_standard_errors_that_stata_gives(
    strata: str, *, answered_only: bool, error: str, corpus: Path, tmp_path: Path
) -> None:
    """Published for a file of those with an answer alone. In two of 54 districts nobody has one: kept in the file,
    they were drawn all the same, and the error of the total is larger (reckoned with numpy from the rows).
    """
    people = [{**one, "helmet": {"1.0": "1", "2.0": "0"}.get(one["qn8"])} for one in rows(corpus, "yrbs2015")]
    people = [one for one in people if one["helmet"] or not answered_only]
    design = Design(strata=strata, stages=(Stage(cluster="psu"),))
    found = answered(people, tmp_path, Asked(y="helmet", weight="weight", design=design, most=1))
    shown = (f"{float(found.sums['all', 'wy']):.3f}", f"{sqrt(found.sums['all', 'vy']):.4f}")
    assert ("7938.333", error) == shown
    if answered_only and not strata:
        assert "0.8136 (0.0203)" == found.shown("mean", value=4, error=4)


# EU-SILC 2006 and Structure of Earnings; expected: Alfons and Templ (2013), J. Stat. Softw. 54(15)

THRESHOLD: Final = Decimal("10859.24")  # 60 % of the median of equivalised income
RATES: Final = {"40": 4.766885, "50": 7.988134, "60": 14.44422, "70": 21.856379}


def test_rates_at_risk_of_poverty_are_the_published_ones(corpus: Path, tmp_path: Path) -> None:
    """By bands of income: persons below 40, 50, 60 and 70 % of the median."""
    edges = [str(THRESHOLD * percent / 60) for percent in (40, 50, 60, 70)]
    bands = tuple(
        Band(code=code, least=least, below=below)
        for code, least, below in zip(("40", "50", "60", "70", "more"), (None, *edges), (*edges, None), strict=True)
    )
    by = Map(variable="Q1", column="eqIncome", bands=bands)
    asked = Asked(
        y="eqIncome",
        codes=tuple(one.code for one in bands),
        by=by,
        weight="rb050",
        most=1_000_000,
        weigh=3,
        moments=False,
    )
    found = answered(rows(corpus, "eusilc"), tmp_path, asked)
    weights = {code: found.sums[code, "w"] for code in asked.codes}
    below, rates = Fraction(0), {}
    for code in RATES:
        below += weights[code]
        rates[code] = float(100 * below / sum(weights.values()))
    assert {code: f"{rate:.5f}" for code, rate in RATES.items()} == {
        code: f"{rate:.5f}" for code, rate in rates.items()
    }


@pytest.mark.parametrize(("weight", "gap"), [("", "0.251776"), ("weights", "0.241366")])
def test_the_gender_pay_gap_is_the_published_one(weight: str, gap: str, corpus: Path, tmp_path: Path) -> None:
    """Published unweighted (0.2517759), as the call of the paper misspells its weights; and as it is with them."""
    by = Map(variable="Q1", column="sex")
    asked = Asked(
        y="earningsHour", codes=("female", "male"), by=by, weight=weight, most=1000, decimals=3, weigh=5, moments=False
    )
    found = answered(rows(corpus, "ses_gpg"), tmp_path, asked)
    women, men = (found.sums[sex, "wy"] / found.sums[sex, "w"] for sex in ("female", "male"))
    assert gap == f"{float((men - women) / men):.6f}"
