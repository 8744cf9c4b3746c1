"""Vectors of c2sp.org/tlog-policy: what may be read, and which witnesses are enough."""

from collections.abc import Iterator

from keys import ORIGIN, Case, Keys, b64

from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Vkey


def cases(keys: Keys) -> Iterator[Case]:
    """A policy as octets, whether it may be read, and whether witnesses of some names are enough."""
    log, w = keys.log_key(), [keys.witness(number) for number in range(5)]
    lattice = keys.witness(1, MLDSA_COSIGNATURE)
    three = "".join(f"witness w{number} {w[number]}\n" for number in (1, 2, 3))
    groups = f"{three}witness w4 {w[4]}\ngroup some 2 w1 w2 w3\ngroup both all some w4\nquorum both\n"

    def good(why: str, text: str | bytes, *enough: tuple[str, bool]) -> Case:
        data = text if isinstance(text, bytes) else text.encode()
        asked = [{"names": names.split(), "enough": answer} for names, answer in enough]
        return {"why": why, "policy": b64(data), "reads": True, "asked": asked}

    def bad(why: str, text: str) -> Case:
        return {"why": why, "policy": b64(text.encode()), "reads": False, "asked": []}

    yield good("no log, no witness", "quorum none\n", ("", True))
    yield good("one witness", f"log {log}\nwitness a {w[1]}\nquorum a\n", ("", False), ("a", True))
    yield good("any", f"{three}group g any w1 w2 w3\nquorum g\n", ("", False), ("w3", True))
    yield good("all", f"{three}group g all w1 w2 w3\nquorum g\n", ("w1 w2", False), ("w1 w2 w3", True))
    yield good("k of n", f"{three}group g 2 w1 w2 w3\nquorum g\n", ("w3", False), ("w3 w1", True))
    yield good("groups of groups", groups, ("w1 w2 w3", False), ("w1 w4", False), ("w1 w3 w4", True))
    yield good("witnesses that the quorum does not ask for", f"{three}quorum w2\n", ("w1 w3", False), ("w2", True))
    yield good("blanks, tabs, comments of any octets", b"\n# \xff\xfe\n \t quorum\t none \n", ("", True))
    yield good("no newline at the end", "quorum none", ("", True))
    yield good(
        "addresses",
        f"log {log} https://a.example/\nwitness a {w[1]} https://b.example/\nquorum a\n",
        ("a", True),
    )
    yield good("a witness of ML-DSA-44", f"log {log}\nwitness a {lattice}\nquorum a\n", ("", False), ("a", True))
    yield good("a log of ML-DSA-44", f"log {Vkey(ORIGIN, lattice.key, MLDSA_COSIGNATURE)}\nquorum none\n", ("", True))
    yield good("a name that begins as a comment", f"witness #1 {w[1]}\nquorum #1\n", ("#1", True))
    yield good(
        "names are octets",
        f"witness K {w[1]}\nwitness \u212a {w[2]}\nquorum K\n",
        ("\u212a", False),
        ("K", True),
    )
    yield bad("no quorum", f"log {log}\n")
    yield bad("two quorums", "quorum none\nquorum none\n")
    yield bad("a quorum that is defined below", f"quorum a\nwitness a {w[1]}\n")
    yield bad("a quorum that is not defined", "quorum a\n")
    yield bad("a line that is not known", "quorum none\nwitnesses none\n")
    yield bad("a word too many", f"log {log} https://a.example/ https://b.example/\nquorum none\n")
    yield bad("one log twice", f"log {log}\nlog {log}\nquorum none\n")
    yield bad("one log key under two names", f"log {log}\nlog {Vkey('other.example', log.key)}\nquorum none\n")
    again = Vkey("other.example", w[1].key, COSIGNATURE)
    yield bad("one witness key under two names", f"witness a {w[1]}\nwitness b {again}\ngroup g all a b\nquorum g\n")
    yield bad("two witnesses of one name", f"witness a {w[1]}\nwitness a {w[2]}\nquorum a\n")
    yield bad("a witness called none", f"witness none {w[1]}\nquorum none\n")
    yield bad("a group and a witness of one name", f"witness a {w[1]}\ngroup a any a\nquorum a\n")
    yield bad("none in a group", "group g any none\nquorum g\n")
    yield bad("one member twice", f"witness a {w[1]}\ngroup g any a a\nquorum g\n")
    yield bad("a member of two groups", f"{three}group g any w1 w2\ngroup h any w1 w3\ngroup i all g h\nquorum i\n")
    yield bad("a group of itself", f"witness a {w[1]}\ngroup g any a g\nquorum g\n")
    yield bad("a group without members", "group g all\nquorum g\n")
    yield bad("0 of n", f"{three}group g 0 w1 w2 w3\nquorum g\n")
    yield bad("more than n of n", f"{three}group g 4 w1 w2 w3\nquorum g\n")
    yield bad("a threshold that is no number", f"{three}group g two w1 w2 w3\nquorum g\n")
    yield bad("a log key as a witness", f"witness a {log}\nquorum a\n")
    yield bad("a witness key (0x04) as a log", f"log {w[1]}\nquorum none\n")
    yield bad(
        "a key's id that is not its own",
        f"witness a {str(w[1]).replace(w[1].id.hex(), '00000000')}\nquorum a\n",
    )
    yield bad("a carriage return", "quorum none\r\n")
    yield bad("a control character in a comment", "# \x01\nquorum none\n")
    yield bad("octet 0x7f", "# \x7f\nquorum none\n")
