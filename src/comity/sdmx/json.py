"""SDMX-JSON: reads and writes data and structure messages in JSON, by the official schemas."""
