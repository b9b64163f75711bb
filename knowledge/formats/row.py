"""One row of a file, and what can be wrong with a file as a whole. Messages are for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A matter as the file has it: `values` under the file's own headings, and where it stands.

    `partial`: the file is a table, and what it has no column for stays as it is in the catalogue.
    `refused`: why the reader could make nothing of it.
    """

    place: str
    values: dict[str, Any]
    partial: bool = False
    refused: str = ""


class BrokenFile(Exception):
    """The file as a whole cannot be read."""

    sentence = "文件读不了"

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(f"{path.name}:{self.sentence}" + (f"({detail})" if detail else ""))
        self.path = path


class FileMissing(BrokenFile):
    """There is no such file."""

    sentence = "没有这个文件"


class UnknownFormat(BrokenFile):
    """The ending is none that we read and write."""

    sentence = "不认识的文件格式,只能是 .yaml .yml .json .csv .xlsx"


class EmptyFile(BrokenFile):
    """There is no matter in it."""

    sentence = "文件里没有事项"


class FileTooLarge(BrokenFile):
    """The file, or what it unpacks to, is larger than any catalogue."""

    sentence = "文件太大"


class BrokenArchive(BrokenFile):
    """An .xlsx that is no workbook."""

    sentence = "不是完整的 Excel 工作簿,请用 Excel 另存为 .xlsx 再试"


class UnknownEncoding(BrokenFile):
    """Neither UTF-8 nor GB 18030."""

    sentence = "文字编码不对,请存成 UTF-8 或 GB18030"


class BrokenSyntax(BrokenFile):
    """No YAML, JSON or CSV; the detail names the line."""

    sentence = "格式有错"


class NotAList(BrokenFile):
    """The YAML or JSON holds something else than matters."""

    sentence = "里面不是事项的列表"


class NoHeading(BrokenFile):
    """No row of the table's beginning names our or the national fields."""

    sentence = "找不到表头,表头里要有“事项名称”和“事项编码”或“实施编码”"


class TwoMatterSheets(BrokenFile):
    """Two sheets hold matters, and it is not said which counts."""

    sentence = "有不止一个工作表像事项表,请只留一个"


class TextTooLong(BrokenFile):
    """A cell of a workbook holds at most 32,767 characters."""

    sentence = "有一格文字超过 Excel 的 32767 字上限,请改用 .yaml 或 .json"
