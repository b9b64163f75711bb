"""The intake connector: what we need of a county's intake platform (综合受理平台), described in openapi.yml."""
