"""The pre-check of papers (收件材料预检): what would be sent back, said before it is handed in. Pure.

The rules are data: knowledge/starter/papers.yml.
"""

from knowledge.prechecking.facts import Facts, Given
from knowledge.prechecking.one import check
from knowledge.prechecking.together import check_together

__all__ = ["Facts", "Given", "check", "check_together"]
