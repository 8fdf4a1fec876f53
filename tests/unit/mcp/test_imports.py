import subprocess
import sys

import pytest

HEAVY = "chromadb numpy onnxruntime tantivy tokenizers sqlalchemy alembic fastapi typer"


def loaded(module: str, names: str) -> str:
    """Which of *names* are imported with *module*, in an interpreter of its own."""
    code = (
        f"import sys, {module}; print(*sorted(set({names.split()!r}) & set(sys.modules)), end='')"
    )
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("module", ["lessonbase.mcp.server", "lessonbase.mcp.stdio"])
def test_nothing_that_a_base_is_made_of_is_imported_with_the_server(module: str) -> None:
    """A client is answered before stores and encoder are loaded."""
    assert loaded(module, HEAVY) == ""


def test_the_sdk_is_not_imported_before_the_first_request() -> None:
    """An owner that no MCP client asks spends neither time nor memory on the SDK."""
    assert loaded("lessonbase.mcp.http", f"mcp mcp_types {HEAVY}") == ""
