"""Against offices, and those who hold them."""
