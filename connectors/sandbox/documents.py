"""Licences and results as PDF: a page with a frame, the headings and what stands under them, and the seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pylopdf_fonts_zh_cn

from connectors.sandbox.case_record import CHINA, leading
from connectors.sandbox.common_licences import said
from connectors.sandbox.matters import matters
from knowledge.household import Licence

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN, LABEL = 22.0, 46.0
RED = (184, 32, 32)


def licence_pdf(licence: Licence) -> bytes:
    """A licence with all that stands on it."""
    rows = {"证照编号": licence.number, "持证人": licence.holder, **licence.fields, "有效期限": _validity(licence)}
    return _page(licence.kind, rows.items(), licence.issued_by, licence.valid_from)


def result_pdf(case: Mapping[str, Any]) -> bytes:
    """What an approved case gives: 农村宅基地批准书 and the like."""
    matter = matters()[leading(case)]
    title = (matter.result or "办理结果通知书").split("（")[0]
    rows = {
        "办件编号": case["number"],
        "事项": case["bundle"]["name"] if case["bundle"] else matter.name,
        "申请人": case["applicant"]["name"],
        "结果": case["history"][-1]["text"],
    }
    return _page(title, rows.items(), matter.department, _day(case["history"][-1]["at"]))


def _page(title: str, rows: Iterable[tuple[str, str]], issuer: str, day: date | None) -> bytes:
    from fpdf import FPDF  # 20 MB that a service with its sandbox beside it needs only for this

    paper = FPDF(format="A4")
    paper.add_font("serif", "", pylopdf_fonts_zh_cn.serif_path())
    paper.set_title(title)
    paper.set_lang("zh-CN")
    paper.set_margins(MARGIN, MARGIN)
    paper.add_page()
    paper.set_draw_color(*RED)
    paper.set_line_width(0.8)
    paper.rect(12, 12, 186, 273)
    paper.set_font("serif", size=26)
    paper.cell(0, 34, title, align="C", new_x="LMARGIN", new_y="NEXT")
    _rows(paper, rows)
    _seal(paper, issuer, day)
    return bytes(paper.output())


def _rows(paper: FPDF, rows: Iterable[tuple[str, str]]) -> None:
    paper.set_draw_color(120, 120, 120)
    paper.set_line_width(0.2)
    paper.set_font("serif", size=13)
    with paper.table(col_widths=(LABEL, 166 - LABEL), line_height=9, first_row_as_headings=False, padding=1) as table:
        for label, text in rows:
            row = table.row()
            row.cell(label)
            row.cell(text)


def _seal(paper: FPDF, issuer: str, day: date | None) -> None:
    """The issuer, the day, and a ring for the seal; and that none of it is real."""
    paper.ln(14)
    top = paper.get_y()
    paper.cell(0, 9, issuer, align="R", new_x="LMARGIN", new_y="NEXT")
    if day:
        paper.cell(0, 9, said(day), align="R", new_x="LMARGIN", new_y="NEXT")
    paper.set_draw_color(*RED)
    paper.set_text_color(*RED)
    paper.set_line_width(1.0)
    paper.ellipse(150, top - 10, 36, 36)
    paper.set_font("serif", size=10)
    paper.text(158, top + 9.5, "模拟平台专用章")
    paper.set_text_color(90, 90, 90)
    paper.text(MARGIN, 279, "模拟平台生成，仅供测试，不是真实证照。")


def _validity(licence: Licence) -> str:
    since = said(licence.valid_from) if licence.valid_from else ""
    until = said(licence.valid_until) if licence.valid_until else "长期"
    return f"{since} 至 {until}" if since else until


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(CHINA).date()
