"""The member's own release of its national table: said in the log, then put where everyone can read it.

Decides when: after its national answer stands in the log and no release of it does. What a release holds is
`stages.publish.release`; it follows from the log and the table that left already, so making it twice is harmless.
"""

from collections.abc import Mapping

from comity import canon
from comity.adapters.vault import Question
from comity.assembly import queries
from comity.canon import Digest
from comity.errors import NotVerified
from comity.model.job import Tell
from comity.services.node.office import Office
from comity.services.node.question import Asked


class Bodies:
    """Bodies that this office has: texts that it checked, and what it sent itself (`seal.turn.Bodies`)."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def has(self, digest: Digest, /) -> bool:
        """Whether the body is at hand."""
        return self._office.blobs.has(digest) or self._office.journal.find(digest) is not None

    def get(self, digest: Digest, /) -> bytes:
        """The body; NotVerified if it is not at hand."""
        body = self._office.blobs.get(digest)
        if body is None:
            body = self._office.journal.find(digest)
        if body is None:
            raise NotVerified("a body is not at hand", where=digest, way_out="restore the state folder from its backup")
        return body


def publish(office: Office, it: Asked, made: dict[int, Mapping[str, bytes]], *, tell: Tell) -> None:
    """Publish this office's table of a question, if that is what comes next; otherwise nothing.

    Args:
        it: the question; of a study of areas, what its table follows from is published with it.
        made: files between the statement that names them and their sending, by the answer's leaf index. They are made
            again where they are not there: after a restart.
    """
    answer = _answered(office, it.question)
    if answer is None:
        return
    # The joint release counts this table too, so it has the same input.
    said = [one for one in queries.releases(office.follower.state, (answer,)) if one.publisher == office.member]
    if said and _served(office, said[0].release.digest):
        made.pop(answer, None)
        return
    # Charts and tables are loaded when something is published, not when a node starts.
    from comity.stages.publish import release

    files = made.get(answer)
    if files is None:
        beside = _beside(office, it, tell) if it.rasters else {}
        files = release.national(office.follower.state, answer, bodies=Bodies(office), beside=beside)
    made[answer] = files
    body = release.published(files, office.follower.state, Bodies(office))
    if not said:
        office.say(body)
    else:
        _send(office, files, said[0].release.digest)


def _beside(office: Office, it: Asked, tell: Tell) -> Mapping[str, bytes]:
    # Rasters are read only where they are answered with.
    from comity.services.node import tiling

    return tiling.beside(office.home, it, workers=office.config.workers, tell=tell)


def _answered(office: Office, question: Question) -> int | None:
    """Leaf index of this office's national answer to the question, if its table was sent."""
    state = office.follower.state
    for consent in queries.consents(state, question.study, question.period):
        if consent.member == office.member and consent.ref.index in state.nationals:
            return state.nationals[consent.ref.index].ref.index
    return None


def _served(office: Office, digest: Digest) -> bool:
    """Whether everyone can read the release; what is served once stays."""
    if office.blobs.has(digest):
        return True
    body = office.client.blob(digest)
    if body is None:
        return False
    office.blobs.put(body, digest=digest)
    return True


def _send(office: Office, files: Mapping[str, bytes], wanted: Digest) -> None:
    """The record first, because it names the other files."""
    named = {canon.digest(data): data for data in files.values()}
    record = named.pop(wanted, None)
    if record is None:
        raise NotVerified(
            "this version makes another release than the one that the log names",
            where=wanted,
            way_out="run the version of Comity that published it",
        )
    office.send((record,))
    office.send(tuple(named.values()))
