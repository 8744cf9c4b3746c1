"""Validation: a dataset against its structure, code lists and constraint; every finding with its place.

Repairs nothing.
"""
