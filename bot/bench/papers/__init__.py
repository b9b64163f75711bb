"""Photos of papers of invented people, for `bangban bench papers` and the tests: drawn, photographed, compared."""
