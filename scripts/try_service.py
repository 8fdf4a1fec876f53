"""Try what an installed wheel serves: start an owner, ask for its page and the page's files."""

import urllib.request

from lessonbase import open_base


def main() -> None:
    """Fail unless the owner answers, and has templates, styles and scripts."""
    with open_base() as base:
        link = base.ticket()  # type: ignore[attr-defined]
        assert base.recall("retry a failed call", 1).hits
    origin = link.partition("/login")[0]
    for path in ("/login", "/static/page.css", "/static/htmx.min.js", "/health"):
        with urllib.request.urlopen(f"{origin}{path}", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200, path
    print(f"served by the wheel: {origin}")


if __name__ == "__main__":
    main()
