"""Names that the state gives to what an act points to; "?" where it points to nothing."""

from typing import Any

from comity.acts.refs import Ref
from comity.assembly import queries
from comity.assembly.facts import ExchangeFacts
from comity.assembly.said.account import Term
from comity.assembly.state import State
from comity.canon import Digest


def study_name(state: State, study: Digest) -> str:
    """What the first motion about it calls a study; its digest if nobody moved it."""
    moved = queries.motions_about(state, study)
    return moved[0].name if moved else study


def ballot(state: State, matter: str) -> dict[str, Any]:
    """The charter's rule for a matter."""
    rule = state.charter.rules.get(matter) if state.charter else None
    return {"ballot": rule} if rule else {}


def of_motion(state: State, ref: Ref) -> dict[str, Any]:
    """A motion that an act points to; "?" for what is none."""
    motion = state.motions.get(ref.index)
    if motion is None:
        return {"motion": ref.index, "name": "?", "matter": Term("matter.unknown")}
    matter = Term(f"matter.{motion.matter}")
    return {"motion": ref.index, "name": motion.name, "matter": matter} | ballot(state, motion.matter)


def of_release(state: State, index: int) -> dict[str, Any]:
    """A release that an act points to, with what it is about."""
    release = state.releases.get(index)
    subject = queries.subject(state, release) if release else None
    named = of_study(state, *subject) if subject else {"study": "?", "period": "?"}
    return named | {"release": index if release else "?"}


def of_study(state: State, study: Digest, period: str) -> dict[str, Any]:
    """A study and a period, as the sentence names them."""
    return {"study": study_name(state, study), "period": period}


def of_consent(state: State, ref: Ref) -> dict[str, Any]:
    """A consent that an act points to, with what it is about."""
    consent = state.consents.get(ref.index)
    named = of_study(state, consent.study, consent.period) if consent else {"study": "?", "period": "?"}
    return named | {"consent": ref.index}


def of_estimate(state: State, ref: Ref) -> dict[str, Any]:
    """An estimate that an act points to, with whose and about what it is."""
    facts = state.estimates.get(ref.index)
    if facts is None:
        return {"estimate": ref.index, "custodian": "?", "country": "?", "series": "?", "period": "?"}
    named = {"custodian": facts.custodian, "country": facts.member}
    return named | {"estimate": ref.index, "series": facts.series, "period": facts.period}


def of_exchange(state: State, ref: Ref) -> dict[str, Any]:
    """An exchange that an act points to, with what it is about."""
    exchange: ExchangeFacts | None = state.exchanges.get(ref.index)
    named = of_study(state, exchange.study, exchange.period) if exchange else {"study": "?", "period": "?"}
    return named | {"exchange": ref.index}
