"""`bangban sandbox`: a stand-in for the province's platform, with invented people, on its own SQLite."""
