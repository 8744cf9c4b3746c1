"""Five places where a toy would pass unseen, each by name, with real keys, logs, nodes and commands.

1. A node that is given a log with one leaf left out, or a checkpoint short of the quorum, sends nothing.
2. Each witness keeps its own last size and signs only a proven growth.
3. Without a decisive vote norm and study are not in force, and every node refuses: adoption is asked of the fold alone.
4. No seed, switch or variable makes noise, keys or shares repeat: dice are an argument.
5. `comity verify` prints the same figures from a release whose own were blanked.

More of each: 1 `services/node/test_node`, `test_follow`; 2 `services/node/test_cosign`, `services/test_witness`,
`tlog/test_witness`; 3 `stages/test_consent`, `stages/verify/test_hub`; 4 `house/test_rules`; 5 `stages/verify`.
"""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, is_dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.consent import ConsentGiven
from comity.acts.exchange import ExchangeOpened
from comity.adapters.client import Client
from comity.adapters.dice import dice
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.adapters.keyring import Keyring
from comity.adapters.leaves import Leaves
from comity.cli.main import run as comity
from comity.errors import NotVerified
from comity.model.job import Silent
from comity.model.member import HUB
from comity.model.norm import Norm
from comity.model.policy import Policy
from comity.model.study import Study
from comity.services import config
from comity.services.node import cosign, desk, follow, intake, setup
from comity.services.node.follow import Follower
from comity.services.node.run import Node
from comity.services.node.sources import _File
from comity.stages import consent
from comity.stages.publish import folder
from comity.stages.seal import member
from comity.tlog.note import Note
from comity.tlog.tile import bundles, encode_bundle
from tests import sample
from tests.builders.assembly import Assembly
from tests.builders.offices import BINDING, POLICY, study
from tests.builders.release import made
from tests.builders.seal import Stream, World
from tests.house.test_rules import calls, trees
from tests.services.node.hub import Hub
from tests.services.node.test_doctor import office
from tests.services.node.test_follow import fork

STUDY = study()
MEMBERS = ("m1", "m2", "m3", "m4", "m5")


@pytest.fixture(autouse=True)
def _alone() -> None:
    """No state is shared with another test's node."""
    follow._states.clear()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    rows = [f"{uid},6,{uid % 4 + 1},{uid % 2 + 1}" for uid in range(200)]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["uid,wave,q42,sex", *rows, ""]))
    return path


def home_of(id: str, place: Path, hub: Hub, people: Path) -> Path:
    """An office that answers whatever the members adopted."""
    home = office(place / id, hub, id=id)
    setup.install(home, POLICY.encode(), where="policy.toml")
    intake.add_source(home, "survey", people)
    intake.bind(home, "survey", BINDING, where="binding.toml")
    return home


def round_of(home: Path, hub: Hub) -> list[str]:
    """One round of a node that was just started, at the log's own time; the lines that it logged."""
    lines: list[str] = []
    node = Node.open(home, lines.append, tell=Silent(), now=lambda: hub.assembly.time)
    with closing(node.office):
        node.round()
    return lines


def left(hub: Hub) -> list[object]:
    """Everything that any node ever sent."""
    return [*hub.statements, *hub.bodies, *hub.requests, *hub.lines]


# 1. A log with one leaf left out, a checkpoint short of the quorum


@pytest.fixture
def asked(tmp_path: Path, people: Path) -> Iterator[tuple[Hub, Path]]:
    """Norm and study are in force, the checkpoint stands, and m1's node has not looked yet."""
    assembly = Assembly(len(MEMBERS))
    with Hub(assembly) as hub:
        hub.date = ""
        home = home_of("m1", tmp_path, hub, people)
        assembly.adopt("norm", sample.norm(), name="TRUST/1.0.0")
        assembly.adopt("study", STUDY, name=f"{STUDY.id}/{STUDY.version}")
        hub.publish(assembly.time)
        hub.ask()
        yield hub, home


def test_1_whichever_leaf_is_left_out_nothing_is_sent(asked: tuple[Hub, Path]) -> None:
    """The checkpoint is true and cosigned; one leaf of it is not served where it was."""
    hub, home = asked
    leaves = list(hub.assembly.leaves)
    bundle = str(next(bundles(len(leaves))))
    for gone, leaf in enumerate(leaves):
        before, behind = leaves[:gone], leaves[gone + 1 :]
        for served in ([*before, *behind], [*before, leaves[gone - 1], *behind], [*before, *behind, leaf]):
            if served != leaves:  # the last one, moved to the end, is in its place
                hub.files[bundle] = encode_bundle(served)
                assert round_of(home, hub), gone
                assert [] == left(hub), gone
    assert () == desk.egress(home)
    hub.tiles()
    assert [] == round_of(home, hub)
    assert [ConsentGiven] == [type(statement.read(leaf).act.body) for leaf in hub.statements]


def test_1_the_root_is_recomputed_and_no_proof_is_asked_for(asked: tuple[Hub, Path]) -> None:
    """A hub that serves entries alone, and not one hash, is enough: nothing of its own reckoning is read."""
    hub, home = asked
    for path in [path for path in hub.files if re.match(r"tile/\d", path)]:
        del hub.files[path]
    assert [] == round_of(home, hub)
    assert 1 == len(hub.statements)
    gets = {path.strip("/").partition("/")[0] for method, path, _ in hub.asked if method == "GET"}
    assert {"checkpoint", "checkpoint.pending", "tile", "blobs"} == gets
    assert all("/tile/entries/" in path for _, path, _ in hub.asked if "/tile/" in path)


def test_1_whichever_three_of_five_witnesses_cosigned_nothing_is_sent(asked: tuple[Hub, Path]) -> None:
    """Of five, four must have (C2SP policy of the charter); and no cosignature twice makes up for one."""
    hub, home = asked
    true = hub.assembly.cosigned(hub.assembly.time)
    for three in combinations(MEMBERS, 3):
        hub.publish(hub.assembly.time, by=list(three))
        short = Note.parse(hub.files["checkpoint"])
        (line,) = round_of(home, hub)
        assert "too few witnesses cosigned" in line
        twice = Note(short.text, (*short.signatures, short.signatures[-1]))
        hub.files["checkpoint"] = str(twice).encode()
        assert round_of(home, hub)
        assert [] == left(hub)
    hub.files["checkpoint"] = true.encode()
    assert [] == round_of(home, hub)
    assert 1 == len(hub.statements)


# 2. Each witness keeps its own last size


@dataclass
class Witness:
    """A member's node, as far as it cosigns."""

    id: str
    home: Path
    hub: Hub

    def answer(self, now: int) -> bool:
        """Opened anew each time: memory is what is on disk."""
        self.home.mkdir(exist_ok=True)
        pinned = canon.digest(canon.encode(self.hub.assembly.charter))
        signer = self.hub.assembly.signers[self.id, "witness"]
        with (
            Client(self.hub.address) as client,
            closing(Growth(self.home / "witness.db")) as growth,
            closing(Journal(self.home / "journal.db")) as journal,
            closing(Leaves(self.home / f"cache-{now}.db")) as cache,
        ):
            follower = Follower.open(self.home, client, pinned, cache, keep=True)
            return cosign.answer(follower, growth, journal, client, signer, self.id, now)

    @property
    def size(self) -> int:
        with closing(Growth(self.home / "witness.db")) as growth:
            return growth.last(self.hub.assembly.charter.origin).memory.size


def test_2_each_witness_signs_only_what_grows_out_of_what_it_signed_itself(tmp_path: Path) -> None:
    """One has seen the longer log, one has seen nothing; the log's key signs two logs."""
    assembly = Assembly(len(MEMBERS))
    with Hub(assembly) as hub:
        knows, new = (Witness(id, tmp_path / id, hub) for id in ("m1", "m2"))
        hub.ask()
        assert knows.answer(100)
        other = [*assembly.leaves[:-2], assembly.leaves[1]]
        hub.tiles(other)
        hub.files["checkpoint.pending"] = fork(assembly, other).encode()
        with pytest.raises(NotVerified, match="does not grow"):
            knows.answer(200)
        assert new.answer(200)  # nothing contradicts what it has signed: only together they would see
        assembly.tick()
        hub.ask()
        assert knows.answer(300)
        with pytest.raises(NotVerified, match="does not grow"):
            new.answer(300)
        assert (len(assembly.leaves), len(other)) == (knows.size, new.size)
        assert 3 == len(hub.lines)


def test_2_a_growth_that_is_claimed_and_not_proven_is_not_signed(tmp_path: Path) -> None:
    """The checkpoint is larger and signed by the log; a leaf that was signed before is missing in what is served."""
    assembly = Assembly(len(MEMBERS))
    with Hub(assembly) as hub:
        witness = Witness("m1", tmp_path / "m1", hub)
        hub.ask()
        assert witness.answer(100)
        size = witness.size
        for _ in range(3):
            assembly.tick()
        hub.ask()
        for gone in range(len(assembly.leaves)):
            hub.tiles([*assembly.leaves[:gone], assembly.leaves[gone - 1], *assembly.leaves[gone + 1 :]])
            with pytest.raises(NotVerified):
                witness.answer(200 + gone)
        assert (size, 1) == (witness.size, len(hub.lines))
        hub.tiles()
        assert witness.answer(300)


# 3. One decisive vote


def decided(*, norm: str, text: str) -> Assembly:
    """Five members; three of them voted yes on both, but for the votes that are taken out ("m3", or "")."""
    assembly = Assembly(len(MEMBERS))
    for matter, thing, out in (("norm", sample.norm(), norm), ("study", STUDY, text)):
        motion = assembly.motion(matter, thing, name="TRUST/1.0.0")  # type: ignore[arg-type]
        assembly.vote(motion, "yes", *(id for id in ("m1", "m2", "m3") if id != out))
        assembly.vote(motion, "no", "m4", "m5")
        assembly.decide(motion)
    return assembly


@pytest.mark.parametrize("smuggled", [False, True], ids=["", "and the hub opens it all the same"])
def test_3_without_the_decisive_vote_nothing_is_in_force_and_every_node_refuses(
    tmp_path: Path, people: Path, smuggled: bool
) -> None:
    assembly = decided(norm="m3", text="m3")
    if smuggled:
        at = assembly.time
        opened = ExchangeOpened(
            study=STUDY.digest,
            period=STUDY.periods[0].id,
            attempt=1,
            roster=(),
            deadlines=(at + 3, at + 6, at + 9, at + 12),
        )
        assert assembly.smuggle(assembly.leaf(HUB, opened))
    assert {} == assembly.state.in_force
    assert {} == assembly.state.exchanges
    with Hub(assembly) as hub:
        hub.date = ""
        hub.publish(assembly.time)
        for id in MEMBERS:
            home = home_of(id, tmp_path, hub, people)
            assert [] == round_of(home, hub)
            assert () == desk.egress(home)
        assert [] == left(hub)


@pytest.mark.parametrize(
    ("norm", "text", "codes"),
    [
        ("", "", set()),
        ("m3", "", {"norm.not-in-force"}),
        ("", "m3", {"study.not-in-force"}),
        ("m3", "m3", {"norm.not-in-force", "study.not-in-force"}),
    ],
)
def test_3_adoption_is_asked_of_the_fold_alone(norm: str, text: str, codes: set[str]) -> None:
    """Study, norm, policy and all else are the same; what the members decided is not."""
    policy = sample.policy()
    found = consent.decide(
        STUDY,
        sample.norm(),
        policy,
        decided(norm=norm, text=text).state,
        period=STUDY.periods[0].id,
        facts=consent.Facts(card=None, bound=True, epsilon=None, affordable=True),
        now=policy.valid_from,
    )
    assert codes == {reason.code for reason in found.reasons if reason.code.endswith("not-in-force")}


def test_3_with_the_decisive_votes_every_node_consents(tmp_path: Path, people: Path) -> None:
    """Else the refusals above would show nothing."""
    assembly = decided(norm="", text="")
    with Hub(assembly) as hub:
        hub.date = ""
        hub.publish(assembly.time)
        for id in MEMBERS:
            round_of(home_of(id, tmp_path, hub, people), hub)
    given = [statement.read(leaf).act for leaf in hub.statements]
    assert {(id, ConsentGiven) for id in MEMBERS} == {(act.actor, type(act.body)) for act in given}


# 4. Dice are an argument

CHANCE = {
    "urandom",
    "getrandom",
    "token_bytes",
    "token_hex",
    "randbytes",
    "getrandbits",
    "default_rng",
    "uuid4",
    "uuid1",
}
SWITCH = re.compile(r"seed|random|dice|rng|entropy|determin|fake|mock|debug|insecure", re.IGNORECASE)


def test_4_only_one_function_throws_dice_and_only_key_files_are_made_otherwise(root: Path) -> None:
    thrown, made_keys = set(), set()
    for path, tree in trees(root):
        for name, _ in calls(tree):
            thrown |= {path} if name.rpartition(".")[2] in CHANCE else set()
            made_keys |= {path} if name.rpartition(".")[2] in ("generate", "generate_key") else set()
    assert {"adapters/dice.py"} == thrown
    assert {"adapters/keyring.py"} == made_keys
    assert "os.urandom(n)" in inspect.getsource(dice)
    assert ["n"] == list(inspect.signature(dice).parameters)
    assert ["self", "purpose"] == list(inspect.signature(Keyring.make).parameters)


def test_4_dice_are_handed_in_and_have_no_default(root: Path) -> None:
    """Nothing that draws can be called without saying by which dice; and only the node's own services say it."""
    defaults, handed = set(), set()
    for path, tree in trees(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                named = [*node.args.posonlyargs, *node.args.args]
                optional = named[len(named) - len(node.args.defaults) :] if node.args.defaults else []
                optional += [a for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d]
                defaults |= {f"{path}: {node.name}" for a in optional if a.arg == "dice"}
            if isinstance(node, ast.ImportFrom) and node.module == "comity.adapters.dice":
                handed.add(path)
    assert set() == defaults
    # The last one draws no noise, key or share: dice choose which blocks of a public raster are computed again.
    node = {"services/node/work.py", "services/node/console.py", "services/node/estimates.py"}
    node |= {"services/node/bounding.py", "services/node/officers.py"}  # a salt each
    node |= {"adapters/tables/postgres.py"}  # the pad of a salt on its way to a server
    assert node | {"cli/reproduce.py"} == handed


def test_4_no_variable_and_no_field_reaches_the_dice(root: Path) -> None:
    """One environment variable is read, which names a folder; and no record that anyone writes has such a field.

    The pool hands the environment on whole to the processes that it starts, and reads nothing in it; Spark is started
    without what the environment says to Sparks.
    """
    read = [
        (path, ast.unparse(node))
        for path, tree in trees(root)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb"))
        or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("getenv"))
    ]
    handed_on = {"adapters/pool.py", "adapters/tables/spark_session.py"}
    assert {(path, "os.environ") for path in handed_on} == {one for one in read if one[0].startswith("adapters/")}
    assert {"services/config.py", "cli/options.py", *handed_on} == {path for path, _ in read}
    assert "COMITY_HOME" == config.HOME
    assert {"sigma2", "threshold", "path"} <= {*_names(Study), *_names(Policy), *_names(_File)}
    records = [Policy, Study, Norm, _File, config.Node, config.Hub, config.Witness, config.Mirror]
    assert [] == [f"{kind.__name__}.{name}" for kind in records for name in _names(kind) if SWITCH.search(name)]
    help_ = {path.name: path.read_text() for path in (root / "src" / "comity" / "cli").rglob("*.py")}
    options = [(name, option) for name, text in help_.items() for option in re.findall(r'"(--[a-z-]+)"', text)]
    made_up = ("rehearse.py", "--seed")  # chooses among people that are nobody's; its noise and keys are none
    assert [made_up] == [one for one in options if SWITCH.search(one[1])]


def _names(kind: Any) -> Iterator[str]:
    """Fields of a record, and of the records in it."""
    for name, hint in get_type_hints(kind).items():
        yield name
        for inner in _records(hint):
            yield from _names(inner)


def _records(hint: Any) -> Iterator[type]:
    if is_dataclass(hint):
        yield hint  # type: ignore[misc]
    for inner in get_args(hint):
        yield from _records(inner)


@pytest.mark.parametrize("drawn", ["dice(32)", "member.draw(dice)", "noise.draw(LAW, 64, dice).tobytes()"])
def test_4_two_processes_in_one_and_the_same_environment_draw_other_things(drawn: str, tmp_path: Path) -> None:
    """With every variable set by which one generator or another can be made to repeat."""
    names = ("PYTHONHASHSEED", "SEED", "COMITY_SEED", "COMITY_DICE", "RANDOM_SEED", "NUMPY_SEED", "SOURCE_DATE_EPOCH")
    code = (
        "from fractions import Fraction; from comity.adapters.dice import dice; from comity.stages.seal import member\n"
    )
    code += "from comity.model.law import Law; from comity.stages.protect import noise\n"
    code += "LAW = Law('skellam', Fraction(36))\n"
    code += f"x = {drawn}\n"
    code += "print((x if isinstance(x, bytes) else x.root + x.own + x.env).hex())"
    environ = {**os.environ, **dict.fromkeys(names, "0"), "COMITY_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert 32 <= len(runs[0])
    assert runs[0] != runs[1]


def test_4_two_runs_give_different_keys_shares_vectors_and_sums() -> None:
    """Same members, data, study, time and log up to the first consent; dice of the operating system."""
    runs = []
    for _ in range(2):
        world = World(5)
        for one in world.offices.values():
            one.dice = dice  # type: ignore[assignment]
        world.run()
        runs.append(world)
    first, second = runs
    for id in first.offices:
        keys = [next(c.sealed for c in world.state.consents.values() if c.member == id) for world in runs]
        assert keys[0] != keys[1]
        for step in ("shares", "answers", "unmask"):
            assert len({getattr(world.facts, step)[id].body.digest for world in runs}) == 2, step
        assert first.vectors(id).isdisjoint(second.vectors(id))
    assert first.sum() != second.sum()
    assert first.noise_free(*first.offices) == second.noise_free(*second.offices)


def test_4_what_is_drawn_follows_from_the_dice_that_were_handed_in() -> None:
    """And from nothing else: the same dice, the same secrets; other dice, others. So there is no second source."""
    again = [member.draw(Stream(text)) for text in ("one", "one", "two")]
    assert again[0] == again[1]
    assert len({again[0].root, again[0].own, again[0].env, again[2].root, again[2].own, again[2].env}) == 6


# 5. Blanked figures


def written(place: Path, files: dict[str, bytes]) -> Path:
    for path, body in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    return place


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = comity(["verify", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("how", ["blanked", "changed", "taken away"])
def test_5_verify_prints_the_same_figures_from_leaves_and_vectors_alone(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, charter = dict(made().folder), made().charter
    code, true = told(capsys, str(written(tmp_path / "true", files)), "--charter", charter)
    assert (0, True) == (code, true["holds"])
    assert true["figures"]
    for path in (folder.PARQUET, folder.PAGE, folder.CRATE):
        del files[path]
    if how == "taken away":
        del files[folder.RELEASE], files[folder.CSV]
    else:
        record = canon.plain(files[folder.RELEASE])
        for figure in record["figures"]:
            figure["value"], figure["sampling"], figure["noise"] = (
                (None, "", "") if how == "blanked" else ("1", "1", "1")
            )
        files[folder.RELEASE] = canon.encode(record)
        header, *rows = files[folder.CSV].decode().splitlines()
        kept = [",".join(row.split(",")[:8]) + (",,,," if how == "blanked" else ",1,A,1,1") for row in rows]
        files[folder.CSV] = "\r\n".join([header, *kept, ""]).encode()
    code, found = told(capsys, str(written(tmp_path / "false", files)), "--charter", charter)
    assert (1, False) == (code, found["holds"])
    assert true["figures"] == found["figures"]
