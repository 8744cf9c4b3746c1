"""Boundaries: which version of a public boundary set an area code stands for, and which areas are disputed.

Draws nothing: see pages.
"""
