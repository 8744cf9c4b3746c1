"""sdc.1e5: complementary suppression of a hierarchical table of 96,036 cells; `bench.sdc_1e3` says how it is timed."""

from bench.row import Row
from bench.sdc_1e3 import measured
from tests.builders.hierarchies import named


def run() -> list[Row]:
    """Against anybody."""
    return [measured("sdc.1e5", named("1e5", seed=1))]
