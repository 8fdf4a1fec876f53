"""What docs/analysis.md shows is code that runs."""

import re
from pathlib import Path

import pytest

import lessonbase
from lessonbase.analysis.seeded import seed

PAGE = Path(__file__).parents[3] / "docs" / "analysis.md"


@pytest.mark.slow
def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the seed: a line for each group, with its size and how far it can be trusted."""
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    with lessonbase.open_base(tmp_path, embedded=True, create=True) as base:
        seed(base)
    code = example[1].replace("open_base()", f"open_base({str(tmp_path)!r}, embedded=True)")

    exec(code, {})

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 10
    assert all(re.fullmatch(r" *\d+  [01]\.\d\d  \S.*", line) for line in lines)


def test_every_module_that_it_names_is_there() -> None:
    """And has the functions."""
    for module, name in re.findall(r"`(\w+)\.(\w+)`", PAGE.read_text(encoding="utf-8")):
        if module != "lessonbase":
            found = __import__(f"lessonbase.analysis.{module}", fromlist=[name])
            assert hasattr(found, name), (module, name)
