"""Audits: which audits of a figure were asked, answered or left in silence, by the log's own time."""
