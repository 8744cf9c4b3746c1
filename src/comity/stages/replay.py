"""Replay: makes the files of a release again from what is public and compares them byte for byte.

Proofs and figures alone are verify's.
"""
