"""Whether a text names one matter outright, so that nothing has to be weighed."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.files import read_yaml
from nlu.index import FEATURES, Compared
from nlu.lexicon import lexicon
from nlu.signals import SIGNALS, Terms
from nlu.text import normalise

SAME = 0.9999  # the cosine of texts that have the same terms
MORE = 2
"""Characters beside the words of a name that ask something of it; fewer are only the name said otherwise."""

_AS_TITLE = [FEATURES.index(name) for name in ("characters.title", "pinyin.title")]
_IN_WORDS = FEATURES.index("words.title")
_WORDS = list(SIGNALS).index("words")


def named_by(text: str, compared: Compared) -> int | None:
    """The position of the one code whose very name or alias, and no other's, the text is or sounds like.

    Or the one whose words are all that the text has, when something is asked of it: 那高龄津贴要带什么, 现在要办居住证.
    Who only says such words (农村医保) may mean more than one matter.
    """
    for signal in _AS_TITLE:
        if (found := _only(compared, signal)) is not None:
            return found
    found = _only(compared, _IN_WORDS)
    return found if found is not None and _asks(text, compared.terms) else None


def named_alike(compared: Compared) -> list[int]:
    """The positions of all codes whose very name or alias the text is or sounds like."""
    found = (compared.codes[compared.features[:, signal] > SAME].tolist() for signal in _AS_TITLE)
    return next((same for same in found if same), [])


def _only(compared: Compared, signal: int) -> int | None:
    same = compared.codes[compared.features[:, signal] > SAME]
    return int(same[0]) if len(same) == 1 else None


def _asks(text: str, known: Terms) -> bool:
    """Whether something is asked beside the words themselves: 代办 asks nothing by its 办."""
    normalised, words = normalise(text), known[_WORDS]
    if sum(map(str.isalnum, normalised)) - sum(map(len, words)) < MORE:
        return False
    rest = lexicon().standard(normalised)
    for word in words:
        rest = rest.replace(word, " ")
    return bool(_of_one().search(rest))


@lru_cache(maxsize=1)
def _of_one() -> re.Pattern[str]:
    return re.compile("|".join(read_yaml("aspects.yml")["of_one"]))
