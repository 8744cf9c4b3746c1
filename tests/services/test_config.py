"""A configuration is read strictly: what is broken, foreign, unknown or missing is one line that says where."""

from pathlib import Path

import pytest

from comity.canon import digest
from comity.errors import ConfigError
from comity.services import config

CHARTER = digest(b"charter")
GOOD = f"""\
[node]
id = "sweden"
area = "752"
hub = "http://127.0.0.1:8600"
charter = "{CHARTER}"
console = ""
"""


def at(path: Path, text: str | bytes) -> Path:
    (path / "comity.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_node_is_read(tmp_path: Path) -> None:
    wanted = config.Node(id="sweden", area="752", hub="http://127.0.0.1:8600", charter=CHARTER, console="")
    assert wanted == config.node(at(tmp_path, GOOD))


@pytest.mark.parametrize("odd", ['C:\\new "hub"', "tab\there", "\x7f", "å"])
def test_what_is_written_is_read_back(tmp_path: Path, odd: str) -> None:
    wanted = config.Mirror(listen="127.0.0.1:1", source="https://example.org/")
    config.write(tmp_path, "mirror", wanted)
    assert wanted == config.mirror(tmp_path)
    config.write(tmp_path, "mirror", config.Mirror(listen=odd, source="https://example.org/"))
    assert odd == config.toml(tmp_path / "comity.toml")["mirror"]["listen"]


BAD = {
    "broken": ("[node", "TOML"),
    "not text": (b"\xff\xfe", "TOML"),
    "empty": ("", "an empty file"),
    "another service's": ('[hub]\nlisten = "127.0.0.1:1"\n', r"found \[hub\].*wanted \[node\]"),
    "a second table": (GOOD + "[hub]\n", r"found \[node\], \[hub\]"),
    "an unknown field": (GOOD + "verify = false\n", "unknown field verify"),
    "a missing field": (GOOD.replace('console = ""\n', ""), "missing required field `console`"),
    "another type": (GOOD.replace('"752"', "752"), r"Expected `str`, got `int`.*area"),
    "a wrong id": (GOOD.replace("sweden", "Sweden"), "not a member id"),
    "the hub's id": (GOOD.replace("sweden", "hub"), "not a member id"),
    "a wrong area": (GOOD.replace("752", "SE"), "not an area"),
    "a wrong digest": (GOOD.replace("sha256:", "sha1:"), "not a digest"),
    "no charter": (GOOD.replace(CHARTER, ""), "comity node join"),
    "no URL": (GOOD.replace("http://", ""), "not an address"),
    "no amount of memory": (f'{GOOD}memory = "4 GB"\n', 'found 4 GB; wanted such as "4GB"'),
    "no port": (GOOD.replace('console = ""', 'console = "localhost"'), "host:port"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_a_bad_file_is_one_line_that_says_where(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as told:
        config.node(at(tmp_path, text))
    assert str(tmp_path / "comity.toml") in str(told.value)
    assert told.value.way_out or told.value.wanted


def test_no_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        config.node(tmp_path)


def test_the_folder_is_given_or_named_by_the_one_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMITY_HOME", raising=False)
    assert tmp_path == config.home(tmp_path)
    with pytest.raises(ConfigError, match="COMITY_HOME"):
        config.home(None)
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "other"))
    assert tmp_path / "other" == config.home(None)
