"""What a forked log would be good for: to open one member's numbers in an exchange."""

from pathlib import Path

from comity.stages.seal import member
from tests.attacks.book import Guard, Stopped, attack
from tests.attacks.hostile import naked
from tests.attacks.test_split_u3 import VICTIM, forked
from tests.builders.rounds import Exchange


@attack(
    "alive to some, dead to others",
    Guard(
        "stages.seal.round.threshold",
        "2t > n + c: no two groups of members can both give shares enough",
        lambda original: lambda n, c: 4,
    ),
    says="The host tells some members that another answered, and others that it dropped out: both kinds of its shares.",
    by="the vector is noise",
)
def split(place: Path) -> str:
    exchange = Exchange.of(7)
    exchange.parts = {id: member.deal(exchange.round, id, secrets, dice) for id, secrets, dice in exchange.dealers()}
    exchange.share()
    exchange.answer()
    root, own = forked(exchange, (VICTIM, "m002", "m003"))
    if naked(exchange, VICTIM, root, own) != exchange.truth_of(VICTIM):
        raise Stopped("the vector is noise")
    return "the member's own numbers"
