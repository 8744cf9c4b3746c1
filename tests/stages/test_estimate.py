"""A box opens for its addressee alone, on its own way, and only the record that the log names is believed."""

from dataclasses import replace
from typing import Any

import pytest

from comity import canon
from comity.acts.refs import Ref
from comity.acts.release import ReleasePublished, ReleaseWithdrawn
from comity.assembly import estimates
from comity.canon import Digest, digest
from comity.errors import FormatError, NotVerified, SealBroken
from comity.keys import box_key, box_text
from comity.model.estimate import Key
from comity.model.reason import Reason
from comity.model.release import Figure, Release
from comity.model.structure import Axis, Layout, Measure
from comity.stages import estimate
from tests.builders.assembly import FIGURES, ORIGIN
from tests.builders.estimates import PERIOD, Estimates, draft, secret, way

DRAFT, WAY = draft(), way("un", "m1")
BOX = estimate.seal(DRAFT, box_text(secret("m1").public), WAY)


def test_its_addressee_opens_it_by_this_key_or_by_the_one_before() -> None:
    assert DRAFT == estimate.open_(BOX, (secret("m1"),), WAY, DRAFT.digest)
    assert DRAFT == estimate.open_(BOX, (secret("new"), secret("m1")), WAY, DRAFT.digest)


def test_nobody_else_opens_it() -> None:
    for keys in ((), (secret("m2"),), (secret("un"), secret("m3"))):
        with pytest.raises(SealBroken):
            estimate.open_(BOX, keys, WAY, DRAFT.digest)


@pytest.mark.parametrize("part", ["origin", "sender", "receiver", "series", "period"])
def test_it_opens_on_no_other_way(part: str) -> None:
    with pytest.raises(SealBroken):
        estimate.open_(BOX, (secret("m1"),), replace(WAY, **{part: "another"}), DRAFT.digest)


def test_a_changed_box_does_not_open() -> None:
    for place in (0, 1100, len(BOX) - 1):
        changed = BOX[:place] + bytes([BOX[place] ^ 1]) + BOX[place + 1 :]
        with pytest.raises(SealBroken):
            estimate.open_(changed, (secret("m1"),), WAY, DRAFT.digest)


def test_a_box_says_that_it_is_one_and_nothing_opens_that_does_not() -> None:
    bare = BOX.removeprefix(b"comity-box/1\n")
    assert [True, False, False] == [estimate.is_box(body) for body in (BOX, bare, DRAFT.data)]
    with pytest.raises(SealBroken):
        estimate.open_(bare, (secret("m1"),), WAY, DRAFT.digest)


def test_another_record_than_the_log_names_is_not_believed() -> None:
    """What would be published is not what was shown."""
    with pytest.raises(NotVerified, match="another record"):
        estimate.open_(BOX, (secret("m1"),), WAY, draft("99.9").digest)


@pytest.mark.parametrize("part", ["series", "period", "area"])
def test_a_record_about_something_else_is_not_believed(part: str) -> None:
    """Another area, for one: a value of another country would stand under this one's name."""
    log = Estimates()
    facts = log.facts(log.propose(own := replace(DRAFT, area=log.parties["m1"].area)))
    assert own == estimates.checked(log.state, facts, own.data)
    changed = replace(own, **{part: "999"})
    with pytest.raises(NotVerified, match="something else"):
        estimates.checked(log.state, facts, changed.data)


def test_the_key_of_a_seed_is_the_same_again_and_its_text_is_strict() -> None:
    raw = estimate.key_of(bytes(32)).public
    assert raw == estimate.key_of(bytes(32)).public != estimate.key_of(b"\x01" * 32).public
    text = box_text(raw)
    assert raw == box_key(text)
    for wrong in (
        text[:-1],
        text + "=",
        text.replace("mlkem768", "MLKEM768"),
        text.replace(":", ": "),
        "",
        "x:" + text,
    ):
        with pytest.raises(FormatError):
            box_key(wrong)


def published(log: Estimates, norm: str, study: Digest, **fields: Any) -> Ref:
    """A national release of m1 with two figures, as it would publish it."""
    consent = log.consent("m1", study, period=PERIOD, national=True, sealed=None)
    answer = log.national(consent)
    layout = Layout(
        dimensions=(Axis(id="SEX", codes=("F", "M")),),
        measures=(Measure(id="share", name="Share", decimals=1, bound=1000),),
    )
    figure = Figure(key=("F",), measure="share", value="9.1", sampling="", noise="", status="A")
    hidden = Figure(key=("M",), measure="share", value=None, sampling="", noise="", status="Q")
    record = Release(
        kind="national",
        origin=ORIGIN,
        charter=digest(b"charter"),
        study=study,
        norm=Digest(norm),
        period=PERIOD,
        publisher="m1",
        time=log.time,
        inputs=(answer.index,),
        layout=layout,
        figures=(figure, hidden),
        takings=(),
        privacy=None,
        alone=None,
        notes=(),
        files=(),
    )
    body = log.body(canon.encode(replace(record, **fields)))
    made = ReleasePublished(release=body, figures=FIGURES, inputs=(answer.index,), replaces=None, reason=None)
    return log.say("m1", made)


def figures_beside(log: Estimates, ref: Ref) -> dict[Key, str]:
    return dict(estimate.own_figures(log.state, log.facts(ref), log.bodies.__getitem__))


def test_what_the_country_publishes_by_the_same_norm_stands_beside_it() -> None:
    """As its release says it, a blank by its status; not of an estimate that names another norm, or none."""
    log = Estimates()
    norm = log.adopt("norm", b"{}", name="poverty/1.0.0")
    study = log.adopt("study", b'{"a":1}', name="poverty/1.0.0")
    named, other, bare = (
        log.say("un", replace(log.proposal(draft(value)), method=method))
        for value, method in (("1.0", norm), ("2.0", digest(b"another")), ("3.0", None))
    )
    assert {} == figures_beside(log, named)
    release = published(log, norm, study)
    assert {(("SEX", "F"),): "9.1", (("SEX", "M"),): "Q"} == figures_beside(log, named)
    assert ({}, {}) == (figures_beside(log, other), figures_beside(log, bare))
    log.say("m1", ReleaseWithdrawn(release=release, reason=Reason(code="study.not-sound")))
    assert {} == figures_beside(log, named)


LONG = Figure(key=("F", "M"), measure="share", value="9.1", sampling="", noise="", status="A")


@pytest.mark.parametrize("false", [{"publisher": "m2"}, {"period": "2019"}, {"inputs": (1,)}, {"figures": (LONG,)}])
def test_a_record_that_is_not_what_its_leaf_says_stands_beside_nothing(false: dict[str, Any]) -> None:
    log = Estimates()
    norm = log.adopt("norm", b"{}", name="poverty/1.0.0")
    study = log.adopt("study", b'{"a":1}', name="poverty/1.0.0")
    named = log.say("un", replace(log.proposal(), method=norm))
    published(log, norm, study, **false)
    assert {} == figures_beside(log, named)
