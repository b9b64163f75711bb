"""What `scripts/serve` installs is enough: nothing that runs comes from the tools of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.command_line import ROOT


def test_the_program_runs_on_its_own_dependencies_alone(model_dir: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("no uv on the path")
    (tmp_path / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    ended = subprocess.run(
        [uv, "run", "--isolated", "--no-dev", "--frozen", "python", "-m", "bot", "chat", "--data-dir", str(tmp_path)],
        input="怎么申请低保\n".encode(),
        capture_output=True,
        cwd=ROOT,
        env=environment,
        check=False,
        timeout=110,
    )
    assert ended.returncode == 0, ended.stderr.decode()[-2000:]
    assert "最低生活保障" in ended.stdout.decode()
