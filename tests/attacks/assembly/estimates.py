"""Against a country that is asked about an estimate."""
