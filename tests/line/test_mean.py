"""A survey with weights and strata, from its rows to an office's own release of means that anyone verifies offline."""

import numpy as np
import pytest

from comity import canon
from comity.model import cube as cubes
from comity.model.protection import Rules
from comity.model.release import Release
from comity.model.source import Design
from comity.pages import words
from comity.stages.protect import sdc
from comity.stages.protect.sdc import Measured
from comity.stages.publish import bundle, folder, release
from comity.stages.verify.check import verify
from tests.builders.assembly import Assembly
from tests.builders.numbers import counted, norm, study
from tests.builders.seal import Store

TERMS = {"n": 0, "w": 0, "wy": 0, "wyy": 0, "vw": 4, "cwy": 4, "vy": 4}
PERIOD = "2010-2014"


def people() -> list[dict[str, int | str]]:
    """Two strata with weights of their own; three men, too few to be shown, beside many women and children."""
    dice = np.random.default_rng(4)
    kinds = ["F"] * 40 + ["C"] * 30 + ["M"] * 3
    return [
        {"PERSON": f"p{i}", "V_SEX": kind, "INCOME": int(dice.integers(0, 900)), "S": i % 2, "W": 10 + 15 * (i % 2)}
        for i, kind in enumerate(kinds)
    ]


def taylor(rows: list[dict[str, int | str]], sex: str) -> tuple[float, float]:
    """A domain's mean and its standard error by residuals in strata, with replacement, in floats."""
    w, y, s = (np.array([row[name] for row in rows], float) for name in ("W", "INCOME", "S"))
    inside = np.array([row["V_SEX"] == sex for row in rows])
    mean = (w * y)[inside].sum() / w[inside].sum()
    z = np.where(inside, w * (y - mean), 0) / w[inside].sum()
    return mean, sum((s == h).sum() * z[s == h].var(ddof=1) for h in (0, 1)) ** 0.5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], str]:
    """The whole folder of the release, and the charter's digest."""
    of = norm({"SEX": ("F", "C", "M")}, TERMS, INCOME="0 1000")
    asked = study(of, "mean", y="INCOME")
    cube = counted(tmp_path_factory.mktemp("rows"), people(), of, asked, weight="W", design=Design(strata="S"))
    sums = {id: Measured(what=id, counts=id == "n", part=at) for at, id in enumerate(("n", "w", "wy", "wyy"))}
    shown = sdc.protected(cube, Rules(threshold=5), measures=sums).cube
    assembly, store = Assembly(5), Store()
    assembly.adopt("norm", of, name=of.name)
    assembly.adopt("study", asked, name=f"{asked.id}/{asked.version}")
    given = assembly.consent("m1", asked.digest, period=PERIOD, national=True)
    answer = assembly.national(given, cubes.encode(shown))
    for body in assembly.bodies.values():
        store.put(body)
    files = release.national(assembly.state, answer.index, bodies=store)
    assembly.say("m1", release.published(files, assembly.state, store))
    note = assembly.cosigned(assembly.time + 30)
    proofs = bundle.proofs(assembly.state, files[folder.RELEASE], assembly.leaves, note, store)
    return {**files, **proofs}, canon.digest(canon.encode(assembly.charter))


def test_the_release_verifies_from_its_folder_alone(made: tuple[dict[str, bytes], str]) -> None:
    files, charter = made
    report = verify(files, pin=charter)
    assert [] == [claim for claim in report.claims if not claim.holds]


def test_a_changed_mean_does_not(made: tuple[dict[str, bytes], str]) -> None:
    files, charter = made
    record = canon.decode(files[folder.RELEASE], Release)
    (mean,) = [f.value for f in record.figures if f.measure == "mean" and f.key == ("F",)]
    assert mean is not None
    other = files[folder.RELEASE].replace(mean.encode(), mean[:-1].encode() + (b"1" if mean[-1] != "1" else b"2"))
    assert not verify({**files, folder.RELEASE: other}, pin=charter).holds


def test_means_and_errors_are_those_of_the_design(made: tuple[dict[str, bytes], str]) -> None:
    record = canon.decode(made[0][folder.RELEASE], Release)
    found = {(figure.measure, figure.key[0]): figure for figure in record.figures}
    mean, error = taylor(people(), "F")
    assert mean == pytest.approx(float(found["mean", "F"].value or 0), abs=6e-5)
    assert error == pytest.approx(float(found["mean", "F"].sampling), abs=2e-4)


def test_too_few_are_suppressed_in_every_measure(made: tuple[dict[str, bytes], str]) -> None:
    """Three men, and the smallest neighbour with them; no text of theirs in the record."""
    record = canon.decode(made[0][folder.RELEASE], Release)
    hidden = {figure.key[0] for figure in record.figures if figure.status == "Q"}
    assert {"M", "C"} == hidden
    assert {None} == {figure.value for figure in record.figures if figure.key[0] in hidden}


def test_the_page_shows_every_measure_by_name_and_says_that_weights_are_in(made: tuple[dict[str, bytes], str]) -> None:
    page = made[0][folder.PAGE].decode()
    for measure in ("population", "mean", "sd"):
        assert words.say(f"measure.{measure}") in page
    assert words.say("note.unweighted") not in page
    assert '<td class="number first value">Q</td>' in page
