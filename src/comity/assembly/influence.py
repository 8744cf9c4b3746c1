"""Influence: who drafts norms and studies, who holds offices and for how long, as counts from the log.

Judges nobody.
"""
