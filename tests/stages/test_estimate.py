"""A box opens for its addressee alone, on its own way, and only the record that the log names is believed."""

from dataclasses import replace

import pytest

from comity.errors import FormatError, NotVerified, SealBroken
from comity.keys import box_key, box_text
from comity.stages import estimate
from tests.builders.estimates import PERIOD, SERIES, draft, secret, way

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


def test_another_record_than_the_log_names_is_not_believed() -> None:
    """What would be published is not what was shown."""
    with pytest.raises(NotVerified, match="another record"):
        estimate.open_(BOX, (secret("m1"),), WAY, draft("99.9").digest)


def test_a_record_about_something_else_is_not_believed() -> None:
    for series, period in (("SI_POV_DAY2", PERIOD), (SERIES, "2019")):
        with pytest.raises(NotVerified, match="something else"):
            estimate.checked(DRAFT.data, series, period)


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
