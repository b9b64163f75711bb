"""Applying for a matter: who it is for, what the file knows, what is asked, papers, a last look, handed in.

`course.py` has the steps in their order; `draft.py` is what they work on; `form.py` is Rasa's form over them.
"""
