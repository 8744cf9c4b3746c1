"""Error of mapped areas: stratified estimators from a reference sample, with their intervals (Olofsson et al. 2014).

Never counts pixels as an area estimate.
"""
