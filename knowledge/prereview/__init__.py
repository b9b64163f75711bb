"""Pre-review (办件自动预审): what speaks for and against an application, before anybody at the platform looks at it.

It never refuses. Each condition is met, not met, or for a person to judge, with its reason and its source.
"""

from knowledge.prereview.condition import Condition, Result
from knowledge.prereview.judging import review
from knowledge.prereview.rules import BrokenRules, Rules, rules_of

__all__ = ["BrokenRules", "Condition", "Result", "Rules", "review", "rules_of"]
