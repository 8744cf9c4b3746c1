"""Against norms, and reservations from them."""
