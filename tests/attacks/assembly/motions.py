"""Against votes and motions."""
