"""How an office begins: with keys of its own, a policy that answers nothing, and one charter."""

from pathlib import Path

import pytest

from comity import canon
from comity.acts import statement
from comity.adapters.keyring import Keyring
from comity.assembly import fold
from comity.canon import digest
from comity.errors import ConfigError
from comity.services import config
from comity.services.node import setup
from comity.services.node.office import Office, read_policy
from comity.stages import sentences
from tests.builders.assembly import charter_of

CHARTER = digest(b"charter")


def test_a_new_office_has_three_keys_and_its_card(tmp_path: Path) -> None:
    party = setup.init(tmp_path / "office", id="sweden", area="752")
    assert Keyring(tmp_path / "office").public() == party.keys
    assert ("sweden", "752", "member", 1) == (party.id, party.area, party.role, party.weight)
    assert canon.encode(party) == (tmp_path / "office" / setup.CARD).read_bytes()


def test_a_new_office_answers_nothing(tmp_path: Path) -> None:
    """Default deny: no permission, an officer asked, no budget."""
    setup.init(tmp_path / "office", id="sweden", area="752")
    policy = read_policy(tmp_path / "office")
    assert ((), True, "0") == (policy.allow, policy.officer, policy.budget.epsilon)
    assert "explain.deny" in [sentence.code for sentence in sentences.explain(policy)]


@pytest.mark.parametrize(
    "given",
    [{"id": "Sweden"}, {"id": "hub"}, {"area": "SE"}, {"policy": "no policy"}, {"policy": setup.DENIES + "\nx = 1\n"}],
    ids=["id", "the hub's id", "area", "policy", "unknown field of the policy"],
)
def test_a_wrong_field_leaves_nothing_behind(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        setup.init(tmp_path / "office", **{"id": "sweden", "area": "752", **given})  # type: ignore[arg-type]
    assert not (tmp_path / "office").exists()


def test_an_office_is_not_made_over_another(tmp_path: Path) -> None:
    first = setup.init(tmp_path / "office", id="sweden", area="752")
    with pytest.raises(ConfigError, match="not empty"):
        setup.init(tmp_path / "office", id="norway", area="578")
    assert first == setup.party(tmp_path / "office")


def test_without_a_charter_nothing_runs(tmp_path: Path) -> None:
    setup.init(tmp_path / "office", id="sweden", area="752")
    with pytest.raises(ConfigError, match="no charter is pinned"):
        Office.open(tmp_path / "office", runs=True)


def test_one_folder_serves_one_charter(tmp_path: Path) -> None:
    home = tmp_path / "office"
    setup.init(home, id="sweden", area="752")
    setup.pin(home, hub="http://127.0.0.1:1", charter=CHARTER)
    assert CHARTER == config.node(home).charter
    setup.pin(home, hub="http://127.0.0.1:2", charter=CHARTER)  # a hub may move
    assert "http://127.0.0.1:2" == config.node(home).hub
    with pytest.raises(ConfigError, match="another charter"):
        setup.pin(home, hub="http://127.0.0.1:1", charter=digest(b"other"))


@pytest.mark.parametrize(("hub", "charter"), [("127.0.0.1", CHARTER), ("http://127.0.0.1:1", "sha256:0")])
def test_a_wrong_pin_is_not_kept(tmp_path: Path, hub: str, charter: str) -> None:
    home = tmp_path / "office"
    setup.init(home, id="sweden", area="752")
    with pytest.raises(ConfigError):
        setup.pin(home, hub=hub, charter=charter)
    assert "" == config.node(home, pinned=False).charter


def test_a_policy_that_is_not_understood_does_not_replace_the_old_one(tmp_path: Path) -> None:
    home = tmp_path / "office"
    setup.init(home, id="sweden", area="752")
    before = read_policy(home)
    with pytest.raises(ConfigError):
        setup.install(home, setup.DENIES.replace("officer", "office").encode(), where="policy.toml")
    assert before == read_policy(home)


def test_the_convenor_signs_a_charter_that_holds(tmp_path: Path) -> None:
    home = tmp_path / "office"
    party = setup.init(home, id="sweden", area="752")
    charter = charter_of([party])
    leaf = setup.convene(home, charter)
    assert () == fold.admit(fold.start(), leaf)
    assert charter == statement.read(leaf).act.body


def test_a_charter_that_another_convenes_is_not_signed(tmp_path: Path) -> None:
    setup.init(tmp_path / "a", id="norway", area="578")
    party = setup.init(tmp_path / "b", id="sweden", area="752")
    with pytest.raises(ConfigError, match="another office convenes; found norway; wanted sweden; way out: sweden"):
        setup.convene(tmp_path / "a", charter_of([party]))


def test_a_policy_that_is_gone_is_told_with_the_command_that_installs_one(tmp_path: Path) -> None:
    home = tmp_path / "office"
    setup.init(home, id="sweden", area="752")
    (home / "policy.toml").unlink()
    told = r"no policy can be read; found No such file or directory; wanted .*; way out: comity policy install FILE;"
    with pytest.raises(ConfigError, match=told):
        read_policy(home)
