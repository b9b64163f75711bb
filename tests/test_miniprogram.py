"""The mini program: its logic and its page, by Node's test runner, and the files that WeChat's tools read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "connectors" / "miniprogram"


def test_its_logic_and_its_page_do_what_they_say() -> None:
    run = subprocess.run(
        ["node", "--test"], cwd=ROOT / "tests" / "miniprogram", capture_output=True, text=True, check=False, timeout=110
    )

    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "# fail 0" in run.stdout and "# skipped 0" in run.stdout


def test_every_page_that_it_names_is_there_whole() -> None:
    pages = json.loads((PROGRAM / "app.json").read_text("utf-8"))["pages"]

    missing = [
        f"{page}{end}"
        for page in pages
        for end in (".js", ".json", ".wxml", ".wxss")
        if not (PROGRAM / f"{page}{end}").is_file()
    ]

    assert pages and missing == []


def test_its_buttons_say_the_words_of_its_list() -> None:
    words = (PROGRAM / "lib" / "words.js").read_text("utf-8")
    template = (PROGRAM / "pages/chat/chat.wxml").read_text("utf-8")

    for said in ("长辈版", "标准版", "按住说话", "正在听，说完松开", "朗读", "紧急情况"):
        assert said in words and said in template


def test_it_holds_no_account_of_anybody() -> None:
    project = json.loads((PROGRAM / "project.config.json").read_text("utf-8"))

    assert project["appid"] == "touristappid"
    assert "example.cn" in (PROGRAM / "config.js").read_text("utf-8")
