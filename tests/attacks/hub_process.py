"""A hub in a process of its own, without some guards of the book: `python -m tests.attacks.hub_process HOME GUARD...`.

It ends with whoever started it: nobody holds the other end of its standard input then.
"""

import os
import sys
import threading
from pathlib import Path

from comity.errors import ComityError
from comity.services.hub.run import run
from tests.attacks import book
from tests.attacks.log import hubs


def main(home: Path, removed: list[str]) -> None:
    """Serve until killed; what refuses to begin is said by its code."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(9)), daemon=True).start()
    guards = [guard for attack in book.ATTACKS.values() for guard in attack.guards if guard.name in removed]
    try:
        with book.without(*{guard.name: guard for guard in guards}.values()):
            run(home, log=lambda line: None)
    except ComityError as e:
        sys.stdout.write(f"{e.code}\n")
        sys.exit(1)


assert hubs.__name__  # the chapter whose guards these are

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
