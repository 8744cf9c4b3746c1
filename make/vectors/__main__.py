"""Writes docs/vectors from fixed seeds: `make vectors`. Made again, every file has the same bytes; a test asks for it.

What must come of a case is written down by hand, beside the case; roots, paths of proofs and the bytes of tiles come
from their definitions (`tree`), by hashlib alone. Neither is asked of the code that the vectors are for. That code
writes what the cases are made of: verifier keys, checkpoints, signatures.

ML-DSA-44 signs with dice, so its signatures are kept in a file of their own, which is a set of vectors itself, and made
only where a message is new.
"""

import json
import sys
from base64 import b64decode
from pathlib import Path

import cosignature
import policy
import proof
import tiles
from keys import Case, Keys, b64, seed

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "vectors"
KEPT = "ml-dsa-44.json"


def read_kept() -> dict[tuple[str, bytes], bytes]:
    """The signatures that are kept, by key and message; none if there is no file."""
    file = FOLDER / KEPT
    cases = json.loads(file.read_text())["cases"] if file.is_file() else []
    return {(f"ml-dsa-44:{case['public']}", b64decode(case["message"])): b64decode(case["signature"]) for case in cases}


def to_keep(keys: Keys) -> list[Case]:
    """The signatures of ML-DSA-44 that the other files hold."""
    return [
        {
            "seed": b64(seed(signer.name)),
            "public": signer.public.partition(":")[2],
            "message": b64(message),
            "signature": b64(signature),
        }
        for signer in keys.lattice
        for message, signature in sorted(signer.used.items())
    ]


def files() -> dict[str, bytes]:
    """Each file's bytes by its name."""
    keys = Keys(read_kept())
    made = {
        "tiles.json": {"logs": [*tiles.logs()], "bundles": [*tiles.some_bundles()], "paths": [*tiles.paths()]},
        "cosignature.json": {"cases": [*cosignature.cases(keys)]},
        "policy.json": {"cases": [*policy.cases(keys)]},
        "proof.json": {"cases": [*proof.cases(keys)]},
    }
    made[KEPT] = {"cases": to_keep(keys)}
    return {name: (json.dumps(what, indent=1, ensure_ascii=False) + "\n").encode() for name, what in made.items()}


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)
        sys.stdout.write(f"comity: wrote {folder.name}/{name}, {len(data)} bytes\n")
