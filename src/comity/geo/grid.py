"""Grids: cells of a raster or a discrete global grid and their areas on the ellipsoid, never on a flat map.

Reads no file: see adapters.rasters.
"""
