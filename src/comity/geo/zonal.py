"""Zonal sums: what share of each grid cell lies in an area, and sums over blocks that add up whatever their order.

Decides no indicator: see methods.
"""
