"""A national table before it is shown: whoever can list all likely tables tests them against the digest in the log.

Guard: 32 bytes of salt inside the body, shown with the table and never before.
"""

from dataclasses import replace

import numpy as np

from comity import canon
from comity.model import cube
from comity.model.policy import National
from comity.model.protection import Rules
from comity.stages.protect import sdc
from tests import sample
from tests.builders.seal import World


def test_all_likely_tables_are_tried_and_none_is_found_until_the_salt_is_shown() -> None:
    world = World(5)
    office = world.office("m1")
    office.policy = sample.policy(national=National(publish=True, threshold=5))
    office.values = np.array([0, 0, 0, 0, 0, 7], "<i8")
    world.run(until=lambda: bool(world.state.nationals))
    logged = next(iter(world.state.nationals.values())).body.digest
    guesses = [np.array([0, 0, 0, 0, 0, n], "<i8") for n in range(20)]
    plain = [cube.plain(world.study.layout, g, g.astype("<i4")) for g in guesses]
    nobody = np.zeros(6, "<i4")  # a table says nothing of who is behind a cell
    shown = [sdc.protected(table, Rules(threshold=5), measures={}).cube for table in plain]
    tables = [replace(table, contributors=nobody) for table in shown]
    assert not [table for table in tables if canon.digest(cube.encode(table)) == logged]
    salt = cube.decode(world.store.get(logged)).salt
    found = [i for i, t in enumerate(tables) if canon.digest(cube.encode(replace(t, salt=salt))) == logged]
    assert [7] == found
