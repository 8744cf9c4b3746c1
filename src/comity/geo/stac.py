"""STAC items and collections: how the inputs and outputs of a raster indicator are described.

Writes JSON values; the files are written by adapters.
"""
