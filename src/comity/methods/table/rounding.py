"""How many decimals the figures of `table/1` have. How a number is rounded and spelt: `model.decimals`."""

from typing import Final

from comity.methods.card import Rounding

COUNT: Final = Rounding(measure="n", value=0, error=1)  # persons
SHARE: Final = Rounding(measure="share", value=2, error=3)  # per cent
