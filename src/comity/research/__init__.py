"""The notebook's face of Comity: connect to a mirror, ask for figures, frame them as tables, reproduce a release.

Reads what is public; computes nothing of its own and reaches no member's node.
"""
