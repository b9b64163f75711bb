"""The service starts without the libraries that only single pages of it need: they are a third of its memory."""

from __future__ import annotations

import subprocess
import sys

SELDOM_NEEDED = ("docx", "fontTools", "fpdf", "openpyxl", "sklearn", "tensorflow")
PROGRAM = f"""
import sys
from bot.standins import Standin, install
install(serving=True)
import bot.app, connectors.sandbox.app
loaded = [name for name in {SELDOM_NEEDED!r} if name in sys.modules and not isinstance(sys.modules[name], Standin)]
print(loaded)
"""


def test_a_service_and_its_sandbox_start_without_printing_workbooks_or_training() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.strip() == "[]"
