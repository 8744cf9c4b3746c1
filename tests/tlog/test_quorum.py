"""Policies and quorums: who counts, once, and at what time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError, NotVerified, QuorumShort
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, Note, SignatureLine, sign, vkey
from comity.tlog.quorum import Cosigned, Group, Log, Policy, Quorum, Witness, charter_quorum, cosigned
from tests.tlog.a_log import (
    HUB,
    HUB_KEY,
    ORIGIN,
    checkpoint,
    lattice_key,
    lattice_signer,
    leaf_hashes,
    policy,
    signed,
    signer,
    witness_key,
)

HEAD = checkpoint(leaf_hashes(5))
W = [witness_key(i) for i in range(7)]
EXAMPLE = f"""
# The example of c2sp.org/tlog-policy, with keys.
log {HUB_KEY}

witness X1 {W[1]}
  witness\tX2 {W[2]}  https://x2.example/
witness X3 {W[3]}
group X-witnesses 2 X1 X2 X3

witness Y1 {W[4]}
witness Y2 {W[5]}
witness Y3 {W[6]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_standard_is_read() -> None:
    """And what it means: two of the X and one of the Y."""
    policy = Policy.parse(EXAMPLE)
    assert policy == Policy.parse(str(policy))
    assert policy == Policy.parse(EXAMPLE.encode())
    assert "https://x2.example/" == policy.quorum.witnesses[1].url
    assert policy.quorum.satisfied_by(["X1", "X3", "Y2"])
    assert not policy.quorum.satisfied_by(["X1", "Y1", "Y2", "Y3"])
    assert not policy.quorum.satisfied_by(["X1", "X2", "X3"])
    assert not policy.quorum.satisfied_by(["X-and-Y"])
    assert not policy.quorum.satisfied_by([])


@given(st.integers(1, 15), st.data())
def test_a_policy_is_read_as_it_is_written(count: int, data: st.DataObject) -> None:
    """Groups of groups, thresholds of any size."""
    witnesses = tuple(Witness(f"w{i}", witness_key(i)) for i in range(1, count + 1))
    cut = data.draw(st.integers(1, count))
    members = tuple(witness.name for witness in witnesses)
    inner = Group("inner", data.draw(st.integers(1, cut)), members[:cut])
    outer = Group("outer", data.draw(st.integers(1, count - cut + 1)), ("inner", *members[cut:]))
    written = Policy((Log(HUB_KEY, "https://log.example/"),), Quorum(witnesses, (inner, outer), "outer"))
    assert written == Policy.parse(str(written))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "# nothing\n",
        "quorum a\n",
        "quorum none\nquorum none\n",
        "quorum none more\n",
        "qorum none\n",
        "log x\nquorum none\n",
        f"log {W[1]}\nquorum none\n",
        f"log {HUB_KEY} u v\nquorum none\n",
        f"log {HUB_KEY}\nlog {vkey('other', HUB.public)}\nquorum none\n",
        f"witness a {HUB_KEY}\nquorum a\n",
        f"witness none {W[1]}\nquorum none\n",
        f"witness a {W[1]}\nwitness a {W[2]}\nquorum a\n",
        f"witness a {W[1]}\nwitness b {vkey('b', signer(1).public, COSIGNATURE)}\nquorum a\n",
        f"quorum a\nwitness a {W[1]}\n",
        f"witness a {W[1]}\ngroup g 0 a\nquorum g\n",
        f"witness a {W[1]}\ngroup g 2 a\nquorum g\n",
        f"witness a {W[1]}\ngroup g all\nquorum g\n",
        f"witness a {W[1]}\ngroup g most a\nquorum g\n",
        f"witness a {W[1]}\ngroup g 1 none\nquorum g\n",
        f"witness a {W[1]}\ngroup g 1 a a\nquorum g\n",
        f"witness a {W[1]}\ngroup g 1 a\ngroup h 1 a\nquorum h\n",
        f"witness a {W[1]}\ngroup g 1 g\nquorum g\n",
        f"group g 1 a\nwitness a {W[1]}\nquorum g\n",
        f"witness a {W[1]}\ngroup a 1 a\nquorum a\n",
        "quorum none\r\n",
        "quorum none\x7f\n",
        "# a\rcomment\nquorum none\n",
        "# a\x7fcomment\nquorum none\n",
        f"witness \ud800 {W[1]}\nquorum none\n",
        f"witness a {W[1]}\nquorum \u212a\n",
        b"witness \xff " + str(W[1]).encode() + b"\nquorum none\n",
        f"log {HUB_KEY}\n" + "".join(f"group g{i} 1 a{i}\n" for i in range(3)),
    ],
)
def test_a_policy_that_the_standard_does_not_allow_is_refused(bad: str | bytes) -> None:
    with pytest.raises(FormatError):
        Policy.parse(bad)


@pytest.mark.parametrize(
    "good",
    [
        "quorum none",
        " \tquorum\t none \n",
        "\n\n#\n # none\nquorum none\n",
        b"# \xff\xfe octets\nquorum none\n",
        f"witness #1 {W[1]}\nquorum #1\n",
        f"witness K {W[1]}\nwitness \u212a {W[2]}\ngroup both all K \u212a\nquorum both\n",
        f"witness a {W[1]} https://b\u00fccher.example/#w\nquorum none\n",
        f"log {HUB_KEY} https://log.example/\nlog {vkey('log.example/two', signer(9).public)}\nquorum none\n",
    ],
)
def test_a_policy_that_the_standard_allows_is_read(good: str | bytes) -> None:
    """Comments are octets; names are told apart by their octets alone; only a line that begins so is a comment."""
    policy = Policy.parse(good)
    assert policy == Policy.parse(str(policy))


def test_as_many_witnesses_and_groups_are_read_as_the_standard_recommends() -> None:
    """32 logs, 32 witnesses, 32 groups; and no more than a bound, so that no file keeps a reader busy."""
    rows = [f"log {vkey(f'log{i}', signer(100 + i).public)}" for i in range(32)]
    rows += [f"witness w{i} {witness_key(200 + i)}" for i in range(32)]
    rows += [f"group g{i} 1 w{i}" for i in range(32)]
    policy = Policy.parse("\n".join([*rows, "quorum g31", ""]))
    assert (32, 32, 32) == (len(policy.logs), len(policy.quorum.witnesses), len(policy.quorum.groups))
    with pytest.raises(FormatError, match="more than 512"):
        Policy.parse("".join(f"witness w{i} {W[1]}\n" for i in range(600)) + "quorum none\n")


@pytest.mark.parametrize(
    ("witnesses", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (10, 7), (13, 9), (15, 10)]
)
def test_a_charter_needs_more_than_half_of_the_witnesses_and_the_bad_ones(witnesses: int, needed: int) -> None:
    """k > (W + f) / 2 with f = floor((W - 1) / 3): counted by hand."""
    quorum = charter_quorum([witness_key(i) for i in range(1, witnesses + 1)])
    names = [witness.name for witness in quorum.witnesses]
    assert quorum.satisfied_by(names[:needed])
    assert not quorum.satisfied_by(names[: needed - 1])


@given(st.integers(1, 100))
def test_two_quorums_of_a_charter_share_an_honest_witness(count: int) -> None:
    bad = (count - 1) // 3
    needed = (count + bad) // 2 + 1
    assert 2 * needed - count > bad
    assert count - bad >= needed


def test_a_checkpoint_under_the_quorum_counts_with_names_and_median_time() -> None:
    """Of an even number of times, the lower of the two in the middle."""
    found = policy(4).check(signed(HEAD, 3, 1, 2))
    assert HEAD == found.checkpoint
    assert ("witness.example/w1", "witness.example/w2", "witness.example/w3") == found.names
    assert 1_800_000_002 == found.time
    assert 1_800_000_002 == policy(4).check(signed(HEAD, 1, 2, 3, 4)).time


def test_one_cosignature_too_few_is_short() -> None:
    with pytest.raises(QuorumShort, match=r"found 2: .*wanted 3 of"):
        policy(4).check(signed(HEAD, 1, 2))


def test_a_witness_counts_once_at_its_earlier_time() -> None:
    """However often it signs."""
    note = signed(HEAD, 1, 2, time=100)
    again = [cosign(note.text, "witness.example/w1", time, signer(1)) for time in (5, 300)]
    with pytest.raises(QuorumShort):
        cosigned(note.with_lines(*again), policy(4).quorum)
    found = cosigned(note.with_lines(*again), policy(3).quorum)
    assert (("witness.example/w1", 5), ("witness.example/w2", 102)) == found.times


def test_strangers_and_the_log_do_not_count() -> None:
    """Nor a witness's signature of another kind."""
    plain = sign(str(HEAD), "witness.example/w3", signer(3))
    with pytest.raises(QuorumShort):
        policy(4).check(signed(HEAD, 1, 2, 5, 6).with_lines(plain))


def test_a_cosignature_that_does_not_hold_spoils_the_note() -> None:
    note = signed(HEAD, 1, 2, 3)
    bad = SignatureLine("witness.example/w4", witness_key(4).id, bytes(72))
    with pytest.raises(NotVerified, match=r"witness\.example/w4"):
        policy(4).check(note.with_lines(bad))


def test_a_cosignature_of_another_checkpoint_does_not_count() -> None:
    """Replayed from an older one."""
    old = signed(checkpoint(leaf_hashes(4)), 1, 2, 3).signatures[1:]
    with pytest.raises(NotVerified):
        policy(4).check(signed(HEAD).with_lines(*old))


def test_a_log_that_the_policy_does_not_name_is_refused() -> None:
    """Another key, another origin, or no log at all."""
    note = signed(HEAD, 1, 2, 3, 4)
    stranger = Policy((Log(vkey(ORIGIN, signer(9).public)),), policy(4).quorum)
    renamed = signed(checkpoint(leaf_hashes(5), "log.example/other"), 1, 2, 3, 4)
    for trust, given_note in ((stranger, note), (Policy((), policy(4).quorum), note), (policy(4), renamed)):
        with pytest.raises(NotVerified):
            trust.check(given_note)


def test_a_policy_may_ask_for_no_witness_but_then_nobody_knows_the_time() -> None:
    trust = Policy.parse(f"log {HUB_KEY}\nquorum none\n")
    found = trust.check(Note(str(HEAD), (sign(str(HEAD), ORIGIN, HUB),)))
    assert () == found.names
    with pytest.raises(QuorumShort):
        _ = found.time


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=15))
def test_the_median_has_no_more_than_half_on_either_side(times: list[int]) -> None:
    found = Cosigned(HEAD, tuple((f"w{i}", time) for i, time in enumerate(times))).time
    assert found in times
    assert 2 * sum(time < found for time in times) < len(times)
    assert 2 * sum(time > found for time in times) <= len(times)


def lattice_line(number: int, time: int) -> SignatureLine:
    return cosign(str(HEAD), f"witness.example/w{number}", time, lattice_signer(number))


def test_a_quorum_of_ml_dsa_keys_counts_their_lines_alone() -> None:
    """Each policy counts its own kind of line, and is not disturbed by the other."""
    note = signed(HEAD, 1, 2).with_lines(*[lattice_line(number, 100 + number) for number in (2, 3, 4)])
    lattice = Policy((Log(HUB_KEY),), charter_quorum([lattice_key(number) for number in (1, 2, 3, 4)]))
    assert ("witness.example/w2", "witness.example/w3", "witness.example/w4") == lattice.check(note).names
    assert lattice == Policy.parse(str(lattice))
    with pytest.raises(QuorumShort, match="found 2"):
        policy(4).check(note)


def test_a_log_of_ml_dsa_is_known_by_its_cosignature() -> None:
    key = vkey(ORIGIN, lattice_signer(0).public, 0x06)
    trust = Policy.parse(f"log {key}\nquorum none\n")
    line = cosign(str(HEAD), ORIGIN, 7, lattice_signer(0))
    assert HEAD == trust.check(Note(str(HEAD), (line,))).checkpoint
    with pytest.raises(NotVerified):
        trust.check(signed(HEAD))


def test_a_false_line_of_a_known_log_key_spoils_the_note_beside_a_good_one() -> None:
    """Two keys of one origin: either may sign alone, but a line that names one of them and does not hold is refused."""
    second, text = vkey(ORIGIN, signer(8).public), str(HEAD)
    two = Policy((Log(HUB_KEY), Log(second)), Quorum((), (), "none"))
    good, other = sign(text, ORIGIN, signer(0)), sign(text, ORIGIN, signer(8))
    false = SignatureLine(ORIGIN, second.id, good.signature)
    for lines in ((good,), (other,), (good, other)):
        assert HEAD == two.check(Note(text, lines)).checkpoint
    for lines in ((good, false), (false, good), (false,), (good, other, false)):
        with pytest.raises(NotVerified):
            two.check(Note(text, lines))
