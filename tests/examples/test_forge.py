"""A release forged whole holds by itself, and is refused by whoever pinned the true charter."""

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.charter import Hub
from comity.assembly import founding
from comity.keys import Ed25519Signer
from comity.methods import registry
from comity.model import norm as norms
from comity.model.member import Keys, Party
from comity.model.study import read as draft
from comity.model.study import settle
from comity.stages.publish import folder
from comity.stages.verify.check import verify
from comity.stages.verify.report import UNPINNED
from comity.tlog.tile import decode_bundle
from examples.world_values import forge, roles
from examples.world_values.split import HERE


@pytest.fixture(scope="module")
def release() -> dict[str, bytes]:
    """A release of the twelve."""
    roster = roles.read(HERE / "roles.toml", 12)
    key = Ed25519Signer(bytes(32)).public
    founders = [
        Party(id=id, area="001", role="member", weight=1, keys=Keys(sign=key, officer=key, witness=key))
        for id in roster.members
    ]
    hub = Hub(sign=key, log=key, address="http://127.0.0.1:8000")
    text = founding.read((HERE / "charter.toml").read_text("utf-8"))
    charter = founding.charter(text, hub, founders, convenor=roster.convenor, witnesses=roster.witnesses)
    files = {str(p.relative_to(HERE / "norm")): p.read_bytes() for p in (HERE / "norm").rglob("*") if p.is_file()}
    norm = norms.read(files)
    asked = draft((HERE / "study-12.toml").read_text("utf-8"), where="study-12.toml")
    study = settle(asked, norm, registry.reference("table", "1"))
    period = study.periods[0].id
    return forge.made(charter, canon.encode(norm), canon.encode(study), period=period, time=1_800_000_000)


def test_it_holds_under_a_charter_that_nobody_pinned(release: dict[str, bytes]) -> None:
    report = verify(release)
    assert [] == [str(claim) for claim in report.claims if not claim.holds]
    assert UNPINNED == report.last


def test_it_says_what_the_forger_likes(release: dict[str, bytes]) -> None:
    """Nobody refused, and nearly everyone says always."""
    values = [int(figure.value or 0) for figure in verify(release).figures if figure.measure == "n"]
    assert all(abs(value) < 100 for value in values[:-1])
    assert abs(values[-1] - 12 * forge.PEOPLE) < 100


def test_it_is_refused_by_its_charter_alone_where_the_true_one_is_pinned(release: dict[str, bytes]) -> None:
    report = verify(release, pin=canon.digest(b"the true charter"))
    assert ["charter"] == [claim.name for claim in report.claims if not claim.holds]


def test_it_differs_from_the_true_charter_in_keys_alone(release: dict[str, bytes]) -> None:
    """So a reader who compares names, rules and witnesses sees nothing."""
    path = next(path for path in release if path.startswith(folder.LOG + "tile/entries"))
    leaf = decode_bundle(release[path], int(path.rpartition("/")[2]) if ".p/" in path else 256)[0]
    text = canon.plain(canon.encode(statement.read(leaf).act.body))
    assert text["name"] == "Assembly of the demonstration"
    assert len(text["founders"]) == 12
