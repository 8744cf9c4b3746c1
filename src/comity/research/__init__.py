"""The notebook's face of Comity: connect to a mirror, ask for figures, frame them as tables, reproduce a release.

Reads what is public; computes nothing of its own and reaches no member's node.
"""

from comity.research.ask import Asked
from comity.research.connect import Connection, connect
from comity.research.frame import Frame
from comity.research.plot import Plot
from comity.research.published import Published, Verified
from comity.research.reproduce import Reproduced, reproduce

__all__ = ["Asked", "Connection", "Frame", "Plot", "Published", "Reproduced", "Verified", "connect", "reproduce"]
