"""`bangban chat` and Rasa's own tools on our files."""

from __future__ import annotations

from pathlib import Path

from tests.commands.command_line import bangban


def test_a_conversation_in_the_terminal_finds_a_matter_and_takes_a_number(model_dir: Path) -> None:
    done = bangban("chat", "--data-dir", str(model_dir), said="我要修房子\n1\n要带什么\n/quit\n".encode())
    assert done.code == 0, done.error
    assert "农村村民宅基地审批" in done.out
    assert "户口簿" in done.out


def test_rasas_own_validation_finds_nothing_wrong(model_dir: Path) -> None:
    done = bangban("rasa", "data", "validate")
    assert done.code == 0, done.out[-2000:] + done.error[-2000:]


def test_rasas_own_stories_pass(model_dir: Path, tmp_path: Path) -> None:
    model = str(model_dir / "model.tar.gz")
    done = bangban("rasa", "test", "core", "--model", model, "--out", str(tmp_path), "--fail-on-prediction-errors")
    assert done.code == 0, done.out[-2000:] + done.error[-2000:]
