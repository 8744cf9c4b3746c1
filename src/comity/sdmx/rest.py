"""The grammar of SDMX REST: parses a path and query into what is asked, and spells it back.

Serves nothing: see services.mirror.
"""
