"""A study that every node would refuse is refused when it is drafted, with the field at fault."""

from dataclasses import replace

import pytest

from comity.errors import FormatError, Refused
from comity.stages import drafting
from tests import sample

TEXT = """\
id = "TRUST-WAVES"
version = "1.0.0"
title = "Trust in courts"
goal = "16.6"
related = true
norm = "TRUST/1.0.0"
method = "table/1"
dimensions = ["ANSWER", "SEX"]
measures = ["n"]
bound = 1000
colluding = 1
periods = [{ id = "2010-2014", value = "6" }]
noise = { sigma2 = 36, cells = 1, delta = "0.000001", epsilon = "1.2" }
timing = { consent = 60, step = 6, send = 2 }
"""


def drafted(text: str, *, rehearsal: bool = False) -> object:
    return drafting.study(text, sample.norm(), where="study.toml", rehearsal=rehearsal)[0]


def test_a_draft_becomes_the_study_that_is_voted_on() -> None:
    study, loss = drafting.study(TEXT, sample.norm(), where="study.toml", rehearsal=False)
    assert (sample.norm().digest, 8, False) == (study.norm, study.layout.cells, study.rehearsal)
    assert loss is not None
    assert loss <= 1.2


def test_a_rehearsal_is_one_whatever_the_text_says() -> None:
    assert drafted(TEXT, rehearsal=True) != drafted(TEXT)
    assert drafting.study(TEXT, sample.norm(), where="", rehearsal=True)[0].rehearsal


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('epsilon = "1.2"', 'epsilon = "0.1"', "noise.epsilon: the noise gives away more"),
        ("related = true", "related = false", "found related; wanted of table/1: related = true, as the norm"),
        ("send = 2", "send = 9", "found timing; wanted of table/1: timing: consent above 0, send"),
        ("colluding = 1", "colluding = 0", "found colluding; wanted of table/1: colluding: 1 or more;"),
        ('measures = ["n"]', 'measures = ["n", "n"]', "found layout"),
        ("bound = 1000", "bound = 1000\nweights = true", "unknown field weights"),
        ('norm = "TRUST/1.0.0"', 'norm = "TRUST/2.0.0"', "another norm"),
        ("noise = { sigma2 = 36", "noise = { sigma2 = 36,", "TOML"),
    ],
)
def test_what_contradicts_norm_method_or_itself_is_refused(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(FormatError) as caught:
        drafted(TEXT.replace(old, new))
    assert told in str(caught.value)


def test_who_drafts_is_told_the_measures_decimals_and_parameters_of_the_method() -> None:
    """Weights of 2 decimals and numbers of 1: their product has 3, that with the square 4."""
    more = '\n[parameters]\ny = "Q1"\ny_decimals = "1"\nweight_decimals = "2"\n'
    wanted = (
        "measures n of 0 decimals, w of 2 decimals, wy of 3 decimals, wyy of 4 decimals; all or none of vw, cwy, vy; "
        "no parameters but y, y_decimals, weight_decimals; y: variables with `least` and `most`"
    )
    with pytest.raises(FormatError) as caught:
        drafted(TEXT.replace("table/1", "mean/1") + more)
    assert f"found layout, parameters; wanted of mean/1: {wanted}; way out" in str(caught.value)


def test_who_drafts_without_the_noise_that_a_method_needs_is_told_what_noise_is() -> None:
    line = next(line for line in TEXT.splitlines() if line.startswith("noise"))
    wanted = "of table/1: noise: sigma2, cells, delta, epsilon; no sum by this method goes without"
    with pytest.raises(FormatError) as caught:
        drafted(TEXT.replace(line, ""))
    assert f"found noise; wanted {wanted}; way out" in str(caught.value)


def test_who_drafts_is_told_which_sums_64_bits_do_not_hold() -> None:
    """An income of 10^6 with 2 decimals is 10^8 units, its square 10^16, and by weights of 6 decimals 10^22 > 2^63."""
    norm = sample.norm()
    numbered = (replace(one, least="0", most="1000000") if one.id == "Q2" else one for one in norm.variables)
    text = TEXT.replace("table/1", "mean/1") + '\n[parameters]\ny = "Q2"\ny_decimals = "2"\nweight_decimals = "6"\n'
    with pytest.raises(FormatError) as caught:
        drafting.study(text, replace(norm, variables=tuple(numbered)), where="study.toml", rehearsal=False)
    assert "wanted of mean/1: wyy of one person within 64 bits" in str(caught.value)
    assert "fewer decimals, or a larger unit" in str(caught.value)


def test_a_method_that_is_not_on_the_shelf_is_refused() -> None:
    with pytest.raises(Refused, match="no such method"):
        drafted(TEXT.replace("table/1", "magic/1"))
