"""sdc.1e4: complementary suppression of a hierarchical table of 8,856 cells; `bench.sdc_1e3` says how it is timed."""

from bench.row import Row
from bench.sdc_1e3 import measured
from tests.builders.hierarchies import named


def run() -> list[Row]:
    """Against anybody, then against lone respondents too."""
    return [measured("sdc.1e4", named("1e4", seed=2, coalition=coalition)) for coalition in (0, 1)]
