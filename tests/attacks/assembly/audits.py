"""Against those who ask for an audit, and those who answer."""
