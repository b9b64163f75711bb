"""The web channel: the HTTP contract, the resident's page, the stream of events."""
