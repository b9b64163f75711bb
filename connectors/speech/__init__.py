"""Voice in and out: recordings are decoded, recognised and read aloud, by addresses that the county sets."""
