"""SDMX-ML: reads and writes structures and data in XML, by the official schemas.

Validation against a structure is validate's.
"""
