"""Rasters: reads blocks of cloud-optimized GeoTIFFs from disk or over HTTP ranges.

The grid, its areas and the sums are geo's.
"""
