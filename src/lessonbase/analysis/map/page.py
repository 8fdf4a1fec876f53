"""The map as one HTML file, and its parts for a page that others serve.

Every text in it is somebody else's. It is put into the file as JSON that cannot end its element,
and the script puts it on the page as text only; a policy in the file lets nothing else run and
nothing be asked for, should either fail.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lessonbase.analysis.map.contents import contents
from lessonbase.analysis.map.points import ClusterName, Point
from lessonbase.errors import InvalidInput

# In the order in which they build on one another; joined, they are one script.
_SCRIPTS: Final = (
    *("texts", "data", "search", "colours", "shapes", "view", "labels", "stamps", "drawing"),
    *("card", "list", "legend", "times", "pointer", "keys", "start"),
)
# What could end a script element or start a comment in it, and what older readers of JavaScript
# take for the end of a line.
_UNSAFE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in ("<", ">", "&", "\u2028", "\u2029")}
_LINK: Final = re.compile(r"(?:https?://[^\s\"'<>\\]+|/(?!/)[^\s\"'<>\\]*)")


def render(
    points: Sequence[Point],
    names: Iterable[ClusterName] = (),
    *,
    title: str,
    made_at: datetime,
    link: str | None = None,
) -> str:
    """The whole map as one HTML file that asks nobody for anything.

    Args:
        points: The records; see `Point`.
        names: Of their groups; see `ClusterName`.
        title: Heading of the page.
        made_at: When it was made; told on the page.
        link: Address of a record's page with ``{id}`` where its id goes, such as
            ``http://localhost:8765/records/{id}``; without one, cards have no link.

    Raises:
        InvalidInput: If *link* is no http(s) address or path, or has no ``{id}``.

    >>> from datetime import datetime
    >>> "</script><b>" in render([], title="</script><b>", made_at=datetime(2026, 1, 1))
    False
    """
    data = contents(points, names, made_at=made_at, link=_checked(link))
    shown_style, shown_script = frame() + style(), script()
    policy = (
        f"default-src 'none'; script-src '{_digest(shown_script)}'; "
        f"style-src '{_digest(shown_style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    # Filled in one pass: a text that holds another's mark is not filled again.
    parts = {
        "policy": policy,
        "title": html.escape(title),
        "style": shown_style,
        "body": body(),
        "data": _embedded(data),
        "script": shown_script,
    }
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: parts[found[1]], _read("page.html"))


def body(source: str | None = None) -> str:
    """The map's own elements, without data, style or script, for a page of a server.

    Args:
        source: Address of the JSON of `contents`, on the same server; none if the page holds it
            in an element ``map-data``.
    """
    told = f' data-source="{html.escape(source)}"' if source else ""
    return _read("body.html").replace("{{ source }}", told)


@cache
def script() -> str:
    """The whole script; it starts by itself once the page is read."""
    parts = "\n".join(_read(f"scripts/{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def style() -> str:
    """The style of the map's own elements; it uses the colours that the site's page names."""
    return _read("styles/map.css")


@cache
def frame() -> str:
    """The colours and controls of the site, for a file that stands alone."""
    return _read("styles/frame.css")


def _checked(link: str | None) -> str | None:
    """*link*, if a page may offer it."""
    if link is not None and not (_LINK.fullmatch(link) and "{id}" in link):
        raise InvalidInput(
            f"{link!r} is no address of records",
            hint="for example http://localhost:8765/records/{id}",
        )
    return link


def _embedded(data: Mapping[str, Any]) -> str:
    """*data* as JSON that stays inside of its element, whatever its texts say."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def _digest(text: str) -> str:
    """How a policy names a script or style of this very text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
