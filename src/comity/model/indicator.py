"""Indicator: an entry of the register of SDG indicators: goal, target, series, custodian agencies, tier, version."""
