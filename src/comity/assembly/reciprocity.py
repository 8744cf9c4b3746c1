"""Reciprocity: who asks, who answers, who refuses and for which code, as counts with denominators from the log.

No scores, no ranks.
"""
