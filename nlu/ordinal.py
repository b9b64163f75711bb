"""Which of the numbered choices is meant: "2", "第二个", "二", "后面那个", "最后一个", "B"."""

from __future__ import annotations

import re

from nlu.text import normalise

# A list of choices is short; 廿 and beyond never occur.
_NUMERALS = {
    numeral: number
    for number, numerals in enumerate(
        ("一幺壹a", "二两贰b", "三叁c", "四肆d", "五伍e", "六f", "七g", "八h", "九", "十"), 1
    )
    for numeral in numerals
}
_LEAD = r"(?:我|那|就|要|想|还是|选择|选|是|办|的|点|按|嗯|好|应该|属于)*"
_UNIT = r"(?:个|项|种|条|号|样|类|件|行|点|款|种情况|个选项|个吧)?"
_TAIL = r"(?:的|吧|啊|咯|呀|嘛|呢|哦|哒|了|就行|就好|好了|选项|谢谢|情况)*"
_NUMBER = re.compile(rf"{_LEAD}[第地弟帝]?(\d{{1,2}}|[{''.join(_NUMERALS)}]){_UNIT}{_TAIL}")
_FROM_END = re.compile(rf"{_LEAD}倒数第?(\d|[{''.join(_NUMERALS)}]){_UNIT}{_TAIL}")
_FIRST = re.compile(rf"{_LEAD}(?:头|前|前面|上|上面|最前面|最上面|开头)(?:那|的|的那|那一|一)?(?:个|种|项|条){_TAIL}")
_LAST = re.compile(
    rf"{_LEAD}(?:后|后面|下|下面|最后|最后面|最下面|末尾|尾)(?:那|的|的那|那一|一)?(?:个|种|项|条){_TAIL}"
)
_MIDDLE = re.compile(rf"{_LEAD}(?:中间|当中|中)(?:那|的|的那|那一|一)?(?:个|种|项|条){_TAIL}")
_SILENT = re.compile(r"[^\w]+")


def chosen(text: str, count: int) -> int | None:
    """The index (from 0) of the one meant among `count` choices; None when the text names none of them."""
    spoken = _SILENT.sub("", normalise(text))
    position = _position(spoken, count)
    return position if position is not None and 0 <= position < count else None


def names_choice(text: str) -> bool:
    """Whether the text is an ordinal at all, however many choices there are."""
    return _position(_SILENT.sub("", normalise(text)), 3) is not None


def _position(spoken: str, count: int) -> int | None:
    if number := _NUMBER.fullmatch(spoken):
        return _value(number[1]) - 1
    if number := _FROM_END.fullmatch(spoken):
        return count - _value(number[1])
    if _FIRST.fullmatch(spoken):
        return 0
    if _LAST.fullmatch(spoken):
        return count - 1
    return count // 2 if count % 2 and _MIDDLE.fullmatch(spoken) else None


def _value(numeral: str) -> int:
    return int(numeral) if numeral.isdecimal() else _NUMERALS[numeral]
