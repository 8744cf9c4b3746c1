"""Trend of a series of rasters: Mann-Kendall test and Theil-Sen slope with their conditions.

Reads no file and draws no map.
"""
