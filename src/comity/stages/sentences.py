"""What a policy says, in sentences that `pages.words` words: a rule that has none would be a rule that nobody reads.

In the order of the policy's fields; whatever no sentence allows is refused.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from comity.model.norm import Norm
from comity.model.policy import ANY, Allow, Budget, Decided, Finest, National, Never, Policy, Sealed, Sentence
from comity.model.structure import TOTAL, Layout


def explain(policy: Policy) -> tuple[Sentence, ...]:
    """The whole policy."""
    return tuple(_whole(policy))


def idle(policy: Policy, asked: Iterable[tuple[Layout, Norm]]) -> tuple[str, ...]:
    """Entries of the office's own list that name no cell of any of these tables, in the words of a policy's sentence.

    As `protect.primary` reads them: a code of a dimension that a table lacks names none of its cells.
    """
    tables = [_codes(layout, norm) for layout, norm in asked]
    return tuple(_entry(one) for one in policy.national.sensitive if not any(_names(one, table) for table in tables))


def no_method(policy: Policy, shelf: Collection[str]) -> tuple[str, ...]:
    """Methods that a policy names and nobody here has, in its order: misspelt, or of another version of Comity.

    Such a permission allows nothing; such a word under `never` forbids nothing.

    Args:
        shelf: what is here, as `name/version`.
    """
    known = {*shelf, *(held.partition("/")[0] for held in shelf)}
    named = (*(one.method for one in policy.allow), *policy.never.methods, *policy.sealed.noiseless)
    return tuple(dict.fromkeys(name for name in named if name not in known))


def no_source(policy: Policy, sources: Collection[str]) -> tuple[str, ...]:
    """Sources that a policy names and the office does not have, in its order: as with methods, `no_method`."""
    named = (*(source for one in policy.allow for source in one.sources), *policy.never.sources)
    return tuple(dict.fromkeys(name for name in named if name not in (ANY, *sources)))


def _codes(layout: Layout, norm: Norm) -> dict[str, set[str]]:
    """Codes of a table by dimension, with the groups that stand above them in its list."""
    listed = {dimension.id: dimension.codelist for dimension in norm.structure.dimensions}
    found = {}
    for axis in layout.dimensions:
        groups, codes = norm.structure.codelist(listed[axis.id]).groups, {*axis.codes}
        above = {groups[code] for code in codes if code in groups}
        while not above <= codes:
            codes |= above
            above = {groups[code] for code in above if code in groups}
        found[axis.id] = codes
    return found


def _names(entry: Mapping[str, str], table: Mapping[str, set[str]]) -> bool:
    return all(code in (ANY, TOTAL) or code in table.get(id, ()) for id, code in entry.items())


def _entry(entry: Mapping[str, str]) -> str:
    return " ".join(f"{id}={code}" for id, code in sorted(entry.items()))


def _whole(policy: Policy) -> Iterator[Sentence]:
    yield _say("valid", **{"from": str(policy.valid_from), "until": str(policy.valid_until)})
    for allow in policy.allow:
        yield from _allow(allow)
    yield _say("deny")
    yield from _never(policy.never)
    for limit in policy.finest:
        yield from _finest(limit)
    if policy.cells:
        yield _say("cells", cells=str(policy.cells))
    yield from _decided(policy.decided)
    yield from _national(policy.national)
    yield from _sealed(policy.sealed)
    yield from _budget(policy.budget)
    yield _say(("alone", "officer", "four-eyes")[policy.officers])


def _allow(allow: Allow) -> Iterator[Sentence]:
    words = {"method": allow.method, "goals": ", ".join(allow.goals)}
    if ANY in allow.movers:
        yield _say("allow-any", **words)
    else:
        yield _say("allow", **words, movers=", ".join(allow.movers))
    if ANY not in allow.sources:
        yield _say("sources", sources=", ".join(allow.sources))
    if ANY not in allow.dimensions:
        yield _say("dimensions", dimensions=", ".join(allow.dimensions))


def _never(never: Never) -> Iterator[Sentence]:
    listed = {
        "goals": never.goals,
        "methods": never.methods,
        "movers": never.movers,
        "sources": never.sources,
        "dimensions": never.dimensions,
    }
    yield from (_say(f"never-{field}", **{field: ", ".join(found)}) for field, found in listed.items() if found)
    for dimension, codes in sorted(never.codes.items()):
        yield _say("never-codes", dimension=dimension, codes=", ".join(codes))


def _finest(limit: Finest) -> Iterator[Sentence]:
    if limit.codelists:
        yield _say("finest-codelists", dimension=limit.dimension, codelists=", ".join(limit.codelists))
    if limit.codes:
        yield _say("finest-codes", dimension=limit.dimension, codes=", ".join(limit.codes))
    if limit.most:
        yield _say("finest-most", dimension=limit.dimension, most=str(limit.most))


def _decided(decided: Decided) -> Iterator[Sentence]:
    asked = {"share": decided.share, "votes": decided.votes, "consultation": decided.consultation}
    yield from (_say(field, **{field: str(least)}) for field, least in asked.items() if least)


def _national(national: National) -> Iterator[Sentence]:
    published = "publish" if national.way == "suppression" else "publish-sensitive"
    yield _say(published if national.publish else "keep", threshold=str(national.threshold))
    for rule in national.dominance:
        yield _say("dominance", n=str(rule.n), k=str(rule.k))
    if national.p:
        yield _say("p", p=str(national.p))
    if national.sensitive:
        yield _say("sensitive", cells="; ".join(map(_entry, national.sensitive)))
    if national.zeros:
        yield _say("zeros")
    match national.way:
        case "suppression":
            yield _say("suppression", width=str(national.width))
            if national.coalition:
                yield _say("lone" if national.coalition == 1 else "lone-two")
        case "rounding":
            yield _say("rounding", base=str(national.base))
        case "cell-key":
            yield _say("cell-key", bound=str(national.bound), variance=national.variance)
        case "noise":
            yield _say("own-noise", noise=national.noise, delta=national.delta)


def _sealed(sealed: Sealed) -> Iterator[Sentence]:
    yield _say("noise", noise_floor=str(sealed.noise_floor)) if sealed.noise_floor else _say("noise-any")
    if sealed.noiseless:
        yield _say("noiseless", methods=", ".join(sealed.noiseless))
    yield _say("rate", rate=str(sealed.rate))
    yield _say("colluding", colluding=str(sealed.colluding))
    asked = {"survivors": sealed.survivors, "members": sealed.members, "witnesses": sealed.witnesses}
    yield from (_say(field, **{field: str(least)}) for field, least in asked.items() if least)


def _budget(budget: Budget) -> Iterator[Sentence]:
    spends = {"epsilon": budget.epsilon, "delta": budget.delta}
    if budget.years > 1:
        yield _say("budget-years", **spends, years=str(budget.years))
    else:
        yield _say("budget" if budget.years else "budget-good", **spends)
    if budget.units:
        yield _say("budget-units", units=", ".join(budget.units))
    if budget.study:
        yield _say("budget-study", epsilon=budget.study)


def _say(code: str, **params: str) -> Sentence:
    return Sentence(code=f"explain.{code}", params=params)
