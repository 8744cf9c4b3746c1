"""Reference metadata: reports under SDG_MSD, part by part, read and written as SDMX metadata sets."""
