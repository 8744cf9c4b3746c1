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
    release          the joint release, as a reader fetched it
    tampered/<name>  copies of it with something changed
    logs             what every process wrote
    """

    out: Path
    example: Path

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
        return self.out / "release"

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


def clean(out: Path, example: Path) -> Places:
    """An empty folder for a new demonstration.

    Raises:
        UsageError: the folder holds something that no demonstration wrote.
        ConfigError: the example is not there.
    """
    if not (example / "roles.toml").is_file():
        raise ConfigError(
            "the example that the demonstration plays is not there",
            where=str(example),
            wanted="the folder examples/world_values of Comity's repository",
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
    (out / MARK).write_text("Written by `comity demo run`, which empties this folder when it starts.\n")
    return Places(out.resolve(), example.resolve())
