"""Numbers as people say them: dates, times, money, telephones, codes. No digit is left."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import cn2an

from bot.spoken_words import spoken_words

DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
LONGEST_COUNT = 9
"""Digits; a longer number is a code, whatever it is."""
CLOCK = r"(?:[01]?\d|2[0-4])[:：][0-5]\d"
CLOCK_PARTS = r"([01]?\d|2[0-4])[:：]([0-5]\d)"
TO = r"\s*[-~—–－～至到]\s*"


def spoken_numbers(text: str) -> str:
    """The text with every number in words. Idempotent."""
    for pattern, say in _rules():
        text = pattern.sub(say, text)
    return text


def spoken_number(number: str) -> str:
    """1200 → 一千二百, 2000 → 两千, 0.5 → 零点五, 007 → 零零七."""
    plain = number.replace(",", "")
    whole, _, fraction = plain.partition(".")
    if len(whole) > LONGEST_COUNT or (len(whole) > 1 and whole.startswith("0")):
        return by_digit(plain)
    words = re.sub(r"二(?=[千万亿])", "两", str(cn2an.an2cn(whole, "low")))
    fraction = fraction.rstrip("0")
    return f"{words}点{by_digit(fraction)}" if fraction else words


def by_digit(number: str) -> str:
    """2026 → 二零二六."""
    return number.replace(".", "点").translate(DIGITS)


def spoken_telephone(number: str) -> str:
    """13800138000 → 幺三八，零零幺三，八零零零: in groups, 1 as 幺."""
    digits = re.sub(r"\D", "", number)
    if len(digits) == 11 and digits.startswith("1"):
        groups = [digits[:3], digits[3:7], digits[7:]]
    else:
        groups = [part for part in re.split(r"\D+", number) if part]
    return "，".join(by_digit(group).replace("一", "幺") for group in groups)


def spoken_clock(hour: str, minute: str) -> str:
    """9, 30 → 九点半; 14, 05 → 十四点零五分."""
    half = "半" if minute == "30" else ""
    minutes = "" if minute == "00" else half or f"{spoken_number(minute.lstrip('0'))}分"
    zero = "零" if minutes.endswith("分") and minute.startswith("0") else ""
    hours = "两" if int(hour) == 2 else spoken_number(str(int(hour)))
    return f"{hours}点{zero}{minutes}"


def spoken_money(amount: str) -> str:
    """100.50 → 一百元五角, 3.05 → 三元零五分."""
    whole, _, fraction = amount.replace(",", "").partition(".")
    dimes, cents = fraction[:1] or "0", fraction[1:2] or "0"
    words = "" if whole == "0" and int(fraction or 0) else f"{_counted(whole, '元')}元"
    words += f"{by_digit(dimes)}角" if dimes != "0" else ""
    zero = "零" if dimes == "0" and words else ""
    return words + (f"{zero}{by_digit(cents)}分" if cents != "0" else "")


def _counted(number: str, after: str) -> str:
    """2 is 两 before a measure word."""
    is_two = number == "2" and after.startswith(tuple(spoken_words()["measures"]))
    return "两" if is_two else spoken_number(number)


def _code(found: re.Match[str]) -> str:
    """A letter or digit at a time: BB2026-03 → B B 二零二六，零三."""
    parts = re.split(r"[-_/.]+", found[0])
    return "，".join(re.sub(r"(?<=[A-Za-z])(?=\w)", " ", by_digit(part)) for part in parts if part)


def _count(found: re.Match[str]) -> str:
    if found.string[: found.start()].endswith("第"):
        return spoken_number(found[0])
    return _counted(found[0], found.string[found.end() :].lstrip())


def _range(found: re.Match[str]) -> str:
    after = found.string[found.end() :].lstrip()
    return f"{_counted(found[1], after)}到{_counted(found[2], after)}"


def _date(found: re.Match[str], end: str = "日") -> str:
    return f"{by_digit(found[1])}年{spoken_number(str(int(found[2])))}月{spoken_number(str(int(found[3])))}{end}"


@cache
def _rules() -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
    """In this order: what is longer or surer first."""
    words = spoken_words()
    calls, hotlines = "|".join(words["calls"]), "|".join(words["hotlines"])
    rules: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"(?<!\d)(\d{4})年(\d{1,2})月(\d{1,2})([日号])", lambda found: _date(found, found[4])),
        (r"(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", _date),
        (r"(?<!\d)((?:19|20)\d\d)年", lambda found: f"{by_digit(found[1])}年"),
        (rf"(?<!\d)({CLOCK}){TO}({CLOCK})(?!\d)", lambda found: f"{found[1]}到{found[2]}"),
        (rf"(?<!\d){CLOCK_PARTS}(?!\d)", lambda found: spoken_clock(found[1], found[2])),
        (
            rf"(?:{words['last_digits']})?\d*\*{{2,}}(\d{{2,}})[Xx]?",
            lambda found: f"{words['last_digits']}{by_digit(found[1])}",
        ),
        (r"(?<!\d)(?:0\d{2,3}[- ]?\d{7,8}|1[3-9]\d{9}|400[- ]?\d{3}[- ]?\d{4})(?!\d)", _telephone),
        (r"(?<![\d.])(?:12\d{3}|9[56]\d{3,4})(?![\d.]|[多余]?[元块万])", _telephone),
        (rf"(?:{calls})\s*(?:{hotlines})(?![\d.]|{'|'.join(words['measures'])})", _called),
        (rf"({NUMBER})\s*%", lambda found: f"百分之{spoken_number(found[1])}"),
        (rf"({NUMBER})\s*元\s*/\s*([年月天次人户亩件份])", lambda found: f"每{found[2]}{spoken_money(found[1])}"),
        (rf"({NUMBER})(?={TO}\d)(?=.{{1,12}}元){TO}({NUMBER})", _range),
        (rf"(?<![\d.])({NUMBER})\s*[元块](?!/)", lambda found: spoken_money(found[1])),
        (r"(?<![A-Za-z\d])[A-Za-z]+[-_]?\d[A-Za-z\d]*(?:[-_/.][A-Za-z\d]+)*", _code),
        (r"(?<!\d)\d{6,}[A-Za-z\d]*(?:[-_][A-Za-z\d]+)*", _code),
        (
            r"(?<![\d/])(\d{1,2})/(\d{1,3})(?![\d/])",
            lambda found: f"{spoken_number(found[2])}分之{spoken_number(found[1])}",
        ),
        (rf"({NUMBER}){TO}({NUMBER})", _range),
        (NUMBER, _count),
        (r"\d", lambda found: by_digit(found[0])),
    ]
    return [(re.compile(pattern), say) for pattern, say in rules]


def _telephone(found: re.Match[str]) -> str:
    return spoken_telephone(found[0])


def _called(found: re.Match[str]) -> str:
    return re.sub(r"\d+", lambda number: spoken_telephone(number[0]), found[0])
