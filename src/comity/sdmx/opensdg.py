"""Open SDG: reads the CSV and metadata files that a national reporting platform publishes, as a dataset."""
