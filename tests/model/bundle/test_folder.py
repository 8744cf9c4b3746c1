"""A norm's folder: what is written reads as the same norm, and is written again byte for byte."""

import pytest
from hypothesis import given, settings

from comity import canon
from comity.errors import FormatError
from comity.model import norm as norms
from comity.model.bundle import folder
from comity.model.norm import Norm
from tests.builders import norms as builder
from tests.model.bundle.strategies import sound


@given(sound())
@settings(max_examples=40, deadline=None)
def test_what_is_written_reads_as_the_same_norm(norm: Norm) -> None:
    """The folder in its one spelling, and the bundle: what is read is written again byte for byte."""
    assert () == norms.faults(norm)
    files, bundle = norms.write(norm), canon.encode(norm)
    assert norm == norms.read(files) == folder.decode(bundle, where="norm.json")
    assert files == norms.write(norms.read(files))
    assert bundle == canon.encode(folder.decode(bundle, where="norm.json"))


def test_an_authors_folder_is_read_and_written_in_one_spelling() -> None:
    """Comments, inline tables and the order of columns are the author's; the norm is the same."""
    norm = builder.norm()
    files = norms.write(norm)
    assert builder.FILES != files
    assert norm == norms.read(files)
    assert builder.FILES["codes/CL_BAD.csv"] == files["codes/CL_BAD.csv"]
    assert b"# How often" not in files["norm.toml"]
    assert b'\ntext = { en = "On how many days?", fr = "Combien de jours ?" }\n' in files["norm.toml"]


def test_a_name_with_every_sign_that_csv_and_toml_quote_survives() -> None:
    norm = builder.norm()
    odd = 'a "quoted", \\ comma; = [x] # é'
    code = norm.structure.codelists[0].codes[0]
    files = dict(builder.FILES)
    files["codes/CL_SEX.csv"] = 'id,name\nF,"a ""quoted"", \\ comma; = [x] # é"\nM,Male\n_T,Total\n'.encode()
    read = norms.read(files)
    assert odd == read.structure.codelist("CL_SEX").codes[0].name
    assert read == norms.read(norms.write(read))
    assert {"fr": "jamais"} == code.names


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("norm.toml", "[method]", "[procedure]", "unknown field procedure"),
        ("norm.toml", "sample = 400", 'sample = "400"', "sample"),
        ("norm.toml", 'kind = "jump"', 'kind = "leap"', "leap"),
        ("norm.toml", "when = { variable", "if = { variable", "unknown field questions.1.if"),
        ("norm.toml", 'version = "2.1"', 'version = "2.1"\ncodes = []', "unknown field codes"),
        ("norm.toml", '[structure]\nid = "AIR"', '[structure]\ncodelists = []\nid = "AIR"', "structure.codelists"),
        ("codes/CL_BAD.csv", "parent,starts", "parent,begins", "wrong columns"),
        ("codes/CL_BAD.csv", "name:fr,parent", "parent,parent", "wrong columns"),
        ("codes/CL_BAD.csv", "NONE,none,jamais,,", "NONE,none,jamais,", "wrong columns"),
    ],
)
def test_what_no_norm_has_is_refused_in_one_line(name: str, old: str, new: str, found: str) -> None:
    text = builder.FILES[name].decode()
    assert old in text
    with pytest.raises(FormatError) as caught:
        norms.read({**builder.FILES, name: text.replace(old, new, 1).encode()})
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bundle_that_contradicts_itself_is_refused_as_its_folder_is() -> None:
    """Canonical JSON, but a question for a variable that is not there."""
    text = canon.encode(builder.norm()).replace(b'"variable":"DAYS"', b'"variable":"WEEK"')
    with pytest.raises(FormatError, match="question Q2: no variable WEEK"):
        folder.decode(text, where="norm.json")
