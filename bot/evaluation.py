"""How well the matching understands, and what it learns, on the catalogue of a database and the collected sayings."""

from __future__ import annotations

from bot.catalogue import situations_of, subjects_of
from knowledge.catalogue import Catalogue
from nlu.evaluation import Evaluation, cross_validate
from nlu.sayings import collected_sayings, strangers
from nlu.training import learn
from nlu.weights import Weights


async def evaluate_matching(catalogue: Catalogue, folds: int) -> Evaluation:
    """Cross-validated: a fold's sayings are neither in the index nor in what the weights were learnt from."""
    subjects, situations = await subjects_of(catalogue), await situations_of(catalogue)
    return cross_validate(subjects, situations, collected_sayings(), strangers(), folds)


async def learn_weights(catalogue: Catalogue) -> Weights:
    """The weights and thresholds that all collected sayings teach."""
    subjects, situations = await subjects_of(catalogue), await situations_of(catalogue)
    return learn(subjects, situations, collected_sayings(), strangers())
