"""Reading a release folder that may be wrong in every way: what is missing, cut, or not what its name says."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity import canon
from comity.errors import NotVerified
from comity.stages.publish import folder


@dataclass(frozen=True, slots=True)
class Folder:
    """Files by path, with "/". Reading one that is not there is an error that names it."""

    files: Mapping[str, bytes]

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        if path not in self.files:
            raise NotVerified("file missing", where=path, way_out="fetch the release again, from another mirror")
        return self.files[path]

    def view(self, digest: str) -> bytes:
        """A body of the view, checked against its name."""
        return self._named(folder.view(digest), digest)

    def blob(self, digest: str) -> bytes:
        """Another body that a leaf names, checked against its name."""
        return self._named(folder.blob(digest), digest)

    def _named(self, path: str, digest: str) -> bytes:
        body = self.read(path)
        if (found := canon.digest(body)) != digest:
            raise NotVerified("the file is not what its name says", where=path, found=found, wanted=digest)
        return body
