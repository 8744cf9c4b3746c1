"""How reciprocity, influence and a recount are printed: counts with what they are out of, fractions exact in JSON.

Decimals are for people only, and the last digit is rounded.
"""

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import typer

from comity.cli import show

if TYPE_CHECKING:
    from comity.acts.charter import Rule
    from comity.assembly.audits import Received
    from comity.assembly.counts import Share
    from comity.assembly.facts import MotionFacts
    from comity.assembly.influence import Concentration, Influence, RulePower
    from comity.assembly.reciprocity import Account, Estimates, HubAccount, Reciprocity
    from comity.assembly.roll import Recount

_DIGITS: Final = Decimal("0.0001")
_POWERS: Final = ("decisive", "banzhaf", "shapley")
_NOBODY: Final = "Nobody has acceded yet."


def reciprocity(told: "Reciprocity", *, as_json: bool) -> None:
    """All accounts, refusals by code, and the hub's account."""
    if as_json:
        accounts = [_account(one) for one in told.accounts]
        show.document({"accounts": accounts, "hub": _hub(told.hub)})
        return
    first = ("id", "role", "studies-moved", "asked", "consented", "refused", "taken-back", "silent")
    columns = (*first, "answered", "in-the-sum", "left", "releases", "cosigned")
    show.rows([_texts(_account(one)) for one in told.accounts], columns, as_json=False, none=_NOBODY)
    typer.echo("cosigned: ticks that bear its cosignature; the hub may log a tick as soon as the quorum has cosigned.")
    codes = [
        {"id": one.id, "code": code, "refusals": count} for one in told.accounts for code, count in one.answers.codes
    ]
    typer.echo("\nRefusals by code:")
    show.rows(codes, ("id", "code", "refusals"), as_json=False, none="Nobody refused.")
    _audits(told)
    _estimates(told)
    typer.echo("\nThe hub:")
    show.facts(_texts(_hub(told.hub)), as_json=False)


def _audits(told: "Reciprocity") -> None:
    """Requests for audits, by who was asked."""
    typer.echo("\nRequests for audits, put to it and made by it:")
    put = [{"id": one.id, "moved": _share(one.audits_moved)} | _received(one.audits) for one in told.accounts]
    put.append({"id": "hub", "moved": None} | _received(told.hub.audits))
    rows = [_texts(row) for row in put if row["asked"] or (row["moved"] or {}).get("count")]
    columns = ("id", "asked", "answered", "refused", "silent", "open", "late", "refusals-by-code", "moved")
    show.rows(rows, columns, as_json=False, none="Nobody asked for an audit.")


def _estimates(told: "Reciprocity") -> None:
    """Estimates, by the country that they were put to and by the custodian that made them."""
    typer.echo("\nEstimates, put to it and made by it:")
    rows = [{"id": one.id} | _texts(_of_estimates(one.estimates)) for one in told.accounts]
    shown = [row for row, one in zip(rows, told.accounts, strict=True) if one.estimates.put or one.estimates.ends]
    columns = ("id", "put", "answers", "proposed", "ends")
    show.rows(shown, columns, as_json=False, none="No estimate was put to anybody.")


def influence(
    members: "tuple[Influence, ...]", powers: "tuple[RulePower, ...]", held: "Concentration", *, as_json: bool
) -> None:
    """What actors moved and voted, their power under each rule, and how much of it is in few hands."""
    rows = [_influence(one) for one in members]
    concentration = {
        "norms-moved": held.norms_moved,
        "norms-adopted": held.norms_adopted,
        "studies-moved": held.studies_moved,
        "studies-adopted": held.studies_adopted,
        "offices": held.offices,
        "answers": held.answers,
    }
    if as_json:
        exact = {name: _exact(value) for name, value in concentration.items()}
        show.document({"members": rows, "power": [_power(one) for one in powers], "concentration": exact})
        return
    columns = ("id", "role", "norms-moved", "norms-adopted", "studies-moved", "studies-adopted", "others-moved")
    show.rows([_texts(row) for row in rows], (*columns, "offices", "answers"), as_json=False, none=_NOBODY)
    typer.echo("offices: seconds of terms that have begun, of everyone's, up to the last tick.")
    typer.echo("\nVotes on motions that were decided, while the member had a vote:")
    voted = ("id", "with-outcome", "against-outcome", "abstained", "did-not-vote", "of")
    votes = [{"id": row["id"], **row["votes"]} for row in rows if row["role"] == "member"]
    show.rows(votes, voted, as_json=False, none=_NOBODY)
    for one in powers:
        without = f", without {one.recused}, the host's office" if one.recused else ""
        typer.echo(f"\nPower over {', '.join(one.matters)}: {_needs(one)}, if every member votes yes or no{without}:")
        show.rows(_seats(one), ("votes", *_POWERS, "members", "who"), as_json=False, none=_NOBODY)
    typer.echo("\nConcentration (Herfindahl: 1 if one actor has all, 1/n if n have the same):")
    show.facts({name: _decimal(value) for name, value in concentration.items()}, as_json=False)


def recount(counted: "Recount", fold: "MotionFacts", differs: tuple[str, ...], *, as_json: bool) -> None:
    """The rule, the count and the roll call of one motion, beside what the fold made of it."""
    facts: dict[str, Any] = {
        "motion": counted.motion,
        "matter": counted.matter,
        "name": counted.name,
        "moved-by": counted.mover,
        "replaces": counted.replaces,
        "amends": counted.amends,
        "rule": rule(counted.rule),
        "without-a-vote": counted.recused or None,
        "opened": show.time(counted.opened),
        "consulted-until": show.time(counted.consulted) if counted.consulted else None,
        "comments": counted.comments,
        "answered": counted.answered,
        "closes": show.time(counted.ends),
        "decided-at": counted.tick,
        "decided": show.time(counted.time),
        "yes": counted.weight("yes"),
        "no": counted.weight("no"),
        "abstain": counted.weight("abstain"),
        "did-not-vote": counted.weight(None),
        "of": counted.total,
        "members-against": counted.objections,
        "groups": [
            f"{name}: {counted.weight('yes', group=name)} yes, {counted.weight('no', group=name)} no"
            for name in counted.groups
        ],
        "groups-carrying": f"{len(counted.carrying)} of {counted.asked} needed" if counted.rule.groups else None,
        "quorum-reached": counted.quorate,
        "votes-suffice": counted.carried,
        "hindrance": counted.hindrance,
        "in-force-from": show.time(counted.starts),
        "in-force-until": show.time(counted.until),
        "recount": counted.outcome,
        "fold": fold.outcome,
        "differs-in": list(differs),
    }
    roll = [
        {
            "member": ballot.member,
            "votes": ballot.weight,
            "choice": ballot.choice,
            "leaf": ballot.leaf,
            "group": ballot.group,
            "counts": ballot.counts,
            "too-late": ballot.late,
        }
        for ballot in counted.roll
    ]
    if as_json:
        show.document(facts | {"roll": roll})
        return
    show.facts(facts, as_json=False)
    typer.echo("")
    grouped = ("group",) if counted.groups else ()
    columns = ("member", "votes", "choice", "leaf", *grouped, "counts", "too-late")
    show.rows(roll, columns, as_json=False, none="Nobody had a vote.")


def rule(of: "Rule") -> str:
    """A rule of the charter in words."""
    if of.method == "consensus":
        return f"adopted unless {of.objections} members vote no"
    once = ", each member counted once" if of.counted == "members" else ""
    groups = f", in {of.groups} groups too" if of.groups else ""
    share = f"yes must be more than {of.share} % of yes and no{groups}"
    return f"{share}, and {of.quorum} % of all votes must have voted{once}"


def _account(one: "Account") -> dict[str, Any]:
    answers = one.answers
    return {
        "id": one.id,
        "role": one.role if one.acceded else f"{one.role}, not acceded",
        "standing": one.standing,
        "studies-moved": _share(one.studies_moved),
        "asked": answers.asked,
        "consented": answers.consented,
        "refused": answers.refused,
        "taken-back": answers.taken_back,
        "silent": answers.silent,
        "answered": answers.answered,
        "in-the-sum": _share(answers.summed),
        "refusals-by-code": dict(answers.codes),
        "left": _share(one.left),
        "releases": _share(one.releases),
        "cosigned": _share(one.cosigned) if one.cosigned else None,
        "audits-moved": _share(one.audits_moved),
        "audits": _received(one.audits),
        "estimates": _of_estimates(one.estimates),
        "acts": dict(one.acts),
    }


def _hub(told: "HubAccount") -> dict[str, Any]:
    return {
        "exchanges": told.exchanges,
        "sums": told.sums,
        "failed-by-code": dict(told.failed),
        "releases": _share(told.releases),
        "audits": _received(told.audits),
        "leaves-against-the-rules": _share(told.breaches),
        "against-them-by-code": dict(told.against),
        "acts": dict(told.acts),
    }


def _received(audits: "Received") -> dict[str, Any]:
    return {
        "asked": audits.asked,
        "answered": audits.answered,
        "refused": audits.refused,
        "silent": audits.silent,
        "open": audits.open,
        "late": audits.late,
        "refusals-by-code": dict(audits.codes),
    }


def _of_estimates(estimates: "Estimates") -> dict[str, Any]:
    return {
        "put": estimates.put,
        "answers": dict(estimates.answers),
        "proposed": _share(estimates.proposed),
        "ends": dict(estimates.ends),
    }


def _influence(one: "Influence") -> dict[str, Any]:
    return {
        "id": one.id,
        "role": one.role,
        "standing": one.standing,
        "norms-moved": _share(one.norms_moved),
        "norms-adopted": _share(one.norms_adopted),
        "studies-moved": _share(one.studies_moved),
        "studies-adopted": _share(one.studies_adopted),
        "others-moved": _share(one.others_moved),
        "offices": _share(one.offices),
        "answers": _share(one.answers),
        "votes": {
            "with-outcome": one.votes.won,
            "against-outcome": one.votes.lost,
            "abstained": one.votes.abstained,
            "did-not-vote": one.votes.missed,
            "of": one.votes.of,
        },
    }


def _power(one: "RulePower") -> dict[str, Any]:
    """Under one rule; swings as text, for they outgrow what other readers of JSON keep exactly."""
    coalitions = 2 ** max(len(one.members) - 1, 0)
    powers = one.powers or (None,) * len(one.members)
    return {
        "matters": list(one.matters),
        "rule": rule(one.rule),
        "recused": one.recused or None,
        "quota": one.game.quota,
        "of": sum(one.game.weights),
        "groups": len(one.game.blocs),
        "groups-needed": one.game.carried,
        "members": [
            {
                "id": id,
                "votes": votes,
                "swings": str(power.swings) if power else None,
                "decisive": _exact(Fraction(power.swings, coalitions)) if power else None,
                "banzhaf": _exact(power.banzhaf) if power else None,
                "shapley": _exact(power.shapley) if power else None,
            }
            for id, votes, power in zip(one.members, one.game.weights, powers, strict=True)
        ],
    }


def _seats(one: "RulePower") -> list[dict[str, Any]]:
    """One row for all members with equally many votes and the same power."""
    seats = _power(one)["members"]
    alike: dict[tuple[int, tuple[Any, ...]], list[dict[str, Any]]] = {}
    for seat in seats:
        alike.setdefault((seat["votes"], tuple(seat[name] for name in _POWERS)), []).append(seat)
    return [
        {name: _decimal(same[0][name]) for name in _POWERS}
        | {"votes": votes, "members": len(same), "who": [seat["id"] for seat in same]}
        for (votes, _), same in sorted(alike.items(), key=lambda item: (item[0][0], item[1][0]["id"]))
    ]


def _needs(one: "RulePower") -> str:
    of = sum(one.game.weights)
    unit = "members" if one.rule.method == "consensus" else "votes"
    groups = f", with more than {one.rule.share} % of {one.game.carried} groups each," if one.game.carried else ""
    return f"{one.game.quota} of {of} {unit}{groups} adopt" if one.game.quota > 0 else "adopted whatever the votes"


def _share(of: "Share") -> dict[str, int]:
    return {"count": of.count, "of": of.of}


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """The same with each share as `3 of 4`, and a dash where there was nothing to count."""
    return {name: _of(value) for name, value in row.items()}


def _of(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"count", "of"}:
        return f"{value['count']} of {value['of']}" if value["of"] else None
    return value


def _exact(value: Fraction | None) -> str | None:
    """A fraction as `5/21`, whole numbers without a stroke."""
    return None if value is None else str(value)


def _decimal(value: Fraction | str | None) -> Decimal | str | None:
    """A fraction to four decimals; little is not nothing: zero is said of zero alone.

    >>> [str(_decimal(value)) for value in ("5/21", "1/300001", "0")]
    ['0.2381', '<0.0001', '0.0000']
    """
    if value is None:
        return None
    exact = Fraction(value)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_DIGITS)
    return f"<{_DIGITS}" if exact and not rounded else rounded
