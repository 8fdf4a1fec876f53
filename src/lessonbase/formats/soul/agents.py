"""Whose soul a file is part of: asked of the files beside it, its title, its folder.

Every file of one folder should give the same name, so what speaks for all of them is asked first:
soul.json, then the file's own front matter and title, then SOUL.md and IDENTITY.md beside it.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from pydantic import JsonValue

from lessonbase.formats.parsed import Beside
from lessonbase.formats.soul.entry import Scan
from lessonbase.formats.soul.nodes import read_json, text_at
from lessonbase.formats.soul.placeholders import is_placeholder

UNNAMED: Final = "unnamed"
_NAME_LIMIT: Final = 100
_NAME_WORDS: Final = 5
# Titles and folders that name the sort of file, not the agent.
_GENERIC_NAMES: Final = (
    "soul souls identity style memory memories rules user agents agent tools readme heartbeat "
    "template persona personas workspace config configs docs documents data real tmp who-am-i "
    "who-are-you who-you-are your-name"
)
_GENERIC: Final = frozenset(_GENERIC_NAMES.split())
_CUT: Final = re.compile(r"\s+[—–|-]+\s+|\s*[:(|]|\s*—\s*")
_BEFORE_NAME: Final = re.compile(
    r"(?:the\s+)?(?:soul|identity|persona)(?:\.md)?(?:\s+of\s+|\s*[:—–|-]+\s*)", re.IGNORECASE
)
_UNSAFE: Final = re.compile(r"[^a-z0-9._@]+")
_FILE_NAME: Final = re.compile(r"\.(?:md|json|soul|template|oos)(?=\.|$)", re.IGNORECASE)


def slug(name: str) -> str:
    """*name* as the name of an agent; empty, if there is nothing in it to make one of.

    >>> slug("Agent B"), slug("Zoë"), slug("[Your Name]")
    ('agent-b', 'zoe', 'your-name')
    """
    ascii_only = unicodedata.normalize("NFKD", name[:1000]).encode("ascii", "ignore").decode()
    plain = _UNSAFE.sub("-", ascii_only.casefold()).strip("-._@")[:_NAME_LIMIT].rstrip("-._@")
    if not plain and any(sign.isalpha() for sign in name):
        # A name in letters that have no counterpart: told apart, if not readable.
        return (
            f"agent-{hashlib.blake2b(name.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"
        )
    return plain


def titled(title: str) -> str:
    """The name in the title of a soul file; empty, if it names none.

    >>> titled("Agent B — Development Partner"), titled("SOUL.md - Who You Are")
    ('Agent B', '')
    >>> titled("Soul of Iris")
    'Iris'
    """
    if is_placeholder(title):
        return ""
    bare = _BEFORE_NAME.sub("", title, count=1) if _BEFORE_NAME.match(title) else title
    name = _CUT.split(bare.strip(), maxsplit=1)[0].strip()
    words = slug(name).split("-")
    # The title of a template is about the file, however it is put.
    about = len(words) > _NAME_WORDS or not {"template", "configuration"}.isdisjoint(words)
    return "" if about or _is_generic(name) else name


def from_path(name: str) -> str:
    """The agent that the path of a file names; empty, if it names none.

    >>> from_path("souls/claude.json"), from_path("agents/iris/SOUL.md"), from_path("SOUL.md")
    ('claude', 'iris', '')
    """
    path = PurePosixPath(name.replace("\\", "/"))
    steps = [_FILE_NAME.sub("", path.name), *reversed(path.parent.parts)]
    return next((step for step in steps if not _is_generic(step)), "")


def named_beside(beside: Beside) -> str:
    """The name that soul.json beside a file gives; empty, if there is none."""
    text = beside("soul.json")
    if text is None:
        return ""
    try:
        root = read_json(text)
    except ValueError:
        return ""  # it says so itself, when it is read
    return text_at(root, "name") or text_at(root, "displayName")


def named_in(scan: Scan) -> Iterator[str]:
    """Names that a Markdown file gives its agent, the surest first."""
    yield from (_text(scan.metadata.get(key)) for key in ("agent", "name", "displayName"))
    yield titled(scan.title)
    for entry in scan.entries:
        if slug(entry.key) == "name":
            yield titled(entry.statement.partition(":")[2].strip())


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) and not is_placeholder(value) else ""


def _is_generic(name: str) -> bool:
    plain = slug(_FILE_NAME.sub("", name))
    return plain in _GENERIC or not plain
