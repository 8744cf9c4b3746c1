"""What no binding may say is refused when it is read, in one line that names the place."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ConfigError
from comity.model.source import Band, read_binding

HEAD = 'id = "home"\nversion = "1"\nnorm = "TRUST/1.0.0"\nweight = "pw"\n'
AGE = '[[maps]]\nvariable = "AGE"\ncolumn = "age"\n'
YOUNG, OLD = '{ code = "Y", below = "25" }', '{ code = "O", least = "25" }'
DESIGN = "[design]\n"
REPLICATES = '[design.replicates]\nscale = "79/80"\n'


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_binding(text, where="home.toml")
    assert "\n" not in str(caught.value)
    assert caught.value.where == "home.toml"
    return str(caught.value)


def test_every_part_of_a_binding_is_read() -> None:
    text = f"""{HEAD}
universe = [{{ column = "hh", values = ["1"], without = ["2"], least = "-2.5", below = "9" }}]
{AGE}scale = "0.01"
bands = [{OLD}, {YOUNG}]
{DESIGN}strata = "s"
stages = [{{ cluster = "psu", population = "N" }}, {{ population = "M" }}]
"""
    binding = read_binding(text, where="home.toml")
    assert (Band(code="O", least="25"), Band(code="Y", below="25")) == binding.map("AGE").bands
    assert ("-2.5", "9") == (binding.universe[0].least, binding.universe[0].below)
    assert ["psu", ""] == [stage.cluster for stage in binding.design.stages]
    replicated = read_binding(f'{HEAD}maps = []\n{REPLICATES}columns = ["r1", "r2"]\nfactors = ["1", "1/2"]', where="")
    assert replicated.design.replicates is not None
    assert ("1", "1/2") == replicated.design.replicates.factors


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (f'codes = {{ 1 = "Y" }}\nbands = [{YOUNG}, {OLD}]', "AGE has codes and bands"),
        (f'bands = [{YOUNG}, {{ code = "O", least = "20" }}]', "AGE: bands overlap; found Y (... to 25) and O (20"),
        (f'bands = [{YOUNG}, {{ code = "O", least = "30" }}]', "AGE: bands have a hole; found Y (... to 25) and O (30"),
        (f'bands = [{YOUNG}, {{ code = "O", least = "24.9" }}]', "AGE: bands overlap"),
        (f'bands = [{{ code = "Y" }}, {OLD}]', "AGE: bands overlap"),
        (f'bands = [{YOUNG}, {{ code = "Z", below = "9" }}]', "AGE: bands overlap"),
        (f'bands = [{YOUNG}, {OLD}, {{ code = "Z", least = "80" }}]', "AGE: bands overlap"),
        ('bands = [{ code = "Y", least = "9", below = "9" }]', "band Y: no number lies between its bounds"),
        ('bands = [{ code = "Y", least = "1e3" }]', "band Y: no bound; found 1e3"),
        ('bands = [{ code = "Y", least = "-0" }]', "band Y: no bound; found -0"),
        ('bands = [{ code = "", least = "1" }]', "a band without a code"),
        ('bands = [{ least = "1" }]', "code"),
        ('scale = "0"', "AGE: no scale; found 0"),
        ('scale = "-1"', "AGE: no scale; found -1"),
        ('scale = "1e-2"', "AGE: no scale; found 1e-2"),
        ('codes = { 1 = "Y" }\nscale = "0.01"', "AGE has codes and a scale"),
    ],
)
def test_a_map_that_contradicts_itself_is_refused(more: str, said: str) -> None:
    assert said in refusal(f"{HEAD}{AGE}{more}\n")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('column = "hh"', "universe 1: a condition that every row meets"),
        ('column = "", values = ["1"]', "universe 1: a condition of no column"),
        ('column = "hh", values = ["1", "2"], without = ["2"]', "values wanted and left out at once; found 2"),
        ('column = "hh", least = "2", below = "1"', "no number lies between its bounds; found from 2 to below 1"),
        ('column = "hh", least = "two"', "universe 1: hh: no bound; found two"),
        ('column = "hh", is = ["1"]', "unknown field"),
    ],
)
def test_a_universe_that_is_none_is_refused(condition: str, said: str) -> None:
    assert said in refusal(f"{HEAD}universe = [{{ {condition} }}]\n{AGE}")


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (f'{DESIGN}stages = [{{ population = "N" }}, {{ cluster = "psu" }}]', "before the last names no cluster"),
        (f'{DESIGN}stages = [{{ cluster = "psu" }}, {{ cluster = "psu" }}]', "draw the same clusters; found psu"),
        (f'{DESIGN}strata = "s"\n{REPLICATES}columns = ["r1"]', "strata and stages, or replicate weights"),
        (f"{REPLICATES}columns = []", "replicate weights without columns"),
        (f'{REPLICATES}columns = ["r1", "r1"]', "counts twice; found r1"),
        (f'{REPLICATES}columns = ["r1", "r2"]\nfactors = ["1"]', "2 columns, 1 factors"),
        (f'{REPLICATES}columns = ["r1"]\nfactors = ["1/0"]', "no factor of a replicate weight; found 1/0"),
        ('[design.replicates]\nscale = "a/b"\ncolumns = ["r1"]', "no factor of a replicate weight; found a/b"),
        ('[design.replicates]\ncolumns = ["r1"]', "scale"),
    ],
)
def test_a_design_that_is_none_is_refused(design: str, said: str) -> None:
    assert said in refusal(f"{HEAD}{AGE}{design}\n")


@given(cuts=st.lists(st.integers(-999, 999), min_size=2, max_size=6, unique=True).map(sorted), data=st.data())
def test_bands_side_by_side_hold_each_number_once(cuts: list[int], data: st.DataObject) -> None:
    """Whatever their order; and without one of them in between there is a hole."""
    edges = [str(Decimal(cut).scaleb(-1).normalize() + 0) for cut in cuts]
    edges = [f"{Decimal(edge):f}" for edge in edges]
    ends = [None, *edges, None]
    bands = list(pairwise(ends))
    shuffled = data.draw(st.permutations(bands))

    def text(some: list[tuple[str | None, str | None]]) -> str:
        rows = [
            f'{{ code = "B{i}"' + (f', least = "{a}"' if a else "") + (f', below = "{b}"' if b else "") + " }"
            for i, (a, b) in enumerate(some)
        ]
        return f"{HEAD}{AGE}bands = [{', '.join(rows)}]"

    assert len(bands) == len(read_binding(text(shuffled), where="b").map("AGE").bands)
    assert "bands have a hole" in refusal(text([b for b in bands if b != bands[1]]))
