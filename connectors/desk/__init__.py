"""The desk: the pages of staff, behind a login."""
