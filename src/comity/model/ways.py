"""What whoever said it can do when the log does not take a statement: a way out for reasons of the closed list.

Decides the words alone. A reason has none where nothing can be done at a keyboard (a fault of Comity's own, or of the
hub's). Of several reasons each says its own, in the order of the reasons.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from comity.model.reason import Reason

MEMBERS: Final = "see `comity assembly members`"
MOTIONS: Final = "see `comity motion list`"

# by code, or by code and what it is about (the parameter `what`)
WAYS: Final[Mapping[str, str]] = {
    "act.too-large": "say less in one statement, or in shorter words",
    "act.origin": "check the address of the hub: it keeps another log than that of this office's charter",
    "act.head": "let the office read the log (`comity node run`), then give the same command again",
    "act.signer": "this is for another to say; `comity assembly members` shows who takes which part",
    "act.signature": "the log knows another key for this: `comity node doctor` compares",
    "act.replayed": "nothing is to be done: it stands in the log",
    "act.repeated": "nothing is to be done: this was said before, and counts once",
    "act.not-standing": "see `comity assembly members`; who never joined does so by `comity charter accede`",
    "act.unknown-thing motion": MOTIONS,
    "act.unknown-thing replaces": "only what is in force can be replaced: see `comity assembly in-force`",
    "act.unknown-thing comment": "see `comity motion show`, which lists the comments of a motion",
    "act.unknown-thing tick": "wait for the log's first tick, then give the same command again",
    "act.unknown-thing charter": "compare with `comity charter show`: this is the charter of another assembly",
    "act.unknown-thing member": MEMBERS,
    "act.unknown-thing consent": "see `comity consent list`",
    "act.unknown-thing exchange": "see `comity assembly exchanges`",
    "act.unknown-thing release": "see `comity release list`",
    "act.unknown-thing estimate": "see `comity estimate list`",
    "act.unknown-thing audit": "see `comity audit list`",
    "act.unknown-thing reservation": "see `comity reservation list`",
    "act.closed motion": "what came of it stands (`comity motion list`); the same can be moved anew",
    "act.closed exchange": "what came of it stands: `comity assembly exchanges`",
    "act.closed deadline": "the time to answer is over: `comity estimate show` says when it was",
    "act.closed release": "it was withdrawn: `comity release list`",
    "charter.keys": "the keys must be new ones that nobody else has, and those that the charter or a motion names",
    "motion.too-short": "give the members longer by --open; `comity charter show` says the least time",
    "motion.consultation": "comment now (`comity motion comment`), and vote when the consultation is over",
    "motion.consulted": "vote (`comity vote cast`); its mover can put another draft in its place by --amends",
    "motion.too-far": "name an earlier time",
    "motion.too-many": "wait for a decision, or take one back: `comity motion withdraw`",
    "motion.too-many-comments": "say the rest in a motion of one's own",
    "motion.terms": "compare with `comity charter show`; what changes nothing, or no charter can hold, is not voted on",
    "motion.terms nothing": "it stands so already: see `comity charter show`",
    "vote.recused": "the charter gives the office of the hub's host no vote on this matter: `comity charter show`",
    "office.unknown": "see `comity office list`, with the rule of each office",
    "office.conflict": "see `comity office terms` and, for what excludes what, `comity office list`",
    "norm.not-in-force": "see `comity norm list`; the members decide on it first",
    "study.not-in-force": "see `comity study list`; the members decide on it first",
    "estimate.settlement": "`comity estimate show` lists how it may be settled",
    "estimate.early": "wait for the country's answer, or for the deadline that `comity estimate show` names",
    "estimate.too-short": "give the country longer by --open; `comity charter show` says the least time",
    "estimate.too-long": "give a shorter time by --open",
    "estimate.too-many": "settle some first: `comity estimate list`, `comity estimate settle`",
    "estimate.box": "ask that office to give `comity node register-key box`",
    "audit.too-many": "wait for answers: `comity audit list`",
    "succession.motion": "the members name the next hub by a motion: `comity motion list`",
}


def out(reasons: Iterable[Reason]) -> str:
    """The ways out of these reasons, each once; "" if there is none."""
    found = (WAYS.get(f"{one.code} {one.params.get('what', '')}") or WAYS.get(one.code) for one in reasons)
    return "; ".join(dict.fromkeys(way for way in found if way))
