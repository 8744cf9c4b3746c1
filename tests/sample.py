"""A small norm, its binding, a study and a policy, as the tests of several rooms use them: 4 answers by 2 sexes."""

from comity.canon import Digest
from comity.methods import registry
from comity.model import norm as norms
from comity.model.norm import Norm
from comity.model.policy import Allow, Budget, National, Policy, Sealed
from comity.model.source import Binding, Map
from comity.model.study import NoisePlan, Period, Study, Timing

NORM_TOML = """
id = "TRUST"
version = "1.0.0"
title = "Trust in courts"
goal = "16.6"
related = true
unit = "PERSON"
period = "WAVE"
disclaimer = "An attitude, no indicator."

[authority]
kind = "own"
source = ""
citation = ""

[structure]
id = "TRUST"
agency = "COMITY"
version = "1.0.0"
name = "Persons by trust and sex"

[[structure.dimensions]]
id = "ANSWER"
name = "Answer"
codelist = "CL_ANSWER"

[[structure.dimensions]]
id = "SEX"
name = "Sex"
codelist = "CL_SEX"

[[structure.measures]]
id = "n"
name = "Persons"
decimals = 0
bound = 1

[[codelists]]
id = "CL_ANSWER"
agency = "COMITY"
version = "1.0"

[[codelists]]
id = "CL_SEX"
agency = "SDMX"
version = "2.1"

[[variables]]
id = "PERSON"
concept = "PERSON"
universe = "residents aged 18 and over"
unit = "person"

[[variables]]
id = "WAVE"
concept = "TIME_PERIOD"
universe = "all"
unit = "person"

[[variables]]
id = "Q1"
concept = "ANSWER"
universe = "residents aged 18 and over"
unit = "person"
codelist = "CL_ANSWER"
missing = ["NA"]

[[variables]]
id = "Q2"
concept = "SEX"
universe = "residents aged 18 and over"
unit = "person"
codelist = "CL_SEX"

[protection]
unit = "person"
cells = 1
threshold = 5
"""

FILES = {
    "norm.toml": NORM_TOML.encode(),
    "codes/CL_ANSWER.csv": b'id,name\n1,"none, at all"\n2,some\n3,much\n4,full\n',
    "codes/CL_SEX.csv": b"id,name\nF,Female\nM,Male\n",
}


def norm() -> Norm:
    """The norm, read from its directory."""
    return norms.read(FILES)


def binding(*, codes: dict[str, str] | None = None, missing: tuple[str, ...] = ("-1",)) -> Binding:
    """A binding: answers in column `q42`, sex in `sex` as 1 and 2, wave as a number, persons in `uid`."""
    return Binding(
        id="home",
        version="1",
        norm="TRUST/1.0.0",
        maps=(
            Map(variable="PERSON", column="uid", codes={}, missing=()),
            Map(variable="WAVE", column="wave", codes={}, missing=()),
            Map(variable="Q1", column="q42", codes=codes or {}, missing=missing),
            Map(variable="Q2", column="sex", codes={"1": "M", "2": "F"}, missing=("9",)),
        ),
        deviations=(),
    )


def study(*, noise: NoisePlan | None = None, **changes: object) -> Study:
    """The study of the norm, by `table/1`, with noise of variance 36."""
    plan = noise or NoisePlan(sigma2=36, cells=1, delta="0.000001", epsilon="1.2")
    fields: dict[str, object] = {
        "id": "TRUST-WAVES",
        "version": "1.0.0",
        "title": "Trust in courts, by wave",
        "goal": "16.6",
        "related": True,
        "rehearsal": False,
        "norm": norm().digest,
        "method": registry.reference("table", "1"),
        "parameters": {},
        "layout": norm().structure.layout(("ANSWER", "SEX"), ("n",)),
        "bound": 1_000_000,
        "colluding": 3,
        "noise": plan,
        "periods": (Period(id="2010-2014", value="6"), Period(id="2005-2009", value="5")),
        "timing": Timing(consent=60, step=6, send=2),
    }
    return Study(**{**fields, **changes})  # type: ignore[arg-type]


def policy(**changes: object) -> Policy:
    """A policy that answers the study."""
    fields: dict[str, object] = {
        "version": "1",
        "valid_from": 1_000,
        "valid_until": 2_000,
        "allow": (Allow(method="table", goals=("16",), movers=("*",)),),
        "national": National(publish=True, threshold=10),
        "sealed": Sealed(noise_floor=36, rate=100, colluding=3, survivors=0, witnesses=0),
        "budget": Budget(epsilon="4", delta="0.000001"),
        "officer": False,
    }
    return Policy(**{**fields, **changes})  # type: ignore[arg-type]


DIGEST = Digest("sha256:" + 64 * "0")
