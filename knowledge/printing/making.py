"""A printout as a file.

The libraries that draw it take 30 MB: they are loaded with the first printout, not with the service.
"""

from __future__ import annotations

from knowledge.printing.printout import Printout


def pdf_of(printout: Printout) -> bytes:
    """The printout as PDF, with its font inside."""
    from knowledge.printing.pdf import drawn

    return drawn(printout)


def docx_of(printout: Printout) -> bytes:
    """The printout as Word document."""
    from knowledge.printing.docx import typed

    return typed(printout)
