"""The session in the README is what a terminal shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_session_is_what_a_terminal_shows(tmp_path: Path) -> None:
    """Each command works, and each line shown after it is in what it prints."""
    session = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert session is not None
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "LESSONBASE_HOME": str(tmp_path / "base")}
    steps = re.split(r"^\$ ", session[1], flags=re.MULTILINE)[1:]
    assert len(steps) >= 5
    for step in steps:
        command, *shown = step.splitlines()
        ran = subprocess.run(
            command, shell=True, env=environment, capture_output=True, text=True, check=True
        )
        printed = [about(line) for line in (ran.stdout + ran.stderr).splitlines()]
        for line in shown:
            assert line.strip() == "…" or about(line) in printed, command


def about(line: str) -> str:
    """*line* with relevances to one decimal: vectors differ a little between kinds of processor."""
    return re.sub(r"\b(0\.\d)\d\b", r"\1", line)


def test_the_python_example_runs(tmp_path: Path) -> None:
    """It is code, not prose."""
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example is not None
    code = example[1].replace("open_base()", "open_base(path, create=True, embedded=True)")

    exec(code, {"path": str(tmp_path)})


def test_it_is_short_and_its_links_lead_somewhere() -> None:
    """Under 150 lines; every relative link is a file."""
    assert len(README.splitlines()) < 150
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("http") or (ROOT / link).exists(), link
