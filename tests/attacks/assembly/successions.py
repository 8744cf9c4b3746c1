"""Against a change of hub, and against members who lost their keys."""
