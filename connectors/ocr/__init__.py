"""Looking at photos and PDFs of papers: `service.py` says what is asked, `reader.py` asks a worker process."""
