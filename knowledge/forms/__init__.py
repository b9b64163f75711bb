"""Forms: filled from what is known, asked for what is missing, checked, mended."""
