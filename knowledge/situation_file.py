"""Reading situations.yml: all that is wrong is said at once, with the file, the situation's code and the option."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from knowledge.checking import BadRows
from knowledge.formats.yaml_file import load
from knowledge.matter import Problem
from knowledge.situation import Bundle, Known, Situation, SituationOption, age_range, situation_of

MOST_QUESTIONS = 3
"""Questions one after the other; nobody answers more before they hear something useful."""

FEWEST_OPTIONS, MOST_OPTIONS = 2, 6
"""Answers to one question; 都不是 is added to them, and nobody keeps more than seven in mind."""

MOST_BUNDLED = 6
_LEADS = ("matter", "bundle", "office", "question")
_TEXTS = ("label", "means", "matter", "office", "outcome", "question")
_SIGNS = frozenset(".:")  # they part a choice's id


def read_situations(path: Path) -> list[Situation]:
    """The situations of a file, in its order. Raises BrokenFile, FileNotFoundError, BadRows with all that is wrong."""
    records = load(path) or []
    if problems := list(problems_of(records, path.name)):
        raise BadRows(problems)
    return [situation_of(record) for record in records]


def problems_of(records: Any, file: str) -> Iterator[Problem]:
    """What is wrong with the content of a file of that name."""
    if not isinstance(records, list):
        yield Problem(file, "里面不是情形的列表")
        return
    seen: set[str] = set()
    for number, record in enumerate(records, 1):
        code = record.get("code") if isinstance(record, Mapping) else None
        place = f"{file} {code if _is_text(code) else f'第 {number} 个情形'}"
        reasons = _situation(record) if isinstance(record, Mapping) else ["不是一个情形"]
        yield from (Problem(place, reason) for reason in reasons)
        if str(code) in seen:
            yield Problem(place, "编码重复")
        if isinstance(record, Mapping):
            seen.add(str(code))
            yield from _asked(record, place, 1, ())


def unknown_matters(situations: Iterable[Situation], codes: frozenset[str], file: str) -> list[Problem]:
    """The options that lead to a matter which is not among the `codes`."""
    return [
        Problem(_named(f"{file} {situation.code}", path), f"没有 {code} 这个事项")
        for situation in situations
        for path, option in _walked(situation.options)
        for code in ((option.matter,) if option.matter else option.bundle.matters if option.bundle else ())
        if code not in codes
    ]


def _situation(record: Mapping[Any, Any]) -> Iterator[str]:
    code, sayings = record.get("code"), record.get("sayings")
    if not _is_text(code) or _SIGNS & set(str(code)):
        yield "code 要写编码，里面不能有点和冒号"
    if not _is_text(record.get("name")):
        yield "没有写 name"
    if not _are_texts(sayings):
        yield "sayings 要写至少一句居民的话"
    yield from _unknown_keys(record, {field.name for field in fields(Situation)})


def _asked(record: Mapping[Any, Any], place: str, depth: int, path: tuple[int, ...]) -> Iterator[Problem]:
    """What is wrong with a question and its answers."""
    here, options = _named(place, path), record.get("options")
    if not _is_text(record.get("question")):
        yield Problem(here, "question 是空的")
    if not isinstance(options, list) or not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        yield Problem(here, f"options 要有 {FEWEST_OPTIONS} 到 {MOST_OPTIONS} 个选项")
        return
    if depth > MOST_QUESTIONS:
        yield Problem(here, f"一连问了 {depth} 个问题，最多 {MOST_QUESTIONS} 个")
        return
    labels = [option.get("label") for option in options if isinstance(option, Mapping)]
    if len(set(map(str, labels))) < len(labels):
        yield Problem(here, "有两个选项的 label 一样")
    for number, option in enumerate(options):
        yield from _option(option, place, depth, (*path, number))


def _option(record: Any, place: str, depth: int, path: tuple[int, ...]) -> Iterator[Problem]:
    if not isinstance(record, Mapping):
        yield Problem(_named(place, path), "不是一个选项")
        return
    yield from (Problem(_named(place, path), reason) for reason in _reasons(record))
    if "question" in record or "options" in record:
        yield from _asked(record, place, depth + 1, path)


def _reasons(record: Mapping[Any, Any]) -> Iterator[str]:
    if not _is_text(record.get("label")):
        yield "没有写 label"
    yield from (f"{key} 要写一句话" for key in _TEXTS[1:-1] if key in record and not _is_text(record[key]))
    leads = [key for key in _LEADS if key in record]
    if not leads and "outcome" not in record:
        yield "没有结果：要有 matter、bundle、office、outcome、question 中的一个"
    if len(leads) > 1 or ("outcome" in record and leads not in ([], ["office"])):
        yield f"结果不止一个：{'、'.join([*leads, *(['outcome'] if 'outcome' in record else [])])}"
    yield from _unknown_keys(record, {field.name for field in fields(SituationOption)})
    if "bundle" in record:
        yield from _bundle(record["bundle"])
    if "known" in record:
        yield from _known(record["known"])


def _bundle(record: Any) -> Iterator[str]:
    whole = isinstance(record, Mapping) and _is_text(record.get("name")) and _are_texts(record.get("matters"))
    if not whole or not 2 <= len(record["matters"]) <= MOST_BUNDLED:
        yield f"bundle 要有 name，matters 要有 2 到 {MOST_BUNDLED} 个事项编码"
    else:
        yield from _unknown_keys(record, {field.name for field in fields(Bundle)})


def _known(record: Any) -> Iterator[str]:
    if not isinstance(record, Mapping) or not ({"says", "age"} & set(record)):
        yield "known 要有 says 或 age"
        return
    yield from _unknown_keys(record, {field.name for field in fields(Known)})
    for key in ("says", "unless"):
        if key in record and not _are_texts(record[key]):
            yield f"known 的 {key} 要写几句话"
    try:
        age_range(str(record.get("age", ">=0")))
    except ValueError:
        yield f'known 的 age 看不懂：{record["age"]}，要像 ">=80" 这样写'


def _walked(options: Iterable[SituationOption], above: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    for number, option in enumerate(options):
        yield (*above, number), option
        yield from _walked(option.options, (*above, number))


def _unknown_keys(record: Mapping[Any, Any], known: set[str]) -> Iterator[str]:
    yield from (f"不认识 {key}" for key in record if key not in known)


def _named(place: str, path: tuple[int, ...]) -> str:
    return f"{place} 选项 {'.'.join(str(number + 1) for number in path)}" if path else place


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))
