"""Where the demonstration keeps everything: one folder, and the folder of the example that it plays.

The folder is emptied at the start if an earlier demonstration filled it; any other folder is left alone.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.errors import ConfigError, UsageError

MARK: Final = ".comity-demo"  # a folder with this file is the demonstration's own


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of one demonstration.

    input            the people, as the splitter wrote them: a folder a member
    hub, homes/<id>  state folders
    texts            what was packed: norm, studies, charter
    release          the release that is shown, as a reader fetched it
    figure           one figure of it, as a file of its own
    policy           whose cosignatures a reader asks for, as the hub wrote it beside its checkpoint
    tampered/<name>  copies of it with something changed
    logs             what every process wrote
    """

    out: Path
    example: Path
    shown: str = "release"  # folder of the release that the reader is shown at the end

    @property
    def root(self) -> Path:
        """Where the example's modules are found: the working directory of all commands."""
        return self.example.parent.parent

    @property
    def input(self) -> Path:
        return self.out / "input"

    @property
    def hub(self) -> Path:
        return self.out / "hub"

    @property
    def texts(self) -> Path:
        return self.out / "texts"

    @property
    def logs(self) -> Path:
        return self.out / "logs"

    @property
    def release(self) -> Path:
        return self.out / self.shown

    @property
    def figure(self) -> Path:
        return self.out / "figure.tlog-proof"

    @property
    def policy(self) -> Path:
        return self.out / "policy"

    @property
    def tampered(self) -> Path:
        return self.out / "tampered"

    @property
    def charter(self) -> Path:
        """The file with the charter's digest, for whoever verifies later."""
        return self.out / "charter.sha256"

    @property
    def timings(self) -> Path:
        return self.out / "timings.json"

    def home(self, member: str) -> Path:
        """A member's state folder."""
        return self.out / "homes" / member


def clean(out: Path, example: Path, *, holds: str, shown: str = "release") -> Places:
    """An empty folder for a new demonstration.

    Args:
        holds: the file by which the example is known.
        shown: folder of the release that the reader is shown.

    Raises:
        UsageError: the folder holds something that no demonstration wrote.
        ConfigError: the example is not there.
    """
    if not (example / holds).is_file():
        raise ConfigError(
            "the example that the demonstration plays is not there",
            where=str(example),
            wanted=f"a folder of Comity's repository, in examples, that holds {holds}",
            way_out="run it in a clone of the repository, or name the folder with --example",
        )
    if out.exists() and not (out / MARK).exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            "will not empty what no demonstration wrote",
            where=str(out),
            wanted="a new or empty folder, or one of an earlier demonstration",
            way_out="name another --out, or remove it",
        )
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).write_text("Written by `comity demo`, which empties this folder when it starts.\n")
    return Places(out.resolve(), example.resolve(), shown)
